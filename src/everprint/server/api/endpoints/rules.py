"""Rules: what becomes of jobs of some kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.contract.rules import MINUTES_A_DAY, Action, Conditions, Limit, Measure, Span, Whose
from everprint.documents.result import Language
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import AmountFromZero, Body, Flag, Id, Money, Name, ShortText
from everprint.server.api.problem import Refused
from everprint.server.charging.models import SharedAccount
from everprint.server.pages.views.rules import in_words
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer
from everprint.server.rules.models import Rule
from everprint.server.rules.past_jobs import DAYS, MOST_DAYS, MOST_JOBS, MOST_SHOWN, dry_run
from everprint.server.rules.rows import all_rules, conditions_of
from everprint.server.rules.setting import Wanted, add_rule, change_rule, remove_rule, values_of

area = Area("Rules")
Row = TypeVar("Row", bound=Model)

Figure = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Octets = Annotated[int, Field(strict=True, ge=0, le=2**50)]
Minute = Annotated[int, Field(strict=True, ge=0, le=MINUTES_A_DAY, description="Of the day, by the local time")]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7, description="1 is Monday")]
Part = Annotated[ShortText, Field(min_length=1, max_length=100)]
Ids = Annotated[list[Annotated[Id, Field(strict=True)]], Field(max_length=200)]


class LimitRecord(BaseModel):
    """Fulfilled if more than so much is printed in a day, week or month, with the job itself."""

    measure: Measure
    span: Span
    whose: Whose
    most: Money


class LimitWanted(Body):
    """The same, as it shall be."""

    measure: Measure
    span: Span
    whose: Whose = Whose.PERSON
    most: AmountFromZero


class ConditionsRecord(BaseModel):
    """What must hold of a job, all of it; null and empty: whatever it is."""

    pages_over: int | None
    copies_over: int | None
    sheets_over: int | None
    octets_over: int | None
    cost_over: Money | None
    colour: bool | None
    one_sided: bool | None
    name_has: list[str]
    languages: list[str]
    media: list[str]
    weekdays: list[int]
    from_minute: int | None
    until_minute: int | None
    limit: LimitRecord | None


class ConditionsWanted(Body):
    """The same, as it shall be."""

    pages_over: Figure | None = None
    copies_over: Figure | None = None
    sheets_over: Figure | None = None
    octets_over: Octets | None = None
    cost_over: AmountFromZero | None = None
    colour: Flag | None = None
    one_sided: Flag | None = None
    name_has: list[Part] = Field([], max_length=50)
    languages: list[Language] = Field([], max_length=50)
    media: list[Part] = Field([], max_length=50)
    weekdays: list[Weekday] = Field([], max_length=7)
    from_minute: Minute | None = None
    until_minute: Minute | None = None
    limit: LimitWanted | None = None


class RuleRecord(BaseModel):
    """A rule."""

    id: Id
    name: str
    sentence: str = Field(description="The rule in words")
    position: int
    is_active: bool
    action: Action
    message: str
    redirect_to: Id | None
    charge_to: Id | None = Field(description="Of a rule that lets through: the shared account that pays")
    everywhere: bool = Field(description="On all printers")
    everybody: bool = Field(description="For everybody's jobs")
    printers: list[Id]
    users: list[Id]
    groups: list[Id]
    except_users: list[Id]
    except_groups: list[Id]
    conditions: ConditionsRecord


class RuleWanted(Body):
    """A rule as it shall be; what is left out has the default that the web page has."""

    name: Annotated[Name, Field(max_length=100)]
    action: Action
    position: Annotated[int, Field(strict=True, ge=-1000, le=1000)] = 0
    is_active: Flag = True
    message: ShortText = ""
    redirect_to: Annotated[Id, Field(strict=True)] | None = None
    charge_to: Annotated[Id, Field(strict=True)] | None = Field(
        None, description="Of a rule that lets through: the shared account that pays, whatever is chosen"
    )
    printers: Ids = Field([], description="None: on all")
    users: Ids = Field([], description="No users and no groups: for everybody")
    groups: Ids = Field([])
    except_users: Ids = Field([], description="Whom it is not for, whatever group they are in")
    except_groups: Ids = Field([])
    conditions: ConditionsWanted = Field(default_factory=lambda: ConditionsWanted.model_validate({}))


class DryRunAsked(BaseModel):
    """Which rules, and how far back."""

    rule: list[Id] = Field([], max_length=200, description="None: those in use")
    days: int = Field(DAYS, ge=1, le=MOST_DAYS)


class RuleCount(BaseModel):
    """How many jobs a rule would have had something to do with, before any other."""

    rule: Id
    name: str
    jobs: int


class TriedJob(BaseModel):
    """What would have become of a job."""

    job: Id = Field(description="Its number")
    rule: Id
    action: Action
    message: str


class DryRunRecord(BaseModel):
    """What rules would have done."""

    since: datetime
    jobs: int = Field(description=f"That were looked at, at most {MOST_JOBS}")
    is_cut: bool = Field(description="There were more; the newest were looked at")
    untouched: int = Field(description="Jobs that no rule had anything to do with")
    by_rule: list[RuleCount]
    newest: list[TriedJob] = Field(description=f"Of the others the newest, at most {MOST_SHOWN}")


@area.get("", list[RuleRecord], needs=Permission.VIEW_PRINTERS)
def list_rules(request: HttpRequest) -> list[RuleRecord]:
    """List all rules in their order; there are at most 200."""
    return [_record(rule) for rule in all_rules()]


@area.post("", RuleRecord, needs=Permission.MANAGE_PRINTERS, status=HTTPStatus.CREATED)
def make_a_rule(request: HttpRequest, wanted: RuleWanted, response: HttpResponse) -> RuleRecord:
    """Make a rule."""
    return _with_tag(add_rule(_wanted(wanted)), response)


@area.get("/dry-run", DryRunRecord, needs=Permission.VIEW_JOBS)
def try_rules_on_past_jobs(request: HttpRequest, asked: Query[DryRunAsked]) -> DryRunRecord:
    """Say what rules would have done with the jobs of the last days."""
    rules = _rows(Rule.objects.all(), asked.rule, "rule")
    chosen = all_rules().filter(pk__in=[rule.pk for rule in rules]) if rules else all_rules().filter(is_active=True)
    run = dry_run(list(chosen), asked.days)
    return DryRunRecord(
        since=run.since,
        jobs=run.jobs,
        is_cut=run.is_cut,
        untouched=run.untouched,
        by_rule=[RuleCount(rule=rule.pk, name=rule.name, jobs=jobs) for rule, jobs in run.by_rule],
        newest=[
            TriedJob(
                job=outcome.job.number, rule=outcome.verdict.rule.id, action=outcome.verdict.action,
                message=outcome.verdict.message,
            )
            for outcome in run.newest if outcome.verdict is not None
        ],
    )  # fmt: skip


@area.get("/{int:rule_id}", RuleRecord, needs=Permission.VIEW_PRINTERS)
def get_rule(request: HttpRequest, rule_id: Id, response: HttpResponse) -> RuleRecord:
    """Get one rule; the answer has an ETag."""
    return _with_tag(get_object_or_404(all_rules(), pk=rule_id), response)


@area.put("/{int:rule_id}", RuleRecord, needs=Permission.MANAGE_PRINTERS)
def set_a_rule(
    request: HttpRequest, rule_id: Id, wanted: RuleWanted, response: HttpResponse, if_match: IfMatch
) -> RuleRecord:
    """Set all of a rule; with If-Match, only if nobody else changed it meanwhile."""
    rule = get_object_or_404(Rule, pk=rule_id)
    try:
        return _with_tag(change_rule(rule, _wanted(wanted), seen(if_match)), response)
    except Rule.DoesNotExist:
        raise Http404 from None


@area.delete("/{int:rule_id}", needs=Permission.MANAGE_PRINTERS)
def remove_a_rule(request: HttpRequest, rule_id: Id) -> None:
    """Remove a rule; jobs that it held stay held until somebody releases them."""
    remove_rule(get_object_or_404(Rule, pk=rule_id))


def _wanted(said: RuleWanted) -> Wanted:
    printers = Printer.objects.filter(is_active=True)
    target = _rows(printers, [said.redirect_to], "printer") if said.redirect_to is not None else []
    paying = _rows(SharedAccount.objects.all(), [said.charge_to], "account") if said.charge_to is not None else []
    return Wanted(
        name=said.name,
        action=said.action,
        conditions=_conditions(said.conditions),
        printers=_rows(printers, said.printers, "printer"),
        users=_rows(User.objects.all(), said.users, "user"),
        groups=_rows(Group.objects.all(), said.groups, "group"),
        except_users=_rows(User.objects.all(), said.except_users, "user"),
        except_groups=_rows(Group.objects.all(), said.except_groups, "group"),
        message=said.message,
        redirect_to=target[0] if target else None,
        charge_to=paying[0] if paying else None,
        position=said.position,
        is_active=said.is_active,
    )


def _conditions(said: ConditionsWanted) -> Conditions:
    limit = said.limit
    return Conditions(
        pages_over=said.pages_over,
        copies_over=said.copies_over,
        sheets_over=said.sheets_over,
        octets_over=said.octets_over,
        cost_over=said.cost_over,
        colour=said.colour,
        one_sided=said.one_sided,
        name_has=tuple(said.name_has),
        languages=tuple(language.value for language in said.languages),
        media=tuple(said.media),
        weekdays=tuple(said.weekdays),
        from_minute=said.from_minute,
        until_minute=said.until_minute,
        limit=None if limit is None else Limit(
            measure=limit.measure, span=limit.span, most=Decimal(limit.most), whose=limit.whose
        ),
    )  # fmt: skip


def _rows(offered: QuerySet[Row], ids: Sequence[int], kind: str) -> list[Row]:
    found = list(offered.filter(pk__in=ids))
    missing = sorted(set(ids) - {row.pk for row in found})
    if missing:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"no-such-{kind}", f"There is no {kind} {missing[0]}.")
    return found


def _record(rule: Rule) -> RuleRecord:
    asked = conditions_of(rule)
    limit = asked.limit
    parts = {name: getattr(asked, name) for name in asked.__struct_fields__}
    shown = None
    if limit is not None:
        shown = LimitRecord(measure=limit.measure, span=limit.span, whose=limit.whose, most=limit.most)
    return RuleRecord(
        id=rule.pk,
        name=rule.name,
        sentence=in_words(rule),
        position=rule.position,
        is_active=rule.is_active,
        action=Action(rule.action),
        message=rule.message,
        redirect_to=rule.redirect_to_id,
        charge_to=rule.charge_to_id,
        everywhere=rule.everywhere,
        everybody=rule.everybody,
        printers=sorted(row.pk for row in rule.printers.all()),
        users=sorted(row.pk for row in rule.users.all()),
        groups=sorted(row.pk for row in rule.groups.all()),
        except_users=sorted(row.pk for row in rule.except_users.all()),
        except_groups=sorted(row.pk for row in rule.except_groups.all()),
        conditions=ConditionsRecord.model_validate({**parts, "limit": shown}),
    )


def _with_tag(rule: Rule, response: HttpResponse) -> RuleRecord:
    tag(response, values_of(rule))
    return _record(rule)

"""Rules: what becomes of jobs of some kind. A pure evaluator, shared by the server and a provider that decides alone.

Rules are looked at in their order, and the first that has something to do decides; then the job is looked at anew, if
it goes on (changed, released, in another queue). A rule has nothing to do with a job that is already as it wants it:
in grey, on both sides, released since it held it, redirected before. So every job comes to an end of its rules.

A figure that is not known is neither more nor less than anything: a condition on it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from everprint.documents.imposition import FORCE_GREY
from everprint.documents.ticket import SidesKeyword

MINUTES_A_DAY = 24 * 60


class Action(StrEnum):
    """What a rule does with a job that its conditions hold for."""

    ALLOW = "allow"  # no later rule is looked at; it may say which account pays
    REFUSE = "refuse"
    GREY = "grey"
    TWO_SIDED = "two-sided"
    HOLD = "hold"
    CONFIRM = "confirm"  # held until its owner has read why and releases it
    REDIRECT = "redirect"


class Measure(StrEnum):
    """What is counted of what somebody prints."""

    JOBS = "jobs"
    SHEETS = "sheets"
    SIDES = "sides"
    COLOUR_SIDES = "colour-sides"
    COST = "cost"


class Span(StrEnum):
    """A stretch of the calendar, by the local time of whoever decides; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Whose(StrEnum):
    """Who printed what is counted."""

    PERSON = "person"  # the job's owner
    GROUP = "group"  # all members of one of the groups that the rule is for


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Fulfilled if what was printed in this day, week or month, together with the job, is more than `most`."""

    measure: Measure
    span: Span
    most: Decimal
    whose: Whose = Whose.PERSON


class People(msgspec.Struct, frozen=True, kw_only=True):
    """Some people, in the server's spelling."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Conditions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that are set must hold. What is set as *over* does not hold for the figure itself."""

    pages_over: int | None = None  # of the document
    copies_over: int | None = None
    sheets_over: int | None = None
    octets_over: int | None = None
    cost_over: Decimal | None = None
    colour: bool | None = None  # True: it has a side in colour; False: it has none
    one_sided: bool | None = None
    name_has: tuple[str, ...] = ()  # one of these is in the job's name, whatever the case
    languages: tuple[str, ...] = ()  # what analysis found the document to be (documents.languages)
    media: tuple[str, ...] = ()  # one of its papers is one of these (PWG 5101.1 names)
    weekdays: tuple[int, ...] = ()  # 1 is Monday (ISO 8601)
    from_minute: int | None = None  # of the day; with `until_minute`, which is not in it, and may be earlier
    until_minute: int | None = None
    limit: Limit | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule. `message` is for the job's owner; `queue` is where REDIRECT sends it, of the same provider; `account`
    is the shared account that ALLOW has it charged to, which only the server can do: providers are not told of it."""

    id: int
    name: str
    action: Action
    conditions: Conditions = Conditions()
    people: People | None = None  # None: everybody
    except_people: People | None = None
    message: str = ""
    queue: str = ""
    account: str = ""


class NotKnownHere(Exception):
    """Whoever evaluates cannot know what was printed before: somebody else must decide."""


def no_limit_known(limit: Limit) -> Decimal:
    """For whoever does not know what anybody printed. Raises NotKnownHere."""
    raise NotKnownHere(f"what was printed in this {limit.span} before")


@dataclass(frozen=True, slots=True)
class JobLook:
    """What rules look at. None is what is not known. `at` is local time."""

    at: datetime
    queue: str
    user_name: str
    groups: frozenset[str] = frozenset()
    name: str = ""
    language: str = ""
    octets: int = 0
    copies: int = 1
    sides: str = SidesKeyword.ONE_SIDED
    print_color_mode: str = "auto"
    pages: int | None = None
    sheets: int | None = None
    impressions: int | None = None
    colour_impressions: int | None = None
    media: frozenset[str] | None = None
    cost: Decimal | None = None
    redirected: bool = False  # by whomever: rules send no job on a second time
    forced: frozenset[Action] = frozenset()  # GREY and TWO_SIDED, if its provider was told so before
    let_go: frozenset[int] = frozenset()  # rules that held it before somebody released it
    printed_before: Callable[[Limit], Decimal] = field(default=no_limit_known)
    """What the limit counts without this job. May raise NotKnownHere."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule does; not always its action: what could not be changed is refused. ALLOW only with an account."""

    rule: Rule
    action: Action
    message: str


_DEFAULT_MESSAGES = {
    Action.REFUSE: "It is not printed: a rule forbids it.",
    Action.GREY: "A rule has it printed in grey.",
    Action.TWO_SIDED: "A rule has it printed on both sides.",
    Action.HOLD: "A rule holds it until it is released.",
    Action.CONFIRM: "Release it if you want to print it.",
    Action.REDIRECT: "A rule sends it to another queue.",
}
_CANNOT = {
    Action.GREY: "It must be printed in grey, and it cannot be changed so: choose grey where you print.",
    Action.TWO_SIDED: "It must be printed on both sides, and it cannot be changed so: choose them where you print.",
}


def verdict_of(rules: Iterable[Rule], job: JobLook) -> Verdict | None:
    """What the first rule that has something to do does; None if no rule has, or if it only lets the job through.

    Raises NotKnownHere.
    """
    for rule in rules:
        if _is_content(rule, job) or not applies(rule, job):
            continue
        if rule.action is Action.ALLOW:
            return Verdict(rule, rule.action, f"A rule charges it to {rule.account}.") if rule.account else None
        if rule.action in job.forced:
            return Verdict(rule, Action.REFUSE, _CANNOT[rule.action])
        return Verdict(rule, rule.action, rule.message or _DEFAULT_MESSAGES[rule.action])
    return None


def applies(rule: Rule, job: JobLook) -> bool:
    """True if the rule is for the job's owner and all its conditions hold.

    Raises NotKnownHere.
    """
    if rule.people is not None and not _is_among(rule.people, job):
        return False
    if rule.except_people is not None and _is_among(rule.except_people, job):
        return False
    asked = rule.conditions
    if not (_sizes_hold(asked, job) and _kind_holds(asked, job) and _time_holds(asked, job.at)):
        return False
    return asked.limit is None or _is_beyond(asked.limit, job)


def _is_content(rule: Rule, job: JobLook) -> bool:
    match rule.action:
        case Action.GREY:
            if job.colour_impressions is None:
                return job.print_color_mode in FORCE_GREY or Action.GREY in job.forced
            return job.colour_impressions == 0
        case Action.TWO_SIDED:
            # A copy of one side needs one sheet in any case.
            one_side = job.impressions is not None and job.impressions <= job.copies
            return one_side or job.sides != SidesKeyword.ONE_SIDED
        case Action.HOLD | Action.CONFIRM:
            return rule.id in job.let_go
        case Action.REDIRECT:
            return job.redirected or job.queue == rule.queue
        case _:
            return False


def _is_among(people: People, job: JobLook) -> bool:
    return job.user_name in people.users or not job.groups.isdisjoint(people.groups)


def _sizes_hold(asked: Conditions, job: JobLook) -> bool:
    return (
        _over(job.pages, asked.pages_over)
        and _over(job.copies, asked.copies_over)
        and _over(job.sheets, asked.sheets_over)
        and _over(job.octets, asked.octets_over)
        and _over(job.cost, asked.cost_over)
    )


def _over(figure: int | Decimal | None, least: int | Decimal | None) -> bool:
    return least is None or (figure is not None and figure > least)


def _kind_holds(asked: Conditions, job: JobLook) -> bool:
    if asked.colour is not None and (
        job.colour_impressions is None or (job.colour_impressions > 0) is not asked.colour
    ):
        return False
    if asked.one_sided is not None and (job.sides == SidesKeyword.ONE_SIDED) is not asked.one_sided:
        return False
    name = job.name.casefold()
    if asked.name_has and not any(part.casefold() in name for part in asked.name_has):
        return False
    if asked.languages and job.language not in asked.languages:
        return False
    return not asked.media or (job.media is not None and not job.media.isdisjoint(asked.media))


def _time_holds(asked: Conditions, at: datetime) -> bool:
    if asked.weekdays and at.isoweekday() not in asked.weekdays:
        return False
    if asked.from_minute is None or asked.until_minute is None:
        return True
    minute = at.hour * 60 + at.minute
    if asked.from_minute <= asked.until_minute:
        return asked.from_minute <= minute < asked.until_minute
    return minute >= asked.from_minute or minute < asked.until_minute


def _is_beyond(limit: Limit, job: JobLook) -> bool:
    this = {
        Measure.JOBS: 1,
        Measure.SHEETS: job.sheets,
        Measure.SIDES: job.impressions,
        Measure.COLOUR_SIDES: job.colour_impressions,
        Measure.COST: job.cost,
    }[limit.measure]
    return this is not None and job.printed_before(limit) + this > limit.most

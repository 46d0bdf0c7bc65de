"""Making, changing and removing rules: checked, noted in the audit log, told to all Print Providers.

Who changes a rule says which edition of it was seen (edits): of two who edit it at a time the second is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from everprint.contract.device_uris import is_hooked
from everprint.contract.messages import FetchSnapshot
from everprint.contract.rules import MINUTES_A_DAY, Action, Conditions, Whose
from everprint.documents.media import media_size
from everprint.documents.result import Language
from everprint.server.accounts.money import NotExact, to_units
from everprint.server.audit_log.note import note
from everprint.server.charging.models import SharedAccount
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.models import Group, User
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.orders import make_order
from everprint.server.rules.models import Rule

MOST_RULES = 200
MOST_PEOPLE = 200
_MOST_FIGURE = 2**31 - 1
_LONGEST_TEXT = 100
_MOST_TEXTS = 50


class BadRule(Exception):
    """A rule that cannot be; the text names the part and says why. `part` is a field of Wanted or of Conditions."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}: {why}")
        self.part = part
        self.why = why


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as it shall be. Without printers it holds on all; without users and groups it is for everybody."""

    name: str
    action: Action
    conditions: Conditions = field(default_factory=Conditions)
    printers: Sequence[Printer] = ()
    users: Sequence[User] = ()
    groups: Sequence[Group] = ()
    except_users: Sequence[User] = ()
    except_groups: Sequence[Group] = ()
    message: str = ""
    redirect_to: Printer | None = None
    charge_to: SharedAccount | None = None  # of one that lets through: who pays
    position: int = 0
    is_active: bool = True


def add_rule(wanted: Wanted) -> Rule:
    """A new rule.

    Raises BadRule.
    """

    def work() -> Rule:
        if Rule.objects.count() >= MOST_RULES:
            raise BadRule("name", f"there are {MOST_RULES} rules already")
        return _save(Rule(), wanted)

    return transact(work)


def change_rule(rule: Rule, wanted: Wanted, seen: str | None = None) -> Rule:
    """Sets all of it. `seen` is the edition that the editor saw; None: they do not mind.

    Raises BadRule, EditedMeanwhile; Rule.DoesNotExist if it was removed meanwhile.
    """

    def work() -> Rule:
        now = Rule.objects.select_for_update().get(pk=rule.pk)
        check_edition(values_of(now), seen)
        return _save(now, wanted)

    return transact(work)


def remove_rule(rule: Rule) -> None:
    """Takes it away; jobs that it held stay held until somebody releases them."""

    def work() -> None:
        before = values_of(rule)
        name = rule.name
        if Rule.objects.filter(pk=rule.pk).delete()[0]:
            note("rule.remove", "rule", before, {}, name=name)
            _tell_all()

    transact(work)


def put_in_place_of(source: User, target: User) -> None:
    """Rules that name the one name the other from now on: they are one person (people.merging)."""
    named = False
    for people in (Rule.users.through, Rule.except_users.through):
        for of_rule in people.objects.filter(user=source):
            people.objects.get_or_create(rule_id=of_rule.rule_id, user=target)
            of_rule.delete()
            named = True
    if named:
        _tell_all()


def values_of(rule: Rule) -> dict[str, object]:
    """All that can be changed of it, for comparison and for the audit log."""
    return {
        "name": rule.name,
        "position": rule.position,
        "is_active": rule.is_active,
        "action": rule.action,
        "conditions": rule.conditions,
        "message": rule.message,
        "redirect_to": rule.redirect_to.name if rule.redirect_to is not None else None,
        "charge_to": str(rule.charge_to) if rule.charge_to is not None else None,
        "everywhere": rule.everywhere,
        "everybody": rule.everybody,
        **{
            part: sorted(getattr(rule, part).values_list("name", flat=True))
            for part in ("printers", "users", "groups", "except_users", "except_groups")
        },
    }


def _save(rule: Rule, wanted: Wanted) -> Rule:
    _check(rule, wanted)
    adding = rule.pk is None
    before: Mapping[str, object] = {} if adding else values_of(rule)
    rule.name, rule.position, rule.is_active = wanted.name, wanted.position, wanted.is_active
    rule.action, rule.message = wanted.action.value, wanted.message
    rule.conditions = msgspec.to_builtins(_plainly(wanted.conditions))
    rule.redirect_to = wanted.redirect_to if wanted.action is Action.REDIRECT else None
    rule.charge_to = wanted.charge_to
    rule.everywhere, rule.everybody = not wanted.printers, not (wanted.users or wanted.groups)
    rule.save()
    rule.printers.set(wanted.printers)
    rule.users.set(wanted.users)
    rule.groups.set(wanted.groups)
    rule.except_users.set(wanted.except_users)
    rule.except_groups.set(wanted.except_groups)
    note("rule.make" if adding else "rule.change", rule, before, values_of(rule))
    _tell_all()
    return rule


def _plainly(asked: Conditions) -> Conditions:
    """With one spelling for equal amounts, so that saving a rule as it is changes nothing."""
    cost, limit = asked.cost_over, asked.limit
    return msgspec.structs.replace(
        asked,
        cost_over=None if cost is None else _plain(cost),
        limit=None if limit is None else msgspec.structs.replace(limit, most=_plain(limit.most)),
    )


def _plain(amount: Decimal) -> Decimal:
    return Decimal(f"{amount.normalize():f}")


def _tell_all() -> None:
    for provider in Provider.objects.filter(revoked_at=None).order_by("pk").values_list("pk", flat=True):
        make_order(provider, FetchSnapshot())


def _check(rule: Rule, wanted: Wanted) -> None:
    if not wanted.name.strip():
        raise BadRule("name", "a rule needs a name")
    if Rule.objects.filter(name=wanted.name).exclude(pk=rule.pk).exists():
        raise BadRule("name", f"there is a rule {wanted.name} already")
    if len(wanted.users) > MOST_PEOPLE or len(wanted.except_users) > MOST_PEOPLE:
        raise BadRule("users", f"at most {MOST_PEOPLE} people can be named one by one: make a group of them")
    if wanted.action is Action.REDIRECT:
        _check_target(wanted)
    elif wanted.redirect_to is not None:
        raise BadRule("redirect_to", f"only a rule that redirects has a queue to redirect to, not {wanted.action}")
    if wanted.charge_to is not None and wanted.action is not Action.ALLOW:
        raise BadRule("charge_to", f"only a rule that lets jobs through says who pays for them, not {wanted.action}")
    if wanted.action is Action.CONFIRM and not wanted.message:
        raise BadRule("message", "say what the owner is asked")
    _check_conditions(wanted)


def _check_target(wanted: Wanted) -> None:
    target = wanted.redirect_to
    if target is None:
        raise BadRule("redirect_to", "say to which queue")
    if not wanted.printers:
        raise BadRule("printers", "say on which printers; jobs are redirected within one Print Provider only")
    for printer in wanted.printers:
        if printer.provider_id != target.provider_id:
            raise BadRule("redirect_to", f"{target.name} is a queue of another Print Provider than {printer.name}")
    if is_hooked(target.device_uri) or any(is_hooked(printer.device_uri) for printer in wanted.printers):
        raise BadRule("redirect_to", "jobs of CUPS's own queues are not redirected")


def _check_conditions(wanted: Wanted) -> None:
    asked = wanted.conditions
    for part in ("pages_over", "copies_over", "sheets_over", "octets_over"):
        figure: int | None = getattr(asked, part)
        if figure is not None and not 0 <= figure <= (_MOST_FIGURE if part != "octets_over" else 2**50):
            raise BadRule(part, f"{figure} is out of range")
    _check_amount("cost_over", asked.cost_over)
    for part in ("name_has", "languages", "media"):
        texts: tuple[str, ...] = getattr(asked, part)
        if len(texts) > _MOST_TEXTS or not all(0 < len(text) <= _LONGEST_TEXT for text in texts):
            raise BadRule(part, f"expected at most {_MOST_TEXTS} texts of 1 to {_LONGEST_TEXT} characters")
    for language in asked.languages:
        if language not in list(Language):
            raise BadRule("languages", f"there is no language {language}; expected: {', '.join(Language)}")
    for media in asked.media:
        if media_size(media) is None:
            raise BadRule("media", f"{media} is no paper's name, such as iso_a4_210x297mm")
    if not set(asked.weekdays) <= set(range(1, 8)):
        raise BadRule("weekdays", "expected 1 (Monday) to 7")
    _check_hours(asked)
    limit = asked.limit
    if limit is not None:
        _check_amount("limit", limit.most)
        if limit.whose is Whose.GROUP and not wanted.groups:
            raise BadRule("limit", "for what a group prints, say which groups the rule is for")


def _check_hours(asked: Conditions) -> None:
    if (asked.from_minute is None) is not (asked.until_minute is None):
        raise BadRule("from_minute", "say both hours, or none")
    for part in ("from_minute", "until_minute"):
        minute: int | None = getattr(asked, part)
        if minute is not None and not 0 <= minute <= MINUTES_A_DAY:
            raise BadRule(part, "expected a time from 00:00 to 24:00")


def _check_amount(part: str, amount: Decimal | None) -> None:
    if amount is None:
        return
    try:
        if to_units(amount) >= 0:
            return
    except NotExact:
        pass
    raise BadRule(part, "expected a number from 0 with at most four digits after the point")

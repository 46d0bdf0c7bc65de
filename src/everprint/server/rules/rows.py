"""From stored rules to those that are evaluated: in their order, for one printer."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from django.db.models import Q, QuerySet

from everprint.contract.rules import Action, Conditions, Limit, Measure, People, Span
from everprint.contract.rules import Rule as Evaluated
from everprint.server.people.models import Group, User
from everprint.server.rules.models import Rule

_PARTS = ("groups", "users", "except_groups", "except_users", "printers")


def all_rules() -> QuerySet[Rule]:
    """All, in their order, with all that they refer to."""
    return Rule.objects.select_related("redirect_to", "charge_to__account").prefetch_related(*_PARTS)


def rules_on(printer: int) -> list[Evaluated]:
    """Those in use on that printer; groups by name, without their members."""
    return [evaluated(rule) for rule in _in_use_on(printer)]


def rules_for_provider(printers: Iterable[int]) -> dict[int, tuple[Evaluated, ...]]:
    """The same for each of these printers, as its provider is told of them."""
    in_use = [(_places(rule), _as_told(evaluated(rule))) for rule in all_rules().filter(is_active=True)]
    return {
        printer: tuple(rule for where, rule in in_use if where is None or printer in where) for printer in printers
    }


def members_of(groups: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The user names of each of these groups' members: a provider knows no groups."""
    members: dict[str, list[str]] = {name: [] for name in sorted(groups)}
    found = User.objects.filter(print_groups__name__in=list(members)).order_by("name")
    for group, name in found.values_list("print_groups__name", "name"):
        members[group].append(name)
    return {group: tuple(names) for group, names in members.items()}


def evaluated(rule: Rule) -> Evaluated:
    """The rule as data."""
    except_people = _people(rule.except_users.all(), rule.except_groups.all())
    return Evaluated(
        id=rule.pk,
        name=rule.name,
        action=Action(rule.action),
        conditions=conditions_of(rule),
        people=None if rule.everybody else _people(rule.users.all(), rule.groups.all()),
        except_people=except_people if except_people != People() else None,
        message=rule.message,
        queue=rule.redirect_to.name if rule.redirect_to is not None else "",
        account=rule.charge_to.account.name if rule.charge_to is not None else "",
    )


def _as_told(rule: Evaluated) -> Evaluated:
    """A provider charges only whom it is told of. So while the server is away, what a rule charges waits for it: the
    rule is told as one that asks what only the server knows."""
    if not rule.account:
        return rule
    asks = rule.conditions.limit or Limit(measure=Measure.JOBS, span=Span.DAY, most=Decimal(0))
    conditions = msgspec.structs.replace(rule.conditions, limit=asks)
    return msgspec.structs.replace(rule, action=Action.HOLD, conditions=conditions, account="")


def conditions_of(rule: Rule) -> Conditions:
    """What must hold of the job."""
    return msgspec.convert(rule.conditions, Conditions)


def _places(rule: Rule) -> set[int] | None:
    """The printers that it is for; None for all."""
    return None if rule.everywhere else {printer.pk for printer in rule.printers.all()}


def _in_use_on(printer: int) -> QuerySet[Rule]:
    here = Q(everywhere=True) | Q(pk__in=Rule.printers.through.objects.filter(printer=printer).values("rule"))
    return all_rules().filter(here, is_active=True)


def _people(users: Iterable[User], groups: Iterable[Group]) -> People:
    return People(
        users=tuple(sorted(user.name for user in users)),
        groups=tuple(sorted(group.name for group in groups)),
    )

"""A rule as an English sentence, built from its parts: what people read is what is evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from everprint.contract.rules import Action, Conditions, Limit, Measure, People, Rule, Whose
from everprint.server.accounts.money import plain

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WHAT = {
    Measure.JOBS: "jobs",
    Measure.SHEETS: "sheets",
    Measure.SIDES: "sides",
    Measure.COLOUR_SIDES: "sides in colour",
}
_DOES = {
    Action.ALLOW: "let it through, and look at no later rule",
    Action.REFUSE: "refuse it",
    Action.GREY: "print it in grey",
    Action.TWO_SIDED: "print it on both sides",
    Action.HOLD: "hold it until it is released",
    Action.CONFIRM: "ask its owner to confirm it",
}


def sentence(rule: Rule, printers: Sequence[str], currency: str) -> str:
    """The rule in words; `printers` are the names of those that it is for, none for all."""
    where = f"On {_any_of(printers)}, " if printers else ""
    parts = _conditions(rule.conditions, currency)
    if rule.people is not None:
        parts.insert(0, f"its owner is {_who(rule.people)}")
    condition = f"if {_list(parts, 'and')}" if parts else "for every job"
    unless = f", unless its owner is {_who(rule.except_people)}" if rule.except_people is not None else ""
    does = _does(rule)
    says = f", saying “{rule.message}”" if rule.message and rule.action is not Action.ALLOW else ""
    whole = f"{where}{condition}{unless}: {does}{says}"
    return f"{whole[0].upper()}{whole[1:]}{'' if says and rule.message[-1] in '.?!' else '.'}"


def _does(rule: Rule) -> str:
    if rule.action is Action.REDIRECT:
        return f"send it to {rule.queue}"
    if rule.action is Action.ALLOW and rule.account:
        return f"let it through and charge it to {rule.account}"
    return _DOES[rule.action]


def clock(minute: int) -> str:
    """A minute of the day as 08:30."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _conditions(asked: Conditions, currency: str) -> list[str]:
    parts = [
        f"it {has} more than {figure} {one if figure == 1 else many}"
        for figure, has, one, many in (
            (asked.pages_over, "has", "page", "pages"),
            (asked.copies_over, "asks for", "copy", "copies"),
            (asked.sheets_over, "takes", "sheet", "sheets"),
            (asked.octets_over, "has", "byte", "bytes"),
        )
        if figure is not None
    ]
    if asked.cost_over is not None:
        parts.append(f"it costs more than {plain(asked.cost_over)} {currency}")
    if asked.colour is not None:
        parts.append("it has colour" if asked.colour else "it has no colour")
    if asked.one_sided is not None:
        parts.append("it is one-sided" if asked.one_sided else "it is two-sided")
    if asked.name_has:
        parts.append(f"its name has {_any_of([f'“{part}”' for part in asked.name_has])} in it")
    if asked.languages:
        parts.append(f"it is {_any_of(asked.languages)}")
    if asked.media:
        parts.append(f"it is on {_any_of(asked.media)}")
    if asked.weekdays:
        parts.append(f"today is {_any_of([WEEKDAYS[day - 1] for day in sorted(asked.weekdays)])}")
    if asked.from_minute is not None and asked.until_minute is not None:
        parts.append(f"it is between {clock(asked.from_minute)} and {clock(asked.until_minute)}")
    if asked.limit is not None:
        parts.append(_limit(asked.limit, currency))
    return parts


def _limit(limit: Limit, currency: str) -> str:
    who = "its owner" if limit.whose is Whose.PERSON else "the group"
    span = f"this {limit.span}" if limit.span != "day" else "today"
    if limit.measure is Measure.COST:
        return f"{who} prints for more than {plain(limit.most)} {currency} {span} with it"
    return f"{who} prints more than {_number(limit.most)} {_WHAT[limit.measure]} {span} with it"


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _who(people: People) -> str:
    groups = [f"in {group}" for group in people.groups]
    return _any_of([*people.users, *groups]) or "nobody"


def _any_of(parts: Iterable[str]) -> str:
    return _list(list(parts), "or")


def _list(parts: Sequence[str], word: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"

"""A table of users as somebody wrote it: each line checked by itself and against the others, nothing stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.access.permissions import Role
from everprint.server.people import workplaces
from everprint.server.people.cards import BadCard, CardDigest, check_pin, digest_of_card
from everprint.server.people.csv_table import BadCsv, BadLine, Row, read_table
from everprint.server.people.groups import LONGEST_NAME

CARDS = {1: "card_number", 2: "card_number_2"}  # the column of each of a person's cards
COLUMNS = (
    "full_name",
    "email",
    "department",
    "office",
    "role",
    "groups",
    "enabled",
    "last_day",
    "restricted",
    "overdraft",
    "balance",
    *CARDS.values(),
    "pin",
)
BETWEEN_GROUPS = "|"
_AMOUNT = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")


@dataclass(frozen=True, slots=True)
class WantedUser:
    """A line: how the user shall be. None where the field was empty or the column is not there."""

    line: int
    name: str
    full_name: str | None = None
    email: str | None = None
    department: str | None = None
    office: str | None = None
    role: Role | None = None
    groups: tuple[str, ...] | None = None
    enabled: bool | None = None
    last_day: date | None = None
    restricted: bool | None = None
    overdraft: Decimal | None = None
    balance: Decimal | None = None
    cards: Mapping[int, CardDigest] = field(default_factory=dict)  # by place
    card_numbers: Mapping[int, str] = field(default_factory=dict, repr=False)
    pin: str | None = field(default=None, repr=False)


def read_users(data: bytes) -> list[WantedUser]:
    """The users of a file.

    Raises BadCsv, with every line that cannot be used.
    """
    rows, problems = read_table(data, ("name",), COLUMNS)
    wanted: dict[str, WantedUser] = {}
    holders: dict[CardDigest, int] = {}
    for row in rows:
        try:
            user = _user(row)
        except ValueError as error:
            problems.append(BadLine(row.line, str(error)))
            continue
        if user.name in wanted:
            problems.append(BadLine(row.line, f"{user.name} is on line {wanted[user.name].line} already"))
        for card in user.cards.values():
            if card in holders:
                problems.append(BadLine(row.line, f"a card of {user.name} is on line {holders[card]} already"))
            holders[card] = row.line
        wanted.setdefault(user.name, user)
    if problems:
        raise BadCsv(problems)
    return list(wanted.values())


def _user(row: Row) -> WantedUser:
    """Raises ValueError, which says all that is wrong with the line."""
    wrong: list[str] = []
    said = {column: row.fields.get(column, "") for column in ("name", *COLUMNS)}
    try:
        name = canonical_user_name(said["name"])
    except BadUserName as error:
        name = ""
        wrong.append(str(error))
    if said["role"] and said["role"].lower() not in {role.value for role in Role}:
        wrong.append(f"role: {said['role']!r} is none of {', '.join(Role)}")
    if len(said["full_name"]) > 200:
        wrong.append("full_name has more than 200 characters")
    wrong += [
        f"{column} has more than {workplaces.LONGEST_NAME} characters"
        for column in ("department", "office")
        if len(said[column]) > workplaces.LONGEST_NAME
    ]
    if said["email"]:
        try:
            validate_email(said["email"])
        except ValidationError:
            wrong.append(f"email: {said['email']!r} is no e-mail address")
    groups = _groups(said["groups"])
    if any(len(group) > LONGEST_NAME for group in groups):
        wrong.append(f"groups: a name has at most {LONGEST_NAME} characters")
    last_day = _day("last_day", said["last_day"], wrong)
    truths = {column: read_truth(column, said[column], wrong) for column in ("enabled", "restricted")}
    amounts = {column: read_amount(column, said[column], wrong) for column in ("overdraft", "balance")}
    if (amounts["overdraft"] or 0) < 0:
        wrong.append("overdraft: it is not negative")
    numbers = {place: said[column] for place, column in CARDS.items() if said[column]}
    cards = _cards(numbers, wrong)
    if said["pin"]:
        try:
            check_pin(said["pin"])
        except BadCard as error:
            wrong.append(f"pin: {error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return WantedUser(
        line=row.line,
        name=name,
        full_name=said["full_name"] or None,
        email=said["email"] or None,
        department=workplaces.as_kept(said["department"]) or None,
        office=workplaces.as_kept(said["office"]) or None,
        role=Role(said["role"].lower()) if said["role"] else None,
        groups=groups or None,
        enabled=truths["enabled"],
        last_day=last_day,
        restricted=truths["restricted"],
        overdraft=amounts["overdraft"],
        balance=amounts["balance"],
        cards=cards,
        card_numbers=numbers,
        pin=said["pin"] or None,
    )


def _cards(numbers: Mapping[int, str], wrong: list[str]) -> dict[int, CardDigest]:
    cards: dict[int, CardDigest] = {}
    for place, number in numbers.items():
        try:
            cards[place] = digest_of_card(number)
        except BadCard as error:
            wrong.append(f"{CARDS[place]}: {error}")
    if len(set(cards.values())) < len(cards):
        wrong.append("both cards are the same")
    return cards


def _groups(text: str) -> tuple[str, ...]:
    """The names, each once."""
    names = (" ".join(part.split()) for part in text.split(BETWEEN_GROUPS))
    return tuple(dict.fromkeys(name for name in names if name))


def read_truth(column: str, text: str, wrong: list[str]) -> bool | None:
    """What yes or no a field says; None for an empty one. What is neither is added to `wrong`."""
    if text and text.lower() not in _YES + _NO:
        wrong.append(f"{column}: {text!r} is neither yes nor no")
    return text.lower() in _YES if text else None


def _day(column: str, text: str, wrong: list[str]) -> date | None:
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    wrong.append(f"{column}: {text!r} is no day like 2026-11-30")
    return None


def read_amount(column: str, text: str, wrong: list[str]) -> Decimal | None:
    """The amount in a field; None for an empty one. What is none is added to `wrong`."""
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        wrong.append(f"{column}: {text!r} is no amount like 12.50")
        return None
    return Decimal(text)

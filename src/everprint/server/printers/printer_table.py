"""A table of printers as somebody wrote it: each line checked by itself and against the others, nothing stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.core.exceptions import ValidationError

from everprint.contract.failure_modes import FailureMode, UnknownPages
from everprint.contract.messages import Authentication, InDoubtPolicy, OverLimit
from everprint.server.people.csv_table import BadCsv, BadLine, Row, read_table
from everprint.server.people.user_table import read_amount, read_truth
from everprint.server.printers.checks import (
    LONGEST_DEVICE_URI,
    QUEUE_NAME,
    check_device_uri,
    check_device_uris,
    check_networks,
)
from everprint.server.printers.models import MOST_HOLD_HOURS

Value = TypeVar("Value")

KEY = ("provider", "name")
BETWEEN = "|"
_CHOICES: dict[str, tuple[str, ...]] = {
    "authentication": tuple(Authentication),
    "unknown_pages": tuple(UnknownPages),
    "in_doubt": tuple(InDoubtPolicy),
    "failure_mode": tuple(FailureMode),
    "over_limit": tuple(OverLimit),
}
_TRUTHS = ("hold", "accepting", "find_me_target")
_TEXTS = ("info", "location")
LONGEST_TEXT = 127
# The column of each price (contract SideCosts), for all paper without prices of its own.
PRICES = {
    "grey": "grey_one_sided",
    "grey_two_sided": "grey_two_sided",
    "colour": "colour_one_sided",
    "colour_two_sided": "colour_two_sided",
}
_HOURS = "hold_hours"
COLUMNS = ("device_uri", "more_devices", *_TEXTS, "trusted_networks", *_CHOICES, *_TRUTHS, _HOURS, *PRICES)


@dataclass(frozen=True, slots=True)
class WantedPrinter:
    """A line: how the queue shall be. A field that was empty is neither in `settings` nor in `prices`."""

    line: int
    provider: str
    name: str
    settings: Mapping[str, object]  # by the names of printers.queues.CHANGEABLE
    prices: Mapping[str, Decimal]  # by the names of SideCosts


def read_printers(data: bytes) -> list[WantedPrinter]:
    """The printers of a file.

    Raises BadCsv, with every line that cannot be used.
    """
    rows, problems = read_table(data, KEY, COLUMNS)
    wanted: dict[tuple[str, str], WantedPrinter] = {}
    for row in rows:
        try:
            printer = _printer(row)
        except ValueError as error:
            problems.append(BadLine(row.line, str(error)))
            continue
        key = (printer.provider, printer.name)
        if key in wanted:
            problems.append(
                BadLine(row.line, f"{printer.name} of {printer.provider} is on line {wanted[key].line} already")
            )
        wanted.setdefault(key, printer)
    if problems:
        raise BadCsv(problems)
    return list(wanted.values())


def _printer(row: Row) -> WantedPrinter:
    """Raises ValueError, which says all that is wrong with the line."""
    wrong: list[str] = []
    said = {column: row.fields.get(column, "") for column in (*KEY, *COLUMNS)}
    if not said["provider"]:
        wrong.append("provider: the name of a Print Provider is needed")
    if not re.fullmatch(QUEUE_NAME, said["name"]):
        wrong.append(f"name: {said['name']!r} is no queue name: letters, digits, _ . -, without spaces")
    settings: dict[str, object] = {}
    if said["device_uri"]:
        settings["device_uri"] = _checked("device_uri", said["device_uri"], _check_uri, wrong)
    if said["more_devices"]:
        settings["pool"] = _checked("more_devices", _parts(said["more_devices"]), check_device_uris, wrong)
    if said["trusted_networks"]:
        networks = _parts(said["trusted_networks"])
        settings["trusted_networks"] = _checked("trusted_networks", networks, check_networks, wrong)
    for column in _TEXTS:
        if len(said[column]) > LONGEST_TEXT:
            wrong.append(f"{column} has more than {LONGEST_TEXT} characters")
        elif said[column]:
            settings[column] = said[column]
    for column, choices in _CHOICES.items():
        if said[column] and said[column] not in choices:
            wrong.append(f"{column}: {said[column]!r} is none of {', '.join(choices)}")
        elif said[column]:
            settings[column] = said[column]
    for column in _TRUTHS:
        if (truth := read_truth(column, said[column], wrong)) is not None:
            settings[column] = truth
    if (hours := said[_HOURS]) and not (re.fullmatch("[0-9]{1,4}", hours) and int(hours) <= MOST_HOLD_HOURS):
        wrong.append(f"{_HOURS}: {hours!r} is no number of hours from 0 to {MOST_HOLD_HOURS}")
    elif hours:
        settings[_HOURS] = int(hours)
    prices: dict[str, Decimal] = {}
    for column, price in PRICES.items():
        if (amount := read_amount(column, said[column], wrong)) is not None:
            prices[price] = amount
            if amount < 0:
                wrong.append(f"{column}: a price is not negative")
    if wrong:
        raise ValueError("; ".join(wrong))
    return WantedPrinter(row.line, said["provider"], said["name"], settings, prices)


def _check_uri(uri: str) -> None:
    check_device_uri(uri)
    if len(uri.encode()) > LONGEST_DEVICE_URI:
        raise ValidationError(f"a device URI has at most {LONGEST_DEVICE_URI} octets")


def _checked(column: str, value: Value, check: Callable[[Value], None], wrong: list[str]) -> Value:
    try:
        check(value)
    except ValidationError as error:
        wrong.append(f"{column}: {' '.join(error.messages)}")
    return value


def _parts(text: str) -> list[str]:
    """What stands between the bars, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(BETWEEN) if part.strip()))

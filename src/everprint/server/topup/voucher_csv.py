"""Vouchers from a CSV file: ours, or with the columns of PaperCut's top-up cards. A wrong file gives nothing but the
list of its wrong lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from everprint.server.accounts.money import NotExact, to_units
from everprint.server.topup.vouchers import DEAREST, MOST, Imported, digest_of

# Columns by what they may be called: here, and on PaperCut's cards, whose Value is for people.
CODE, VALUE, EXPIRES = ("code", "cardnumber"), ("valuenumber", "value"), ("expires", "expdate")
SHORTEST_CODE = 8
_MOST_PROBLEMS = 100


class BadCsv(ValueError):
    """A file that cannot be imported; `problems` are its wrong lines, each with its number."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_vouchers(octets: bytes) -> list[Imported]:
    """The vouchers of a file in UTF-8, or in UTF-16 with a byte order mark.

    Raises BadCsv.
    """
    rows = csv.DictReader(io.StringIO(_text(octets), newline=""))
    try:
        names = {str(name).strip().lower(): str(name) for name in rows.fieldnames or []}
        columns = {
            what: next((names[name] for name in wanted if name in names), "")
            for what, wanted in (("code", CODE), ("value", VALUE))
        }
        expires = next((names[name] for name in EXPIRES if name in names), "")
        missing = [name for name, column in columns.items() if not column]
        if missing:
            raise BadCsv([f"line 1: there is no column {' and no column '.join(missing)}"])
        return _cards([(rows.line_num, row) for row in rows], columns["code"], columns["value"], expires)
    except csv.Error as error:
        raise BadCsv([f"line {rows.line_num}: {error}"]) from None


def _text(octets: bytes) -> str:
    encoding = "utf-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadCsv([f"the file is neither UTF-8 nor UTF-16: {error.reason} at octet {error.start}"]) from None


def _cards(rows: list[tuple[int, Mapping[str, str]]], code: str, value: str, expires: str) -> list[Imported]:
    if len(rows) > MOST:
        raise BadCsv([f"the file has {len(rows)} vouchers; at most {MOST} are imported at once"])
    if not rows:
        raise BadCsv(["the file has no vouchers"])
    problems: list[str] = []
    cards: list[Imported] = []
    lines: dict[str, int] = {}
    for line, row in rows:
        try:
            card = _card(row, code, value, expires)
        except ValueError as error:
            problems.append(f"line {line}: {error}")
            continue
        digest = digest_of(card.code)
        if digest in lines:
            problems.append(f"line {line}: the code is that of line {lines[digest]}")
        lines[digest] = line
        cards.append(card)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise BadCsv([*problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])])
    return cards


def _card(row: Mapping[str, str], code: str, value: str, expires: str) -> Imported:
    if None in row or None in row.values():
        raise ValueError("it has more or fewer fields than the first line")
    said, amount, last_day = row[code].strip(), row[value].strip(), row[expires].strip() if expires else ""
    if not SHORTEST_CODE <= len(said) <= 100:
        raise ValueError(f"a code has {SHORTEST_CODE} to 100 characters, this one {len(said)}")
    try:
        worth = Decimal(amount)
        to_units(worth)
    except (InvalidOperation, NotExact):
        raise ValueError(f"{amount!r} is not an amount like 12.50") from None
    if not 0 < worth <= DEAREST:
        raise ValueError(f"a voucher is worth more than 0 and at most {DEAREST}, not {amount}")
    try:
        return Imported(said, worth, date.fromisoformat(last_day) if last_day else None)
    except ValueError:
        raise ValueError(f"{last_day!r} is not a day like 2027-12-31") from None

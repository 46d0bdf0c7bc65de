"""Reads a table that somebody made with a spreadsheet, and names every line that cannot be used.

UTF-8, with or without a byte order mark, or UTF-16 with one; columns by name in any order, separated by commas,
semicolons or tabs, whichever the first line has most of; fields quoted as RFC 4180 says.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

MOST_LINES = 5000
LONGEST_FIELD = 1000


@dataclass(frozen=True, slots=True)
class BadLine:
    """What is wrong with a line, counted from 1; line 1 is the one with the columns' names."""

    line: int
    message: str


class BadCsv(Exception):
    """A file of which nothing is taken; `problems` are all the lines that cannot be used."""

    def __init__(self, problems: Collection[BadLine]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        lines = "\n".join(f"line {problem.line}: {problem.message}" for problem in self.problems)
        super().__init__(f"Nothing was imported.\n{lines}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line's fields by the names of their columns, without spaces around them."""

    line: int
    fields: dict[str, str]


def read_table(
    data: bytes, required: Collection[str], optional: Collection[str], *, most_lines: int = MOST_LINES
) -> tuple[list[Row], list[BadLine]]:
    """The lines of the file but the first: those that have all fields, and what is wrong with the others.

    Raises BadCsv for a file of which no line can be told from another.
    """
    text = _decoded(data)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] | None = None
    rows: list[Row] = []
    problems: list[BadLine] = []
    line = 1
    try:
        for fields in reader:
            if columns is None:
                columns = _columns(fields, required, optional)
            elif any(field.strip() for field in fields):
                _take(line, fields, columns, rows, problems)
            line = reader.line_num + 1
            if len(rows) + len(problems) > most_lines:
                raise BadCsv([BadLine(line, f"a file has at most {most_lines} lines: cut it into several")])
    except csv.Error as error:
        problems.append(BadLine(reader.line_num, f"this is no CSV: {error}"))
    if columns is None:
        raise BadCsv([BadLine(1, "the file is empty: its first line names the columns")])
    return rows, problems


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadCsv([BadLine(line, "this is no UTF-8: save the file as CSV UTF-8")]) from None


def _columns(fields: list[str], required: Collection[str], optional: Collection[str]) -> list[str]:
    columns = [field.strip().lower().replace(" ", "_").replace("-", "_") for field in fields]
    known = [*required, *optional]
    wrong = [f"there is no column {column!r}" for column in columns if column not in known]
    wrong += [f"the column {column} is there twice" for column in known if columns.count(column) > 1]
    wrong += [f"the column {column} is missing" for column in required if column not in columns]
    if wrong:
        raise BadCsv([BadLine(1, f"{'; '.join(wrong)}. Known columns: {', '.join(known)}")])
    return columns


def _take(line: int, fields: list[str], columns: list[str], rows: list[Row], problems: list[BadLine]) -> None:
    """Adds the line to the rows, or to the problems."""
    if len(fields) != len(columns):
        problems.append(BadLine(line, f"{len(fields)} fields, but there are {len(columns)} columns"))
        return
    stripped = [field.strip() for field in fields]
    for column, field in zip(columns, stripped, strict=True):
        if len(field) > LONGEST_FIELD:
            problems.append(BadLine(line, f"{column} has more than {LONGEST_FIELD} characters"))
            return
        if not all(character.isprintable() for character in field):
            problems.append(BadLine(line, f"{column} has a character that cannot be seen"))
            return
    rows.append(Row(line, dict(zip(columns, stripped, strict=True))))

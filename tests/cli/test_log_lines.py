"""One event is one line in the log, whatever strangers are called."""

from __future__ import annotations

import logging

import pytest

from everprint.cli.log_lines import OneLine

FORGED = "2026-03-04 05:06:07,890 INFO everprint.server decided job=1 cost=0"


def line(*arguments: object, error: BaseException | None = None) -> str:
    trace = (type(error), error, None) if error else None
    return OneLine().format(logging.LogRecord("everprint", logging.INFO, "", 0, "queue=%s", arguments, trace))


@pytest.mark.parametrize(
    "between", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"], ids=ascii
)
def test_a_line_break_in_a_name_begins_no_line(between: str) -> None:
    assert len(line(f"office{between}{FORGED}").splitlines()) == 1


@pytest.mark.parametrize("sequence", ["\x1b[2J", "\x9b2J", "\x07", "\u202e", "\u2066"], ids=ascii)
def test_a_terminal_is_not_commanded(sequence: str) -> None:
    said = line(f"office{sequence}")
    assert sequence[0] not in said and "\\" in said


def test_an_errors_text_cannot_look_like_an_event() -> None:
    first, *trace = line("office", error=ValueError(f"bad\n{FORGED}")).splitlines()
    assert first.endswith("queue=office")
    assert trace and all(one.startswith("    ") for one in trace)


def test_ordinary_text_stays_as_it_is() -> None:
    assert line("Büro \u65e5\u672c").endswith("queue=Büro \u65e5\u672c")

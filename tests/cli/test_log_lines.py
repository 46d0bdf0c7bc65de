"""One event is one line in the log, whatever strangers are called."""

from __future__ import annotations

import asyncio
import logging

import pytest

from everprint.cli.log_lines import OneLine
from everprint.monitor.log_subject import log_about

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


def test_what_a_task_says_it_is_about_is_on_all_of_its_lines_and_on_no_others() -> None:
    async def about_a_job(number: int) -> list[str]:
        log_about(job_id=number, uuid=f"u{number}")
        await asyncio.sleep(0)
        return [line("office"), await asyncio.to_thread(line, "office"), line("office job_id=9")]

    async def both() -> list[list[str]]:
        return await asyncio.gather(about_a_job(1), about_a_job(2))

    for number, lines in enumerate(asyncio.run(both()), 1):
        assert [said.partition("queue=")[2] for said in lines] == [
            f"office job_id={number} uuid=u{number}", f"office job_id={number} uuid=u{number}", "office job_id=9",
        ]  # fmt: skip
    assert line("office").endswith("queue=office")

"""What a drill counts: each job once on paper and once in the ledger, whatever the three places say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everprint.cluster.drill.balance import balance_of
from everprint.cluster.drill.people import Row, Try, read_tries


def tried(title: str, at: float, *, is_accepted: bool = True) -> Try:
    return Try(title, at, 0.5, "ipp://10.98.0.51:8631/ipp/print/office", is_accepted, "successful-ok")


def logged(title: str, state: str = "completed", charged: str = "0.05") -> Row:
    return {"document": title, "state": state, "cost_charged": charged}


TRIES = [tried("host 1", 10.0), tried("host 2", 12.0), tried("host 3", 13.0, is_accepted=False)]


def test_all_is_right_when_what_was_accepted_is_printed_and_charged_once() -> None:
    balance = balance_of(TRIES, ["host 1", "host 2"], [logged("host 1"), logged("host 2")])
    assert (balance.is_right, balance.accepted, balance.longest_pause_s) == (True, 2, 2.0)


def test_a_job_whose_answer_was_lost_may_be_printed_and_is_charged_then() -> None:
    rows = [logged(f"host {number}") for number in (1, 2, 3)]
    assert balance_of(TRIES, ["host 1", "host 2", "host 3"], rows).is_right
    assert balance_of(TRIES, ["host 1", "host 2", "host 3"], rows[:2]).not_charged == ("host 3",)
    assert balance_of(TRIES, ["host 1", "host 2", "host 3"], rows[:2], is_free=True).is_right


@pytest.mark.parametrize(
    ("printed", "rows", "what", "title"),
    [
        (["host 1"], [logged("host 1")], "lost", "host 2"),
        (["host 1", "host 2", "host 2"], [logged("host 1"), logged("host 2")], "printed_twice", "host 2"),
        (["host 1", "host 2"], [logged("host 1")], "not_charged", "host 2"),
        (["host 1", "host 2"], [logged("host 1"), logged("host 2"), logged("host 2")], "charged_twice", "host 2"),
        (["host 1", "host 2"], [logged("host 1"), logged("host 2", charged="0.00")], "not_charged", "host 2"),
        (None, [logged("host 1"), logged("host 2", "cancelled", "0.00")], "lost", "host 2"),
    ],
)
def test_what_is_wrong_is_named(printed: list[str] | None, rows: list[Row], what: str, title: str) -> None:
    balance = balance_of(TRIES, printed, rows)
    assert not balance.is_right
    assert getattr(balance, what) == (title,)


def test_nothing_is_settled_while_a_job_is_on_its_way() -> None:
    balance = balance_of(TRIES, ["host 1", "host 2"], [logged("host 1"), logged("host 2", state="printing")])
    assert (balance.is_settled, balance.unsettled) == (False, ("host 2",))


def test_a_line_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    log = tmp_path / "client.log"
    line = {
        "title": "host 1",
        "at": 1.0,
        "took_s": 0.5,
        "uri": "ipp://10.98.0.51/",
        "is_accepted": True,
        "said": "ok",
    }
    log.write_text(f'{json.dumps(line)}\n{{"title": "ho')
    (found,) = read_tries(log)
    assert (found.title, found.place) == ("host 1", "10.98.0.51")

"""What `make lab` counts: each job once on paper and once in the ledger, whatever the three places say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.cluster.__main__ import main
from demo.cluster.balance import balance_of
from demo.cluster.people import Try, read_tries
from rig.everprint import Row


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
    assert balance_of(TRIES, ["host 1", "host 2", "host 3"], rows[:2]).not_charged_once == ("host 3",)


@pytest.mark.parametrize(
    ("printed", "rows", "wrong"),
    [
        (["host 1"], [logged("host 1")], "lost: host 2"),
        (["host 1", "host 2", "host 2"], [logged("host 1"), logged("host 2")], "printed twice: host 2"),
        (["host 1", "host 2"], [logged("host 1")], "not charged exactly once: host 2"),
        (["host 1", "host 2"], [logged("host 1"), logged("host 2"), logged("host 2")], "exactly once: host 2"),
        (["host 1", "host 2"], [logged("host 1"), logged("host 2", charged="0.00")], "exactly once: host 2"),
    ],
)
def test_what_is_wrong_is_named(printed: list[str], rows: list[Row], wrong: str) -> None:
    balance = balance_of(TRIES, printed, rows)
    assert not balance.is_right
    assert wrong in "\n".join(balance.lines())


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


def test_a_failure_that_nobody_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["earthquake"])
    assert "no failure earthquake" in capsys.readouterr().err

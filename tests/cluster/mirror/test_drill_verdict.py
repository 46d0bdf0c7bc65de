"""The drill of mirrored disks finds every way in which a promise can be broken, and nothing where all were kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from demo.mirror.__main__ import TOPOLOGY
from demo.mirror.acts import Act
from demo.mirror.scene import Loss
from demo.mirror.telling import table_of
from demo.mirror.verdict import Account, LeftBehind, Outcome
from everprint.cluster.drill.balance import balance_of
from everprint.cluster.drill.people import Row, Try
from everprint.cluster.ocf.mirror.truth import Start, Truth, refusal
from everprint.cluster.topology.reader import read_topology

LOST_AT = 100.0
PRICE = Decimal("0.05")
TITLES = ("mirror-1 1", "mirror-2 1", "mirror-1 2")
TRIES = [
    Try(title, at, 0.4, "ipp://10.98.0.51:8631/ipp/print/office", is_accepted, "said")
    for title, at, is_accepted in (
        (TITLES[0], 90.0, True),
        (TITLES[1], 99.5, True),
        ("mirror-2 2", 104.0, False),
        (TITLES[2], 160.0, True),
    )
]
ROWS: list[Row] = [{"document": title, "state": "completed", "cost_charged": str(PRICE)} for title in TITLES]
SAID = refusal(Start.STALE, "server", "beta", Truth(7, ("alpha",), "2026-11-27T22:00:00Z"))
REFUSED = LeftBehind(
    "server", "beta", "alpha", f"22:01 on beta: {SAID[:128]}", (), "2 octets, 22:00", "2 octets, 22:00"
)


def outcome(
    printed: tuple[str, ...] = TITLES, rows: list[Row] = ROWS, has: str = "9.85", wanted: int = len(TITLES)
) -> Outcome:
    charged = sum((Decimal(str(row["cost_charged"])) for row in rows), Decimal(0))
    return Outcome(wanted, TRIES, balance_of(TRIES, printed, rows), Account(Decimal(10), Decimal(has), charged))


def act(what: Outcome, *left: LeftBehind) -> Act:
    return Act("host lost", Loss("alpha", LOST_AT - 1, LOST_AT), what, 4.0, 5.0, 9.0, 50.0, 20.0, left)


def test_a_kept_promise_is_not_wrong() -> None:
    kept = act(outcome(), REFUSED)
    assert kept.wrong() == []
    assert (kept.outcome.lost_work_s(LOST_AT), kept.outcome.first_after(LOST_AT)) == (0.0, 60.0)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (outcome(printed=TITLES[:2]), "1 accepted and not printed: mirror-1 2"),
        (outcome(printed=(*TITLES, TITLES[0])), "1 printed twice: mirror-1 1"),
        (outcome(rows=[*ROWS, ROWS[0]], has="9.80"), "1 charged twice: mirror-1 1"),
        (outcome(rows=ROWS[:2], has="9.90"), "1 printed and not charged: mirror-1 2"),
        (outcome(rows=[*ROWS[:2], {**ROWS[2], "state": "printing"}]), "1 in no final state: mirror-1 2"),
        (outcome(wanted=4), "only 3 of 4 jobs were accepted"),
        (outcome(has="9.90"), "the jobs were charged 0.15, and the account has 0.10 less"),
    ],
)
def test_what_is_wrong_with_jobs_or_money_is_said(broken: Outcome, said: str) -> None:
    assert act(broken).wrong() == [said]


def test_the_oldest_job_that_is_gone_is_the_work_that_was_lost() -> None:
    assert outcome(printed=(TITLES[2],)).lost_work_s(LOST_AT) == 10.0
    # One that was accepted afterwards, and is lost, is wrong, but no work that went with the host.
    assert outcome(printed=TITLES[:2]).lost_work_s(LOST_AT) == 0.0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(REFUSED, ran=("process 7 qemu",)), "ran at beta from a copy that was left behind: process 7 qemu"),
        (replace(REFUSED, after="2 octets, 22:01"), "beta's copy of server was written to"),
        (replace(REFUSED, said="on beta: not installed"), "nothing says of server that the copy is stale"),
        (replace(REFUSED, said=REFUSED.said.replace("switch alpha on", "hope")), "nothing says of server what to do"),
        (replace(REFUSED, said=REFUSED.said.partition(", or see")[0]), "what to do if it never comes back"),
        (replace(REFUSED, said=""), "nothing is said at all"),
    ],
)
def test_a_copy_that_was_left_behind_and_not_refused_with_instructions_is_said(broken: LeftBehind, said: str) -> None:
    assert any(said in sentence for sentence in act(outcome(), broken).wrong())


def test_the_table_has_a_column_for_each_act() -> None:
    table = "\n".join(table_of([act(outcome()), act(outcome(printed=(TITLES[2],)), REFUSED)]))
    assert "| RPO (accepted work lost) | 0.0 s | 10.0 s |" in table
    assert "| old copies refused | - | 1 of 1 |" in table
    assert "| the last of those, before the loss | 0.5 s | 0.5 s |" in table


def test_its_topology_has_two_hosts_with_copies_and_a_third_that_votes() -> None:
    topology = read_topology(TOPOLOGY)
    assert topology.storage_of(topology.vms[0]).hosts == ("alpha", "beta")
    assert [host.name for host in topology.hosts] == ["alpha", "beta", "gamma"]

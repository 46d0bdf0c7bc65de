"""The checker of storms finds every way in which the promise can be broken, and nothing in a history that kept it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from tests.faults.storm.checker import check
from tests.faults.storm.history import Answer, Evidence, Journaled, Logged, Submission
from tests.faults.storm.schedule import Fault, Trouble, kinds, make_storm

PRICE = Decimal("0.10")
PAID = Decimal("0.40")
KINDS = len(Fault)
JOB = Submission("job-1", "anna", "north", "north-strict", 4, 1, Answer.ACCEPTED, 1)
KEPT = Journaled(1, "u1", "job-1", JobState.COMPLETED, 4)
LOGGED = Logged("u1", "job-1", "completed", 4, PAID, Decimal(0), 1)
GOOD = Evidence(
    journals={"north": [KEPT]},
    log=[LOGGED],
    paper={"job-1": [4]},
    audit=[],
    balances={"anna": Decimal("1.00")},
    strict_queues=frozenset({"north-strict"}),
)


def test_a_kept_promise_is_no_violation() -> None:
    assert check([JOB], GOOD, PRICE) == []


def test_neither_is_a_job_that_was_refused_or_never_arrived() -> None:
    other = replace(JOB, name="job-2", answer=Answer.NONE, job_id=0)
    refused = replace(JOB, name="job-3", answer=Answer.REFUSED, job_id=0)
    assert check([JOB, other, refused], GOOD, PRICE) == []


def test_a_printer_that_stopped_half_way_is_paid_for_what_came_out() -> None:
    half = replace(
        GOOD,
        journals={"north": [replace(KEPT, state=JobState.ABORTED, impressions=2)]},
        log=[replace(LOGGED, state="aborted", impressions=2, paid=Decimal("0.20"))],
        paper={"job-1": [0, 2]},
    )
    assert check([JOB], half, PRICE) == []


BROKEN: dict[str, Callable[[Evidence], Evidence]] = {
    "lost": lambda good: replace(good, journals={"north": []}, log=[], paper={}),
    "unfinished": lambda good: replace(good, journals={"north": [replace(KEPT, state=JobState.PRINTING)]}),
    "doubled": lambda good: replace(good, log=[LOGGED, replace(LOGGED, uuid="u2")]),
    "printed twice": lambda good: replace(good, paper={"job-1": [4, 4]}),
    "charged twice": lambda good: replace(good, log=[replace(LOGGED, settlements=2)]),
    "overcharged": lambda good: replace(good, log=[replace(LOGGED, paid=Decimal("0.80"))]),
    "unpaid": lambda good: replace(good, log=[replace(LOGGED, paid=Decimal(0))]),
    "disagree": lambda good: replace(good, log=[replace(LOGGED, state="cancelled")]),
    "ledger": lambda good: replace(good, audit=["balance of anna is not the sum of its entries"]),
    "below floor": lambda good: replace(good, balances={"anna": Decimal("-0.10")}),
}


def test_print_servers_that_say_different_things_of_one_job_are_found() -> None:
    same = {"north": "successful-ok job-1 9 4", "south": "successful-ok job-1 9 4"}
    assert check([JOB], replace(GOOD, answers={"job-1": same}), PRICE) == []
    other = same | {"south": "client-error-not-found"}
    found = check([JOB], replace(GOOD, answers={"job-1": other}), PRICE)
    assert [violation.promise for violation in found] == ["disagree"]


@pytest.mark.parametrize("promise", BROKEN)
def test_a_broken_promise_is_found(promise: str) -> None:
    found = check([JOB], BROKEN[promise](GOOD), PRICE)
    assert promise in {violation.promise for violation in found}


def test_unpaid_on_a_strict_queue_is_a_violation_and_shown_elsewhere() -> None:
    overdrawn = replace(GOOD, log=[replace(LOGGED, paid=Decimal("0.10"), uncollected=Decimal("0.30"))])
    assert [violation.promise for violation in check([JOB], overdrawn, PRICE)] == ["unpaid"]
    assert check([replace(JOB, queue="north-later")], overdrawn, PRICE) == []


def test_an_impression_more_than_the_job_has_is_found() -> None:
    found = check([JOB], replace(GOOD, paper={"job-1": [5]}), PRICE)
    assert "printed twice" in {violation.promise for violation in found}


def test_a_job_waits_for_credit_only_while_its_owner_cannot_pay() -> None:
    job = replace(JOB, queue="north-later")
    waited = replace(
        GOOD,
        journals={"north": [replace(KEPT, state=JobState.CANCELLED, impressions=0)]},
        log=[replace(LOGGED, state="cancelled", impressions=0, paid=Decimal(0))],
        paper={},
        balances={"anna": Decimal("0.39")},
        given_up=frozenset({"job-1"}),
    )
    assert check([job], waited, PRICE) == []
    could_pay = replace(waited, balances={"anna": Decimal("0.40")})
    assert [found.promise for found in check([job], could_pay, PRICE)] == ["held for nothing"]
    assert [found.promise for found in check([JOB], waited, PRICE)] == ["held for nothing"]


AGAIN = replace(JOB, may_repeat=True, job_id=0)
TWICE = replace(
    GOOD,
    journals={"north": [KEPT, replace(KEPT, job_id=2, uuid="u2")]},
    log=[LOGGED, replace(LOGGED, uuid="u2")],
    paper={"job-1": [4, 4]},
)


def test_what_a_client_sends_again_is_two_jobs_each_of_which_is_held_to_the_promise() -> None:
    assert check([AGAIN], TWICE, PRICE) == []
    assert {found.promise for found in check([JOB], TWICE, PRICE)} >= {"doubled", "printed twice"}
    once_too_often = replace(TWICE, paper={"job-1": [4, 4, 4]})
    assert {found.promise for found in check([AGAIN], once_too_often, PRICE)} == {"printed twice", "unpaid"}
    for_nothing = replace(TWICE, paper={"job-1": [4]})
    assert [found.promise for found in check([AGAIN], for_nothing, PRICE)] == ["overcharged"]


def test_what_cups_saw_completed_and_nobody_knows_is_lost() -> None:
    gone = replace(GOOD, journals={"north": []}, log=[], paper={})
    assert [found.promise for found in check([AGAIN], gone, PRICE)] == ["lost"]
    assert check([replace(AGAIN, answer=Answer.NONE)], gone, PRICE) == []


def test_the_same_seed_is_the_same_storm() -> None:
    one, two, other = (
        make_storm(
            seed, jobs=50, faults=KINDS + 9, jobs_per_s=5, providers=2, queues=(0, 1), users=3, only=tuple(Fault)
        )
        for seed in (7, 7, 8)
    )
    assert one == two != other
    assert {action.fault for action in one.actions if isinstance(action, Trouble)} == set(Fault)
    assert (one.jobs, one.faults) == (50, KINDS + 9)


def test_every_kind_of_fault_comes_with_one_database_or_the_other() -> None:
    assert {*kinds(on_sqlite=True), *kinds(on_sqlite=False)} == set(Fault)

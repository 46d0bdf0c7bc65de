"""Which copy is good: every state that an interruption can leave behind, and what may be done in it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.cluster.ocf.mirror.truth import (
    Damaged,
    Record,
    Start,
    Truth,
    alone,
    as_source,
    as_target,
    forced,
    given_back,
    in_sync,
    may_be_made_anew,
    may_be_written_over,
    may_declare,
    may_start,
    read_record,
    read_truth,
    refusal,
)

NOW = "2026-11-27T10:15:00Z"
A, B = "alpha", "beta"
BOTH = Truth(5, (A, B), NOW)
ONLY_A = Truth(6, (A,), NOW)


def source(generation: int) -> Record:
    return Record(generation, is_target=False, since=NOW)


def target(generation: int) -> Record:
    return Record(generation, is_target=True, since=NOW)


@pytest.mark.parametrize(
    ("host", "truth", "record", "verdict"),
    [
        (A, None, None, Start.YES),
        (B, None, None, Start.ELSEWHERE),
        (A, None, source(1), Start.YES),  # the first start, killed before the cluster had noted it
        (A, None, source(2), Start.UNKNOWN),
        (B, None, target(0), Start.UNKNOWN),
        (A, None, target(1), Start.UNKNOWN),
        (A, BOTH, source(5), Start.YES),
        (B, BOTH, target(3), Start.YES),
        (B, BOTH, None, Start.YES),
        (A, ONLY_A, source(5), Start.YES),  # killed between the cluster's note and its own
        (A, ONLY_A, source(7), Start.YES),  # a start, killed between its own note and the cluster's
        (A, ONLY_A, source(8), Start.NEWER),
        (B, ONLY_A, target(3), Start.STALE),
        (B, ONLY_A, source(9), Start.STALE),
    ],
)
def test_only_what_the_cluster_says_is_good_may_start(
    host: str, truth: Truth | None, record: Record | None, verdict: Start
) -> None:
    assert may_start(host, A, truth, record) is verdict


def test_who_was_replaced_declares_nothing() -> None:
    assert may_declare(A, BOTH)
    assert may_declare(A, ONLY_A)
    assert may_declare(A, None)
    assert not may_declare(B, ONLY_A)


def test_a_start_that_did_not_come_about_costs_no_copy() -> None:
    begun = alone(A, BOTH, NOW)
    back = given_back(BOTH, begun)
    assert (back.generation, back.current) == (BOTH.generation + 2, (A, B))
    for host in (A, B):
        assert may_start(host, A, back, as_source(begun)) is Start.YES


@pytest.mark.parametrize("good", [A, "printing-host-17.cellar.example.edu"])
def test_a_refusal_says_what_to_do_and_what_it_costs(good: str) -> None:
    said = refusal(Start.STALE, "print1", B, Truth(3, (good,), NOW))
    # The engine shows no more of it.
    shown = said[:128]
    assert f"stale copy: switch {good} on, or see `everprint cluster mirror force`" in shown
    assert f"beta lacks what was written since {NOW}" in said
    assert "everprint cluster mirror force TOPOLOGY print1 --host beta" in said
    for start in (Start.UNKNOWN, Start.NEWER):
        assert "mirror list" in refusal(start, "print1", B, None)
    assert "never ran" in refusal(Start.ELSEWHERE, "print1", B, None)


@pytest.mark.parametrize(
    ("host", "truth", "over", "anew"),
    [
        (A, None, False, False),  # the first disk, before it ever ran
        (B, None, True, True),
        (A, ONLY_A, False, False),
        (B, ONLY_A, True, True),
        (A, BOTH, True, False),  # it is served again as it is; gone it would first have to be noted as lost
        (B, BOTH, True, False),
    ],
)
def test_the_only_good_copy_is_never_given_away(host: str, truth: Truth | None, over: bool, anew: bool) -> None:
    assert may_be_written_over(host, A, truth) is over
    assert may_be_made_anew(host, A, truth) is anew


# What a life consists of: who starts, who is copied to, who is lost, and where power ends it.
STEPS = st.lists(
    st.sampled_from(["start-a", "start-b", "sync", "write", "lose", "lose-then-cut", "cut"]), max_size=30
)


@given(STEPS)
def test_whatever_happens_no_copy_starts_that_lacks_an_acknowledged_write(steps: list[str]) -> None:
    """A model of both disks: `has` counts the acknowledged writes that each one holds."""
    has = {A: 0, B: 0}
    records: dict[str, Record | None] = {A: None, B: None}
    truth: Truth | None = None
    runs, acknowledged, mirrored = "", 0, False
    for step in steps:
        peer = B if runs == A else A
        match step:
            case "start-a" | "start-b" if not runs:
                host = A if step == "start-a" else B
                if may_start(host, A, truth, records[host]) is not Start.YES:
                    continue
                assert has[host] == acknowledged, "a copy started that lacks a write"
                truth = alone(host, truth, NOW)
                records[host] = as_source(truth)
                runs, mirrored = host, False
            case "sync" if runs and truth and not mirrored:
                assert may_be_written_over(peer, A, truth)
                records[peer] = as_target(truth, NOW)
                has[peer] = has[runs]
                truth, mirrored = in_sync(runs, peer, truth, NOW), True
                records[runs] = as_source(truth)
            case "write" if runs:
                acknowledged += 1
                for host in (runs, peer) if mirrored else (runs,):
                    has[host] += 1
            case "lose" | "lose-then-cut" if runs and mirrored:
                truth, mirrored = alone(runs, truth, NOW), False  # noted first; only then its own record
                if step == "lose-then-cut":
                    runs = ""
                else:
                    records[runs] = as_source(truth)
            case "cut":
                runs, mirrored = "", False
    good = [host for host in (A, B) if may_start(host, A, truth, records[host]) is Start.YES]
    assert all(has[host] == acknowledged for host in good)
    assert good, "the last one that ran, or a copy as good, can always start"


@given(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=2))
def test_a_forced_copy_starts_whatever_the_others_remember(generation: int, others: list[int]) -> None:
    records = tuple(source(one) for one in others)
    truth = forced(B, Truth(generation, (A,), NOW), records, NOW)
    assert may_start(B, A, truth, records[0] if records else None) is Start.YES
    assert may_start(A, A, truth, None) is Start.STALE


@pytest.mark.parametrize(("truth", "record"), list(product([BOTH, ONLY_A], [source(3), target(0)])))
def test_both_words_are_read_as_they_were_written(truth: Truth, record: Record) -> None:
    assert read_truth(truth.written()) == truth
    assert read_record(record.written()) == record
    assert read_truth("\n") is None


@pytest.mark.parametrize(
    "text", ["x", "1", "1:", "-1:alpha:now", "1:al pha:now", "1:,beta:now", f"{10**16}:a:now", "1:a/b:x"]
)
def test_a_damaged_word_of_the_cluster_is_not_guessed_at(text: str) -> None:
    with pytest.raises(Damaged, match="the cluster's word"):
        read_truth(text)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"generation": "1", "is_target": true, "since": "x"}', '{"generation": 1', "null"]
)
def test_a_damaged_record_is_not_guessed_at(text: str) -> None:
    with pytest.raises(Damaged, match="the record beside"):
        read_record(text)

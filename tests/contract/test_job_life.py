"""The table of a job's life: every pair of state and event, and what must hold of the whole."""

from __future__ import annotations

from itertools import product

import pytest

from everprint.contract.job_life import TRANSITIONS, IllegalEvent, JobEvent, JobState, next_state


@pytest.mark.parametrize(("state", "event"), list(product(JobState, JobEvent)))
def test_every_pair_leads_somewhere_or_is_refused(state: JobState, event: JobEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalEvent, match=f"a job that is {state} cannot be told {event}"):
            next_state(state, event)


@pytest.mark.parametrize("state", [state for state in JobState if state.is_final])
def test_nothing_follows_a_final_state(state: JobState) -> None:
    assert not [event for event in JobEvent if (state, event) in TRANSITIONS]


@pytest.mark.parametrize("state", [state for state in JobState if not state.is_final])
def test_every_other_state_can_still_be_ended(state: JobState) -> None:
    assert next_state(state, JobEvent.CANCELLED) is JobState.CANCELLED
    assert next_state(state, JobEvent.ABORTED) is JobState.ABORTED


def test_every_state_can_be_reached_and_can_reach_completion() -> None:
    reached = {JobState.INCOMING}
    while new := {after for (before, _), after in TRANSITIONS.items() if before in reached} - reached:
        reached |= new
    assert reached == set(JobState)
    finishing = {JobState.COMPLETED}
    while new := {before for (before, _), after in TRANSITIONS.items() if after in finishing} - finishing:
        finishing |= new
    assert finishing == {state for state in JobState if not state.is_final} | {JobState.COMPLETED}


def test_nothing_is_completed_that_was_not_authorised_and_delivered() -> None:
    before_completed = {before for (before, _), after in TRANSITIONS.items() if after is JobState.COMPLETED}
    assert before_completed == {JobState.DELIVERING, JobState.PRINTING}
    assert {b for (b, _), after in TRANSITIONS.items() if after is JobState.DELIVERING} == {JobState.AUTHORISED}


def test_no_job_goes_back_to_the_queue_after_it_was_refused() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] is JobState.REFUSED]

"""Subscriptions without the wire: leases, what is an event and what is not, and how many wait."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from everprint.provider.queue import QueueChange
from everprint.provider.queue_control import QueueControl
from everprint.provider.queue_state import DeviceStatus
from everprint.provider.subscriptions.happening import Happening, of_job
from everprint.provider.subscriptions.registry import SubscriptionLimits, Subscriptions, TooManySubscriptions
from everprint.provider.subscriptions.subscription import Wanted
from everprint.provider.subscriptions.terms import JOB_EVENTS, MOST_EVENTS, PRINTER_EVENTS
from tests.provider.jobs_for_tests import NOW, a_job
from tests.provider.test_queue import queue

JOB = a_job(7)
HOUR = Wanted(JOB_EVENTS, lease_s=3600)


@pytest.mark.parametrize(
    ("before", "after", "event"),
    [
        (None, JOB, "job-created"),
        (JOB, JOB, None),
        (JOB, replace(JOB, processing_at=NOW), None),
        (JOB, replace(JOB, state=JobState.ANALYSED), None),  # both are pending to a client
        (JOB, replace(JOB, state=JobState.PRINTING), "job-state-changed"),
        (JOB, replace(JOB, job_state_reasons=("job-incoming",)), "job-state-changed"),
        (JOB, replace(JOB, state=JobState.COMPLETED), "job-completed"),
        (JOB, replace(JOB, state=JobState.CANCELLED), "job-completed"),
        (JOB, replace(JOB, job_name="minutes"), "job-config-changed"),
        (JOB, replace(JOB, attributes=()), "job-config-changed"),
    ],
)
def test_events_of_a_job(before: Job | None, after: Job, event: str | None) -> None:
    happening = of_job(before, after)
    assert (happening.event if happening else None) == event


def test_who_subscribed_to_the_general_event_is_told_the_special_one() -> None:
    done = Happening("job-completed", "office", "", ())
    assert done.subscribed_as(("job-completed", "job-state-changed")) == "job-completed"
    assert done.subscribed_as(("job-state-changed",)) == "job-state-changed"
    assert done.subscribed_as(("job-created",)) is None


def test_events_of_a_queue() -> None:
    async def told() -> list[str]:
        subscriptions = Subscriptions(SubscriptionLimits(10, 10))
        one = subscriptions.subscribe("office", "anna", Wanted(PRINTER_EVENTS, lease_s=60))
        office = queue()
        office.watch(subscriptions.note_queue)
        office.change_status(replace(DeviceStatus(), state=office.status.state, reasons=()))
        office.change_control(QueueControl(paused=True))
        office.change_control(QueueControl(paused=True, message="only a word"))
        subscriptions.note_queue(office, QueueChange.CONFIGURATION)
        return [event.subscribed_event for event in one.notifications()]

    assert asyncio.run(told()) == ["printer-stopped", "printer-stopped", "printer-config-changed"]


def test_a_lease_ends_and_makes_room() -> None:
    async def leases() -> None:
        subscriptions = Subscriptions(SubscriptionLimits(in_all=2, per_user=1))
        over = subscriptions.subscribe("office", "anna", Wanted(JOB_EVENTS, lease_s=0))
        assert subscriptions.get("office", over.subscription_id) is None
        kept = subscriptions.subscribe("office", "anna", HOUR)
        assert subscriptions.get("office", kept.subscription_id) is kept
        assert subscriptions.get("elsewhere", kept.subscription_id) is None
        with pytest.raises(TooManySubscriptions):
            subscriptions.subscribe("office", "anna", HOUR)
        subscriptions.renew(kept, 0)
        assert list(subscriptions.of_queue("office")) == []
        subscriptions.subscribe("office", "anna", HOUR)

    asyncio.run(leases())


def test_the_oldest_events_make_room() -> None:
    async def ring() -> None:
        subscriptions = Subscriptions(SubscriptionLimits(10, 10))
        one = subscriptions.subscribe("office", "anna", HOUR)
        for _ in range(MOST_EVENTS + 5):
            subscriptions.note_job(None, JOB)
        waiting = [event.sequence_number for event in one.notifications()]
        assert waiting == list(range(6, MOST_EVENTS + 6))
        assert [event.sequence_number for event in one.notifications(MOST_EVENTS + 4)] == waiting[-2:]

    asyncio.run(ring())


def test_who_waits_is_let_go_when_the_provider_stops() -> None:
    async def stop() -> None:
        subscriptions = Subscriptions(SubscriptionLimits(10, 10))
        one = subscriptions.subscribe("office", "anna", HOUR)
        waiting = asyncio.create_task(subscriptions.until_told([one], 3600))
        await asyncio.sleep(0)
        assert not waiting.done()
        subscriptions.close()
        await asyncio.wait_for(waiting, 10)
        subscriptions.note_job(None, JOB)  # jobs go on for a moment
        await asyncio.wait_for(subscriptions.until_told([one], 3600), 10)

    asyncio.run(stop())


def test_an_event_wakes_only_those_whom_it_concerns() -> None:
    async def wait_and_tell() -> None:
        subscriptions = Subscriptions(SubscriptionLimits(10, 10))
        office, attic = (subscriptions.subscribe(name, "anna", HOUR) for name in ("office", "attic"))
        of_another_job = subscriptions.subscribe("office", "anna", HOUR, a_job(8))
        waiting = {
            name: asyncio.create_task(subscriptions.until_told(own, 3600))
            for name, own in {"office": [office], "both": [attic, office], "attic": [attic, of_another_job]}.items()
        }
        await asyncio.sleep(0)
        subscriptions.note_job(None, JOB)
        await asyncio.wait_for(asyncio.gather(waiting["office"], waiting["both"]), 10)
        assert not waiting["attic"].done()
        assert not office.bells, "who is gone is not woken again"
        assert [len(one.bells) for one in (attic, of_another_job)] == [1, 1]
        subscriptions.close()
        await asyncio.wait_for(waiting["attic"], 10)

    asyncio.run(wait_and_tell())

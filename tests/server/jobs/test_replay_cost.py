"""What the replay of jobs that were printed while the server was away costs: few statements, whoever printed them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bench.lives import COST, described, offline_life
from everprint.contract.messages import Event, JobFinished, PrinterState, PrinterStatus
from tests.server.conftest import Database
from tests.server.world import NOON, PrintServer, audit_is_clean, balance_of, new_printer, terms

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS, IN_A_BATCH = 60, 180


def life_events(users: tuple[str, ...]) -> list[Event]:
    """Of sixty jobs, one of each user in turn."""
    lives = [described("office", users[number % len(users)]) for number in range(JOBS)]
    told = [(job, fact) for job in lives for fact in offline_life(job)]
    return [
        Event(sequence=number, at=NOON, job_id=job.job_id, fact=fact) for number, (job, fact) in enumerate(told, 1)
    ]


@pytest.mark.parametrize("users", [("anna",), tuple("abcdefghij")])
def test_each_job_takes_few_statements(database: Database, users: tuple[str, ...]) -> None:
    from django.db import connection

    from everprint.server.jobs.replay import take_events
    from everprint.server.people.users import create_user

    north = PrintServer()
    for name in users:
        create_user(name, credit=Decimal("100.00"))
    said: list[str] = []

    def note(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        said.append(statement)
        return execute(statement, *rest)

    events = life_events(users)
    with connection.execute_wrapper(note):
        for start in range(0, len(events), IN_A_BATCH):
            take_events(north.provider.pk, events[start : start + IN_A_BATCH], terms())
    # It were 27 when each job read and wrote all by itself.
    assert len(said) / JOBS < 9
    assert {balance_of(name) for name in users} == {Decimal("100.00") - COST * (JOBS // len(users))}
    audit_is_clean()


def test_a_batch_reads_no_queue_that_it_does_not_speak_of(database: Database) -> None:
    """A print server may have thousands of queues: to read them all took longer than all the rest."""
    from django.db.models.signals import post_init

    from everprint.server.jobs.replay import take_events
    from everprint.server.people.users import create_user
    from everprint.server.printers.models import Printer

    north = PrintServer()
    for number in range(5):
        new_printer(north.provider, f"other{number}")
    create_user("anna", credit=Decimal("100.00"))
    read: list[str] = []

    def note(instance: Printer, **_: object) -> None:
        read.append(instance.name)

    status = Event(
        sequence=7, at=NOON, job_id=None, fact=PrinterStatus(queue="other3", state=PrinterState.IDLE, reasons=[])
    )
    post_init.connect(note, sender=Printer)
    try:
        take_events(north.provider.pk, [*life_events(("anna",))[:6], status], terms())
    finally:
        post_init.disconnect(note, sender=Printer)
    assert set(read) == {"office", "other3"}
    assert Printer.objects.get(name="other3").state == PrinterState.IDLE


def test_what_fails_half_way_leaves_nothing_of_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one request of several in one transaction, which goes on: the rest of the batch is taken one by one."""
    from django.db import transaction

    from everprint.server.jobs import facts
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.replay import take_events
    from everprint.server.people.users import create_user

    north = PrintServer()
    create_user("anna", credit=Decimal("100.00"))
    events = life_events(("anna",))[:18]
    finish, broken = facts._finish, events[11].job_id

    def fails(batch: Any, job: Job, event: Event, fact: JobFinished) -> Any:
        if str(job.uuid) == broken:
            raise ValueError("one that cannot be booked")
        return finish(batch, job, event, fact)

    monkeypatch.setattr(facts, "_finish", fails)
    with transaction.atomic():
        assert take_events(north.provider.pk, events, terms()) == 18
    assert balance_of("anna") == Decimal("100.00") - COST * 3  # two charged, and what is held for the third
    assert sorted(Job.objects.values_list("state", flat=True)) == ["completed", "completed", "printing"]
    audit_is_clean()

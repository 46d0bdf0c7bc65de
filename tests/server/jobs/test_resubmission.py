"""Jobs printed again from their kept documents: by whom, while when, and what the old job's time line says."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobNoted,
    JobReceived,
    JobResubmitted,
    Print,
    ResubmitFailed,
    ResubmitJob,
)
from tests.server.conftest import Database
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages, summary

HOUR = timedelta(hours=1)


def print_whole(north: PrintServer, job: JobDescription, kept: timedelta | None = HOUR) -> None:
    """From its arrival to its end, with its document kept for so long."""
    assert isinstance(north.ask(job, pages(4)), Print)
    until = None if kept is None else datetime.now(UTC) + kept
    north.report(
        job,
        JobReceived(job=job),
        JobAnalysed(document=summary(pages(4))),
        JobFinished(state=JobState.COMPLETED, output=pages(4)),
        JobNoted(job_name=job.job_name, document_until=until),
    )


def ordered(north: PrintServer) -> list[ResubmitJob]:
    from everprint.server.providers.orders import orders_after

    return [order.do for order in orders_after(north.provider.pk, 0) if isinstance(order.do, ResubmitJob)]


def test_it_is_a_new_job_that_costs_again(database: Database) -> None:
    from everprint.server.jobs.resubmission import order_resubmit

    north = PrintServer()
    job = north.job()
    print_whole(north, job)
    order_resubmit(north.seen(job), north.user)
    (order,) = ordered(north)
    assert (order.job_id, order.by) == (job.job_id, "alice")
    again = north.job(job_id=order.new_job_id)
    print_whole(north, again)
    north.report(job, JobResubmitted(new_job_id=order.new_job_id, by="alice"))
    new, old = north.seen(again), north.seen(job)
    assert old.state == new.state == JobState.COMPLETED
    assert (old.cost_charged, new.cost_charged, balance_of("alice")) == (
        Decimal("0.20"), Decimal("0.20"), Decimal("0.60"),
    )  # fmt: skip
    assert old.steps.get(event="resubmitted").text == f"as job {new.number}, by alice"
    audit_is_clean()


@pytest.mark.parametrize("kept", [None, -HOUR])
def test_only_while_the_document_is_there(database: Database, kept: timedelta | None) -> None:
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.jobs.resubmission import can_resubmit, order_resubmit

    north = PrintServer()
    job = north.job()
    print_whole(north, job, kept)
    assert not can_resubmit(north.seen(job))
    with pytest.raises(NotPossible):
        order_resubmit(north.seen(job), north.user)
    assert not ordered(north)


def test_its_owner_and_operators_may(database: Database) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.jobs.orders import NotYours
    from everprint.server.jobs.resubmission import order_resubmit
    from everprint.server.people.users import create_user

    north = PrintServer()
    job = north.job()
    print_whole(north, job)
    with pytest.raises(NotYours):
        order_resubmit(north.seen(job), create_user("bob"))
    order_resubmit(north.seen(job), create_user("olga", role=Role.OPERATOR))
    assert [order.by for order in ordered(north)] == ["olga"]
    north.report(job, ResubmitFailed(reason="its document is not kept"))
    failed = north.seen(job).steps.get(event="resubmitted")
    assert (failed.text, failed.moved) == ("without effect: its document is not kept", False)


def test_an_order_says_the_same_new_job_however_often_it_is_fetched(database: Database) -> None:
    from everprint.server.jobs.resubmission import order_resubmit

    north = PrintServer()
    job = north.job()
    print_whole(north, job)
    order_resubmit(north.seen(job), north.user)
    first, second = ordered(north), ordered(north)
    assert first == second and uuid.UUID(first[0].new_job_id)

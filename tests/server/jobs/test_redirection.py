"""Redirected jobs: ordered by operators, priced anew, reserved once, whatever report comes first."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DeliveryBegun,
    DocumentSent,
    JobAnalysed,
    JobFinished,
    JobHeld,
    JobReceived,
    JobRedirected,
    Print,
    RedirectFailed,
    RedirectJob,
    Refuse,
)
from everprint.contract.pricing import SideCosts
from tests.server.conftest import Database
from tests.server.world import PrintServer, account_named, audit_is_clean, balance_of, new_printer, pages, summary

MOVED = JobRedirected(queue="hall", by="olga")


@pytest.fixture
def north(database: Database) -> PrintServer:
    """The hall costs twice as much as the office."""
    from everprint.server.printers.costs import change_costs

    north = PrintServer()
    double = Decimal("0.10")
    change_costs(new_printer(north.provider, "hall"), "", SideCosts(double, double, double, double))
    return north


def authorised(north: PrintServer):  # noqa: ANN201 - the contract's job
    job = north.job()
    assert north.ask(job, pages(4)) == Print(cost=Decimal("0.20"), account="alice")
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))))
    return job


def available() -> Decimal:
    from everprint.server.accounts.available import available_to

    account = account_named("alice").pk
    amount = available_to([account])[account]
    assert amount is not None
    return amount


@pytest.mark.parametrize("report_first", [True, False])
def test_the_reservation_moves_once(north: PrintServer, report_first: bool) -> None:
    job = authorised(north)
    there = msgspec.structs.replace(job, queue="hall")
    if report_first:
        north.report(job, MOVED)
        seen = north.seen(job)
        assert (seen.state, seen.printer.name, seen.cost_reserved) == (JobState.ACCEPTED, "hall", 0)
        assert available() == Decimal("1.00")
    assert north.ask(there, pages(4), attempt=2) == Print(cost=Decimal("0.40"), account="alice")
    north.report(job, *(() if report_first else (MOVED,)), JobAnalysed(document=summary(pages(4))))
    seen = north.seen(job)
    assert (seen.state, seen.printer.name, seen.cost_reserved) == (JobState.AUTHORISED, "hall", Decimal("0.40"))
    assert available() == Decimal("0.60")
    output = JobFinished(state=JobState.COMPLETED, output=pages(4))
    north.report(job, DeliveryBegun(), DocumentSent(device_job_id=7), output)
    assert north.seen(job).cost_charged == Decimal("0.40")
    assert balance_of("alice") == Decimal("0.60")
    audit_is_clean()


@pytest.mark.parametrize("report_first", [True, False])
def test_a_refusal_that_came_after_the_redirection_is_taken_back(north: PrintServer, report_first: bool) -> None:
    from everprint.server.printers.models import Printer

    Printer.objects.filter(name="office").update(over_limit="refuse")
    job = north.job()
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(40))))
    assert isinstance(north.ask(job, pages(40)), Refuse)  # and nobody heard it: the job is in the other queue by then
    if report_first:
        north.report(job, MOVED)
        assert north.seen(job).state == JobState.ACCEPTED
    assert isinstance(north.ask(msgspec.structs.replace(job, queue="hall"), pages(4), attempt=2), Print)
    north.report(job, *(() if report_first else (MOVED,)), JobAnalysed(document=summary(pages(4))))
    north.report(job, DeliveryBegun(), JobFinished(state=JobState.COMPLETED, output=pages(4)))
    seen = north.seen(job)
    assert (seen.state, seen.reason, seen.cost_charged) == (JobState.COMPLETED, "", Decimal("0.40"))
    audit_is_clean()


def test_a_hold_that_came_before_the_refusal_stands(north: PrintServer) -> None:
    from everprint.server.printers.models import Printer

    Printer.objects.filter(name="office").update(over_limit="refuse")
    job = north.job()
    assert isinstance(north.ask(job, pages(40)), Refuse)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(40))), JobHeld(reason="by olga"))
    seen = north.seen(job)
    assert (seen.state, seen.finished_at) == (JobState.HELD, None)
    assert isinstance(north.ask(job, pages(4), attempt=2), Print)


def test_a_held_job_is_held_again_there(north: PrintServer) -> None:
    job = authorised(north)
    north.report(job, JobHeld(reason="held"), MOVED, JobAnalysed(document=summary(pages(4))), JobHeld(reason="again"))
    seen = north.seen(job)
    assert (seen.state, seen.printer.name, seen.reason, seen.pages) == (JobState.HELD, "hall", "again", 4)
    assert not seen.steps.filter(moved=False).exists()


def test_a_redirection_that_failed_is_on_the_time_line(north: PrintServer) -> None:
    job = authorised(north)
    north.report(job, RedirectFailed(queue="hall", reason="too late"))
    seen = north.seen(job)
    assert (seen.state, seen.printer.name) == (JobState.AUTHORISED, "office")
    assert seen.steps.last().text == "to hall: too late"


def test_operators_order_it_for_one_job_and_for_all_that_wait(north: PrintServer) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.jobs.orders import NotPossible, NotYours
    from everprint.server.jobs.redirection import order_redirect, order_redirect_all
    from everprint.server.people.users import create_user
    from everprint.server.printers.models import Printer
    from everprint.server.providers.orders import orders_after
    from tests.server.world import new_provider

    office, hall = Printer.objects.get(name="office"), Printer.objects.get(name="hall")
    olga = create_user("olga", role=Role.OPERATOR)
    first, second, third = (authorised(north) for _ in range(3))
    before = north.provider.__class__.objects.get(pk=north.provider.pk).orders_made
    with pytest.raises(NotYours):
        order_redirect(north.seen(first), hall, north.user)
    elsewhere = new_printer(new_provider("south")[0], "far")
    for target in (office, elsewhere):
        with pytest.raises(NotPossible, match="no other printer"):
            order_redirect(north.seen(first), target, olga)
    order_redirect(north.seen(first), hall, olga)
    north.report(second, DeliveryBegun())
    with pytest.raises(NotPossible, match="delivering"):
        order_redirect(north.seen(second), hall, olga)
    north.report(third, DeliveryBegun(), JobHeld(reason="?", in_doubt=True))
    with pytest.raises(NotPossible, match="look first"):
        order_redirect(north.seen(third), hall, olga)
    fourth = authorised(north)
    assert order_redirect_all(office, hall, olga) == 2
    wanted = [first, first, fourth]
    orders = orders_after(north.provider.pk, before)
    assert [one.do for one in orders] == [RedirectJob(job_id=job.job_id, by="olga", queue="hall") for job in wanted]
    assert [one.sequence for one in orders] == [before + 1, before + 2, before + 3]

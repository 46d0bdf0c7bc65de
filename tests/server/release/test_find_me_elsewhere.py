"""A Find-Me job is printed at the printer of another Print Provider: handed over once, at the price there."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from everprint.contract.hand_over import HandOverState, Offer, Piece
from everprint.contract.messages import (
    Abilities,
    Event,
    HandOverJob,
    Hold,
    JobAnalysed,
    JobFact,
    JobGiven,
    JobHeld,
    JobReceived,
    JobTaken,
    Print,
    PrinterState,
    PrinterStatus,
)
from everprint.contract.pricing import SideCosts
from tests.server.jobs.test_hand_overs import parcel
from tests.server.world import A4, NOON, PrintServer, audit_is_clean, new_printer, new_provider, pages, summary, terms

pytestmark = pytest.mark.usefixtures("database")


def test_it_goes_to_the_other_print_server_and_is_priced_there() -> None:
    from everprint.contract.messages import Authorise
    from everprint.server.jobs.decide import decide
    from everprint.server.jobs.hand_overs import claim, keep_piece, offer, open_for
    from everprint.server.jobs.replay import take_events
    from everprint.server.printers.costs import change_costs
    from everprint.server.printers.queues import add_printer
    from everprint.server.providers.orders import orders_after
    from everprint.server.release.find_me import places_for, printers_for, release_at

    north = PrintServer()
    add_printer(north.provider, name="anywhere", device_uri="find-me:")
    south, _ = new_provider("south")
    far = new_printer(south, "far")
    double = Decimal("0.10")
    change_costs(far, "", SideCosts(double, double, double, double))
    for provider in (north.provider.pk, south.pk):
        open_for(provider)  # both hand jobs over

    def south_says(sequence: int, job_id: str | None, fact: JobFact | PrinterStatus) -> None:
        take_events(south.pk, [Event(sequence=sequence, at=NOON, job_id=job_id, fact=fact)], terms())

    abilities = Abilities(document_formats=["application/pdf"], media=[A4], colour=True, two_sided=True)
    south_says(1, None, PrinterStatus(queue="far", state=PrinterState.IDLE, reasons=[], abilities=abilities))
    far.refresh_from_db()
    job = north.job(queue="anywhere", octets=4)
    held = north.ask(job, pages(4))
    assert isinstance(held, Hold)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))), JobHeld(reason=held.reason))
    seen = north.seen(job)
    costs = {place.printer.name: place.cost for place in places_for(seen, printers_for(seen))}
    assert costs["far"] == Decimal("0.40")
    release_at(seen, far, north.user)

    order = orders_after(north.provider.pk, 0)[-1].do
    assert isinstance(order, HandOverJob)
    assert (order.queue, order.by) == ("far", "alice")
    number = order.hand_over
    north.report(job, JobGiven(hand_over=number, queue="far", by="alice"))
    offer(
        north.provider.pk, Offer(hand_over=number, parcel=msgspec.structs.replace(parcel(job, 4), queue="anywhere"))
    )
    sent = keep_piece(north.provider.pk, Piece(hand_over=number, number=0, octets=b"1234"))
    assert sent.state is HandOverState.OFFERED
    assert [one.release for one in open_for(south.pk)] == [True]
    assert claim(south.pk, number).state is HandOverState.TAKEN

    there = msgspec.structs.replace(job, queue="far")
    south_says(2, job.job_id, JobTaken(hand_over=number, job=there))
    question = Authorise(job=there, document=summary(pages(4)), attempt=2)
    assert decide(south.pk, question, terms()) == Print(cost=Decimal("0.40"), account="alice")
    assert north.seen(job).printer == far
    audit_is_clean()

"""Find-Me: one queue, printed at any printer that can, of any print server, at the price there, once."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

import msgspec
import pytest
from django.test import Client

from everprint.contract.messages import (
    Abilities,
    Hold,
    JobAnalysed,
    JobDescription,
    JobHeld,
    JobReceived,
    JobRedirected,
    Print,
    PrinterState,
    PrinterStatus,
)
from everprint.contract.pricing import SideCosts
from everprint.documents.result import Output
from tests.server.pages.signed_in import SignedIn, text_of
from tests.server.world import A4, PrintServer, audit_is_clean, new_printer, pages, summary

pytestmark = pytest.mark.usefixtures("database")

WAITS = Hold(reason="Waits until it is released at a printer.")
CAN_ALL = Abilities(document_formats=["application/pdf"], media=[A4], colour=True, two_sided=True)


@pytest.fixture
def north() -> PrintServer:
    """*office* costs 0.05 a side, *hall* twice as much; *anywhere* is a Find-Me queue."""
    from everprint.server.printers.costs import change_costs
    from everprint.server.printers.queues import add_printer

    north = PrintServer()
    double = Decimal("0.10")
    change_costs(new_printer(north.provider, "hall"), "", SideCosts(double, double, double, double))
    add_printer(north.provider, name="anywhere", device_uri="find-me:")
    for queue in ("office", "hall"):
        said = PrinterStatus(queue=queue, state=PrinterState.IDLE, reasons=[], abilities=CAN_ALL)
        north.report(None, said)
    return north


def printer_named(name: str):  # noqa: ANN201 - a Printer
    from everprint.server.printers.models import Printer

    return Printer.objects.get(name=name)


def waiting(north: PrintServer, output: Output | None = None, **changes: object) -> JobDescription:
    output = output or pages(4)
    encryption = str(changes.pop("password_encryption", ""))
    job = north.job(queue="anywhere", **changes)
    assert north.ask(job, output) == WAITS
    held = JobHeld(reason=WAITS.reason, password_encryption=encryption)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(output)), held)
    return job


def ordered() -> list[tuple[str, str, bool]]:
    from everprint.server.providers.models import Order

    found = Order.objects.exclude(job=None).order_by("sequence")
    return [(order.kind, order.queue, order.release) for order in found]


def test_it_waits_however_often_it_is_asked_and_costs_what_the_printer_costs(north: PrintServer) -> None:
    from everprint.server.jobs.orders import NotPossible, order_release
    from everprint.server.release.find_me import places_for, printers_for, release_at

    job = waiting(north)
    assert north.ask(job, pages(4), attempt=2) == WAITS
    with pytest.raises(NotPossible, match="at a printer"):
        order_release(north.seen(job), north.user)
    seen = north.seen(job)
    costs = {place.printer.name: place.cost for place in places_for(seen, printers_for(seen))}
    assert costs == {"hall": Decimal("0.40"), "office": Decimal("0.20")}
    release_at(seen, printer_named("hall"), north.user)
    assert ordered() == [("redirect-job", "hall", True)]
    there = msgspec.structs.replace(job, queue="hall", redirected=True)
    north.report(job, JobRedirected(queue="hall", by="alice"), JobAnalysed(document=summary(pages(4))))
    assert north.ask(there, pages(4), attempt=3) == Print(cost=Decimal("0.40"), account="alice")
    audit_is_clean()


@pytest.mark.parametrize(
    ("can", "output", "changes", "misfit"),
    [
        ({"two_sided": False}, pages(4), {"sides": "two-sided-long-edge"}, "it prints on one side only"),
        ({"colour": False}, pages(3, 1), {}, "it prints no colour"),
        ({"media": ["iso_a3_297x420mm"]}, pages(1), {}, "it has no A4"),
        ({"document_formats": ["image/urf"]}, pages(1), {}, "it does not print application/pdf"),
    ],
)
def test_a_printer_that_cannot_do_all_of_it_is_not_offered(
    north: PrintServer, can: dict[str, object], output: Output, changes: dict[str, object], misfit: str
) -> None:
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.release.find_me import misfits_of, release_at

    abilities = msgspec.structs.replace(CAN_ALL, **can)
    north.report(None, PrinterStatus(queue="hall", state=PrinterState.IDLE, reasons=[], abilities=abilities))
    job = north.seen(waiting(north, output, **changes))
    assert [str(one) for one in misfits_of(job, printer_named("hall"))] == [misfit]
    assert misfits_of(job, printer_named("office")) == ()
    with pytest.raises(NotPossible, match="cannot print"):
        release_at(job, printer_named("hall"), north.user)
    assert ordered() == []


def test_one_that_said_nothing_and_one_that_is_set_aside_are_no_places(north: PrintServer) -> None:
    from everprint.server.printers.queues import change_printer
    from everprint.server.release.find_me import misfits_of, printers_for

    new = new_printer(north.provider, "new")
    job = north.seen(waiting(north))
    assert misfits_of(job, new)
    change_printer(printer_named("hall"), find_me_target=False)
    assert {printer.name for printer in printers_for(job)} == {"new", "office"}


def test_pages_station_and_phone_let_choose(north: PrintServer) -> None:
    from everprint.server.people.cards import set_card
    from everprint.server.release.stations import make_station

    first, second, third = waiting(north), waiting(north), waiting(north)
    owner = SignedIn(north.user)
    number = north.seen(first).number
    assert "Release at" in owner.see("/me")
    shown = owner.see(f"/jobs/{number}/release-at")
    assert "0.40" in shown
    hall, office = printer_named("hall"), printer_named("office")
    assert "will be printed at hall" in owner.send(f"/jobs/{number}/release-at", at=str(hall.pk))
    phone = f"/release/printer/{office.uuid}"
    assert "0.20" in owner.see(phone)
    address = f"/jobs/{north.seen(second).number}/release-at"
    answer = owner.client.post(address, {"at": office.pk, "back": phone})
    assert answer.headers["Location"] == phone
    set_card(north.user, 1, "04A2B3C4")
    made = make_station([hall, office], name="Hall", by_card=True, by_pin=True, by_password=True, idle_s=60)
    screen = Client(SERVER_NAME="localhost")
    text_of(screen.post(f"/release/{made.key}/sign-in", {"card": "04A2B3C4"}, follow=True).content.decode())
    screen.post(f"/release/{made.key}/jobs/{north.seen(third).number}/release", {"at": hall.pk})
    assert ordered() == [
        ("redirect-job", "hall", True), ("redirect-job", "office", True), ("redirect-job", "hall", True),
    ]  # fmt: skip


def test_one_that_was_sent_with_a_pin_goes_with_it(north: PrintServer) -> None:
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.people.cards import set_card
    from everprint.server.providers.models import Order
    from everprint.server.release.find_me import release_at
    from everprint.server.release.stations import make_station

    jobs = [waiting(north, password_encryption="sha2-256") for _ in range(3)]
    first, second, third = (north.seen(job) for job in jobs)
    hall, office = printer_named("hall"), printer_named("office")
    with pytest.raises(NotPossible, match="with its PIN only"):
        release_at(first, hall, north.user)
    owner = SignedIn(north.user)
    page = f"/jobs/{first.number}/release-at"
    assert page in owner.client.get("/me").content.decode()
    assert "five tries" in owner.see(page)
    assert "with its PIN only" in owner.send(page, at=str(hall.pk))
    assert "if that is its PIN" in owner.send(page, at=str(hall.pk), pin="8314")
    phone = f"/release/printer/{office.uuid}"
    here = f"/jobs/{second.number}/release-at?printer={office.pk}"
    assert here in owner.client.get(phone).content.decode()
    assert " hall " not in owner.see(here)
    assert owner.client.post(here, {"at": office.pk, "pin": "8314", "back": phone}).headers["Location"] == phone
    set_card(north.user, 1, "04A2B3C4")
    made = make_station([hall, office], name="Hall", by_card=True, by_pin=True, by_password=True, idle_s=60)
    screen = Client(SERVER_NAME="localhost")
    screen.post(f"/release/{made.key}/sign-in", {"card": "04A2B3C4"})
    shown = text_of(screen.get(f"/release/{made.key}/jobs/{third.number}").content.decode())
    assert "Release at hall, €0.40" in shown
    screen.post(f"/release/{made.key}/jobs/{third.number}/release", {"at": hall.pk, "pin": "8314"})
    assert ordered() == [
        ("redirect-job", "hall", True), ("redirect-job", "office", True), ("redirect-job", "hall", True),
    ]  # fmt: skip
    sent = Order.objects.exclude(password=None)
    assert {(order.password_encryption, len(bytes(order.password or b""))) for order in sent} == {("sha2-256", 32)}


def test_programs_ask_where_and_release_there(north: PrintServer) -> None:
    from everprint.server.api.tokens import make_token
    from tests.server.api.program import Program

    number = north.seen(waiting(north)).number
    alice = Program(north.user, make_token(north.user, "test", north.user.permissions).text)
    places = {place["name"]: place for place in alice.get(f"/release/jobs/{number}/printers")}
    assert places["hall"]["cost"] == "0.40"
    assert alice.refused("POST", f"/release/jobs/{number}", {"printer": 999})[1] == "no-such-printer"
    alice.done("POST", f"/release/jobs/{number}", {"printer": places["hall"]["printer"]})
    secret = north.seen(waiting(north, password_encryption="sha2-256")).number
    at_office = {"printer": places["office"]["printer"]}
    assert alice.refused("POST", f"/release/jobs/{secret}", at_office)[0] == HTTPStatus.CONFLICT
    alice.done("POST", f"/release/jobs/{secret}", {**at_office, "pin": "8314"})
    assert ordered() == [("redirect-job", "hall", True), ("redirect-job", "office", True)]
    assert alice.refused("POST", f"/jobs/{number}/release")[0] == HTTPStatus.CONFLICT

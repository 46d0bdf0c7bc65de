"""Release stations: only by their address, only at their printers, and good for nothing else."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived, ReleaseJob
from tests.server.api.program import program
from tests.server.pages.signed_in import SignedIn, administrator, text_of
from tests.server.world import PrintServer, new_printer, pages, summary

if TYPE_CHECKING:
    from everprint.contract.messages import JobDescription
    from everprint.server.release.models import Station

pytestmark = pytest.mark.usefixtures("database")

CARD, PIN, PASSWORD = "04A2B3C4", "8314", "correct horse"


@pytest.fixture
def north() -> PrintServer:
    from everprint.server.people.cards import set_card, set_pin
    from everprint.server.people.users import change_password

    north = PrintServer(queue={"hold": True})
    set_card(north.user, 1, CARD)
    set_pin(north.user, PIN)
    change_password(north.user, PASSWORD)
    return north


class Screen:
    """A station and the browser before it."""

    def __init__(self, north: PrintServer, **settings: object) -> None:
        from everprint.server.release.stations import make_station

        said = {"name": "Library", "by_card": True, "by_pin": True, "by_password": True, "idle_s": 60, **settings}
        made = make_station([north.printer], **said)
        self.station: Station = made.station
        self.address = f"/release/{made.key}"
        self.client = Client(SERVER_NAME="localhost", enforce_csrf_checks=False)

    def sign_in(self, **said: str) -> str:
        return text_of(self.client.post(f"{self.address}/sign-in", said, follow=True).content.decode())

    def see(self) -> str:
        return text_of(self.client.get(self.address).content.decode())

    def do(self, what: str, **said: str) -> str:
        return text_of(self.client.post(f"{self.address}/{what}", said, follow=True).content.decode())


def held(north: PrintServer, **changes: object) -> JobDescription:
    encryption = str(changes.pop("password_encryption", ""))
    job = north.job(**changes)
    north.ask(job, pages(4))
    facts = JobHeld(reason="held", password_encryption=encryption)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))), facts)
    return job


def orders() -> list[str]:
    from everprint.server.providers.models import Order

    return list(Order.objects.exclude(job=None).order_by("sequence").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "said",
    [{"card": "04:a2:b3:c4"}, {"user_name": "Alice", "secret": PIN}, {"user_name": "alice", "secret": PASSWORD}],
)
def test_every_way_in_leads_to_what_waits_and_out_again(north: PrintServer, said: dict[str, str]) -> None:
    screen, job = Screen(north), held(north)
    assert "report.pdf" not in screen.see()
    shown = screen.sign_in(**said)
    assert "report.pdf" in shown
    assert "0.20" in shown
    number = north.seen(job).number
    assert "report.pdf is released." in screen.do(f"jobs/{number}/release")
    step = north.seen(job).steps.get(event="ordered")
    assert (step.actor, orders()) == (north.user, ["release-job"])
    assert "report.pdf" not in screen.do("sign-out")


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("by_card", {"card": CARD}),
        ("by_pin", {"user_name": "alice", "secret": PIN}),
        ("by_password", {"user_name": "alice", "secret": PASSWORD}),
    ],
)
def test_a_way_that_the_station_does_not_take_leads_nowhere(
    north: PrintServer, way: str, said: dict[str, str]
) -> None:
    screen = Screen(north, **{way: False})
    held(north)
    assert "report.pdf" not in screen.sign_in(**said)


def test_it_opens_nothing_else(north: PrintServer) -> None:
    screen = Screen(north)
    number = north.seen(held(north)).number
    screen.sign_in(card=CARD)
    for path in ("/me", f"/jobs/{number}", "/api/v1/me", "/dashboard"):
        assert screen.client.get(path).status_code == HTTPStatus.UNAUTHORIZED, path
    other = Screen(north, name="Hall")
    assert screen.client.get(other.address).content.decode().count("report.pdf") == 0
    (cookie,) = [one for one in screen.client.cookies.values() if one.key == "everprint-station"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (screen.address, True, "Strict")
    assert screen.client.get("/release/somebody-guesses").status_code == HTTPStatus.NOT_FOUND


def test_only_what_waits_at_its_printers_is_there(north: PrintServer) -> None:
    new_printer(north.provider, "hall", hold=True)
    elsewhere, here = held(north, queue="hall", job_name="far.pdf"), held(north)
    screen = Screen(north)
    shown = screen.sign_in(card=CARD)
    assert "report.pdf" in shown
    assert "far.pdf" not in shown
    assert "does not wait any more" in screen.do(f"jobs/{north.seen(elsewhere).number}/release")
    assert "will be cancelled" in screen.do(f"jobs/{north.seen(here).number}/cancel")
    assert orders() == ["cancel-job"]


def test_whoever_chooses_accounts_does_so_there(north: PrintServer) -> None:
    from everprint.contract.selection import SelectionMode
    from everprint.server.charging.selection import select_for
    from everprint.server.charging.shared import SharedTerms, add_shared_account

    select_for(north.user, SelectionMode.CHOOSE)
    add_shared_account("Physics", SharedTerms(for_everybody=True))
    job = held(north)
    number = north.seen(job).number
    assert north.seen(job).account_info_needed
    screen = Screen(north)
    screen.sign_in(card=CARD)
    page = screen.client.get(screen.address).content.decode()
    assert f"jobs/{number}/account" in page
    assert f"jobs/{number}/release" not in page  # it would be asked for its account again
    assert "Physics" in text_of(screen.client.get(f"{screen.address}/jobs/{number}/account").content.decode())
    assert "may not charge" in screen.do(f"jobs/{number}/account", other="Chemistry")
    assert "report.pdf will be charged as you said." in screen.do(f"jobs/{number}/account", account="Physics")
    now = north.seen(job)
    assert (now.chosen_account.name if now.chosen_account else "", now.account_info_needed) == ("Physics", False)
    assert orders() == ["release-job"]


def test_nobody_chooses_the_account_of_anothers_job_there(north: PrintServer) -> None:
    from everprint.contract.selection import SelectionMode
    from everprint.server.charging.selection import select_for
    from everprint.server.people.users import create_user
    from everprint.server.release.delegates import set_delegates

    bob = create_user("bob")
    set_delegates(bob, ["alice"], [])
    select_for(bob, SelectionMode.CHOOSE)
    number = north.seen(held(north, user_name="bob", job_name="bobs.pdf")).number
    screen = Screen(north)
    screen.sign_in(card=CARD)
    assert f"jobs/{number}/account" not in screen.client.get(screen.address).content.decode()
    answer = screen.client.post(f"{screen.address}/jobs/{number}/account", {"account": ""})
    assert (answer.status_code, orders()) == (HTTPStatus.FOUND, [])


def test_it_speaks_the_language_of_whoever_signs_in(north: PrintServer) -> None:
    from everprint.server.languages import Language
    from everprint.server.notifications.wishes import change_wishes

    change_wishes(north.user, Language.GERMAN, [])
    job = held(north)
    screen = Screen(north)
    assert "Hold your card to the reader" in screen.see()
    shown = screen.sign_in(card=CARD)
    assert "Alle meine" not in shown
    assert "Freigeben" in shown
    assert "0,20 €".replace(" ", "") in shown.replace("\xa0", "").replace(" ", "")
    assert "report.pdf ist freigegeben." in screen.do(f"jobs/{north.seen(job).number}/release")
    assert "Hold your card to the reader" in screen.do("sign-out")


def test_all_of_ones_own_go_at_once_but_for_those_with_a_pin(north: PrintServer) -> None:
    from everprint.server.people.users import create_user
    from everprint.server.providers.models import Order
    from everprint.server.release.delegates import set_delegates

    set_delegates(create_user("bob"), ["alice"], [])
    held(north)
    held(north)
    secret, others = held(north, password_encryption="sha2-256"), held(north, user_name="bob", job_name="bobs.pdf")
    screen = Screen(north)
    assert "bobs.pdf" in screen.sign_in(card=CARD)
    assert "2 jobs are released." in screen.do("all")
    number = north.seen(secret).number
    assert "It was sent with a PIN" in text_of(screen.client.get(f"{screen.address}/jobs/{number}").content.decode())
    screen.do(f"jobs/{number}/release", pin="1234")
    (order,) = Order.objects.exclude(password=None)
    assert (order.kind, str(order.job)) == ("release-job", secret.job_id)
    assert ReleaseJob.__struct_config__.tag == order.kind
    number = north.seen(others).number
    assert "is not yours to cancel" in screen.do(f"jobs/{number}/cancel")
    assert "is released" in screen.do(f"jobs/{number}/release")


def test_the_time_runs_out_and_a_clock_that_asks_does_not_count(north: PrintServer) -> None:
    from django.utils import timezone

    from everprint.server.release.models import StationSession

    screen = Screen(north, idle_s=30)
    held(north)
    screen.sign_in(card=CARD)
    almost = timezone.now() - timedelta(seconds=29)
    StationSession.objects.update(used_at=almost)
    poll = {"HX-Request": "true"}
    assert screen.client.get(screen.address, headers=poll).status_code == HTTPStatus.OK
    assert StationSession.objects.get().used_at == almost
    screen.client.get(screen.address, headers={**poll, "X-Station-Touched": "true"})
    assert StationSession.objects.get().used_at > almost
    StationSession.objects.update(used_at=timezone.now() - timedelta(seconds=36))
    assert screen.client.get(screen.address, headers=poll).status_code == HTTPStatus.UNAUTHORIZED
    assert "report.pdf" not in screen.see()
    screen.do("all")
    assert orders() == []


def test_a_card_with_pin_asks_for_it(north: PrintServer) -> None:
    from everprint.server.installation.settings import change_settings

    change_settings({"card_needs_pin": True})
    screen = Screen(north)
    held(north)
    assert "Your card needs its PIN" in screen.sign_in(card=CARD)
    assert "not the PIN of the card" in screen.sign_in(card=CARD, pin="0000")
    assert "report.pdf" in screen.sign_in(card=CARD, pin=PIN)


def test_an_unknown_card_becomes_that_of_whoever_signs_in_if_cards_are_ones_own(north: PrintServer) -> None:
    from everprint.server.installation.settings import change_settings

    screen = Screen(north)
    held(north)
    assert "Nobody has this card." in screen.sign_in(card="99887766")
    change_settings({"own_cards": True})
    assert "This card is not known yet." in screen.sign_in(card="99887766")
    assert "Name or password is wrong." in screen.sign_in(card="99887766", user_name="alice", secret="wrong")
    assert "report.pdf" in screen.sign_in(card="99887766", user_name="alice", secret=PASSWORD)
    screen.do("sign-out")
    assert "report.pdf" in screen.sign_in(card="99887766")


@pytest.mark.parametrize("names", [["alice"] * 6, [f"nobody{number}" for number in range(51)]])
def test_guessing_is_stopped_by_name_and_by_station(
    north: PrintServer, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.people import cards
    from everprint.server.people.attempts import Attempts

    monkeypatch.setattr(cards, "pin_attempts", Attempts())
    screen = Screen(north, by_password=False)
    *before, last = [screen.sign_in(user_name=name, secret="0000") for name in names]
    assert not [said for said in before if "Too many" in said]
    assert "Too many failed attempts" in last


def test_card_numbers_are_not_tried_one_after_the_other(north: PrintServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.people.attempts import Attempts
    from everprint.server.release import sign_in

    monkeypatch.setattr(sign_in, "card_attempts", Attempts())
    screen = Screen(north)
    for number in range(50):
        assert "Nobody has this card." in screen.sign_in(card=f"1000{number:04d}")
    assert "Too many failed attempts" in screen.sign_in(card=CARD)


def test_somebody_who_is_disabled_is_signed_out(north: PrintServer) -> None:
    from everprint.server.people.users import change_active

    screen = Screen(north)
    held(north)
    assert "report.pdf" in screen.sign_in(card=CARD)
    change_active(north.user, False)
    assert "report.pdf" not in screen.see()


def test_administrators_make_stations_on_pages(north: PrintServer) -> None:
    from everprint.server.release.models import Station

    admin = administrator()
    assert "There is no printer hall." in admin.fill("/stations/new", name="Hall", printers="hall")
    made = admin.fill("/stations/new", name="Hall", printers="north/office")
    assert "/release/" in made
    station = Station.objects.get(name="Hall")
    assert [printer.name for printer in station.printers.all()] == ["office"]
    old = station.key_digest
    assert "Hall was saved." in admin.fill(f"/stations/{station.pk}", idle_s="120", by_pin=None)
    station.refresh_from_db()
    assert (station.idle_s, station.by_pin, station.by_card, station.key_digest) == (120, False, True, old)
    assert "/release/" in admin.send(f"/stations/{station.pk}/address")
    station.refresh_from_db()
    assert station.key_digest != old
    assert "Hall" in admin.see("/stations")
    assert "was removed" in admin.send(f"/stations/{station.pk}/remove")
    assert SignedIn(north.user).see("/stations", HTTPStatus.FORBIDDEN)


def test_programs_make_stations(north: PrintServer) -> None:
    admin = program()
    wanted = {"name": "Hall", "printers": [north.printer.pk], "by_pin": False}
    made = admin.done("POST", "/release/stations", wanted)
    assert Client(SERVER_NAME="localhost").get(made["address"].partition("localhost")[2]).status_code == HTTPStatus.OK
    assert admin.refused("POST", "/release/stations", wanted)[1] == "bad-station"
    assert admin.refused("POST", "/release/stations", {**wanted, "printers": [999]})[1] == "no-such-printer"
    (listed,) = admin.get("/release/stations")
    assert "address" not in listed
    path = f"/release/stations/{made['id']}"
    assert admin.done("PUT", path, {**wanted, "idle_s": 90})["idle_s"] == 90
    assert admin.done("POST", f"{path}/renew-address")["address"] != made["address"]
    admin.done("DELETE", path)
    assert admin.get("/release/stations") == []


def test_a_printers_code_leads_phones_to_what_waits_there(north: PrintServer) -> None:
    job, owner = held(north), SignedIn(north.user)
    address = f"/release/printer/{north.printer.uuid}"
    sheet = administrator().client
    assert address in sheet.get(f"/printers/{north.printer.pk}/release-page").content.decode()
    code = sheet.get(f"/printers/{north.printer.pk}/release-page/code")
    assert code.headers["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<svg ")
    assert "report.pdf" in owner.see(address)
    number = north.seen(job).number
    assert owner.client.post(f"/jobs/{number}/release", {"back": address}).headers["Location"] == address
    nobody = Client(SERVER_NAME="localhost", HTTP_ACCEPT="text/html")
    assert nobody.get(address).headers["Location"].startswith("/sign-in?next=")

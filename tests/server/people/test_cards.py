"""Cards and PINs: each card is one person's, nothing that is kept gives a number away, guesses are slowed down."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tests.server.api.program import program
from tests.server.pages.signed_in import SignedIn, administrator

if TYPE_CHECKING:
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")

NUMBER, OTHER = "04:a2:9f:11", "0012345678"
STATION = "198.51.100.7"


@pytest.fixture
def alice() -> User:
    from everprint.server.people.users import create_user

    return create_user("alice", password="correct horse")


def test_a_card_is_known_however_its_reader_writes_the_number(alice: User) -> None:
    from everprint.server.people.cards import holder_of, set_card

    set_card(alice, 1, NUMBER)
    for spelling in ("04A29F11", "04-A2-9F-11", " 04 a2 9f 11 "):
        assert holder_of(spelling, "", STATION) == alice


def test_neither_number_nor_pin_is_kept_and_equal_pins_look_different(alice: User) -> None:
    from everprint.server.people.cards import set_card, set_pin
    from everprint.server.people.models import Card
    from everprint.server.people.users import create_user

    bob = create_user("bob")
    set_card(alice, 1, NUMBER)
    set_pin(alice, "4711")
    set_pin(bob, "4711")
    assert "04A29F11" not in str(Card.objects.values_list().get())
    assert "4711" not in alice.pin_digest
    assert alice.pin_digest != bob.pin_digest


def test_another_key_knows_no_card(alice: User) -> None:
    from django.test import override_settings

    from everprint.server.people.cards import UnknownCard, holder_of, set_card

    set_card(alice, 1, NUMBER)
    with override_settings(SECRET_KEY="the key of another server " * 4), pytest.raises(UnknownCard):
        holder_of(NUMBER, "", STATION)
    assert holder_of(NUMBER, "", STATION) == alice


def test_a_new_card_takes_the_place_of_the_old_one(alice: User) -> None:
    from everprint.server.people.cards import UnknownCard, holder_of, set_card

    set_card(alice, 1, NUMBER)
    set_card(alice, 1, OTHER)
    assert holder_of(OTHER, "", STATION) == alice
    with pytest.raises(UnknownCard):
        holder_of(NUMBER, "", STATION)
    set_card(alice, 1, None)
    with pytest.raises(UnknownCard):
        holder_of(OTHER, "", STATION)


def test_a_card_is_one_persons_and_in_one_place(alice: User) -> None:
    from everprint.server.people.cards import CardTaken, set_card
    from everprint.server.people.users import create_user

    set_card(alice, 1, NUMBER)
    set_card(alice, 1, NUMBER)
    for user, place in ((create_user("bob"), 1), (alice, 2)):
        with pytest.raises(CardTaken):
            set_card(user, place, NUMBER)


@pytest.mark.parametrize("number", ["", "123", "x" * 65, "12;34", "\u0661\u0662\u0663\u0664", "12/34"])
def test_what_is_no_card_number_is_refused(alice: User, number: str) -> None:
    from everprint.server.people.cards import BadCard, set_card

    with pytest.raises(BadCard):
        set_card(alice, 1, number)


@pytest.mark.parametrize("pin", ["", "123", "12345678901", "12a4", "\u0661\u0662\u0663\u0664"])
def test_what_is_no_pin_is_refused(alice: User, pin: str) -> None:
    from everprint.server.people.cards import BadCard, set_pin

    with pytest.raises(BadCard):
        set_pin(alice, pin)


def test_a_disabled_persons_card_is_nobodys(alice: User) -> None:
    from everprint.server.people.cards import UnknownCard, holder_of, set_card
    from everprint.server.people.users import change_active

    set_card(alice, 1, NUMBER)
    change_active(alice, False)
    with pytest.raises(UnknownCard):
        holder_of(NUMBER, "", STATION)


def test_where_a_pin_is_wanted_the_card_alone_is_not_enough_and_guessing_is_slowed_down(alice: User) -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.people.attempts import TooManyAttempts
    from everprint.server.people.cards import WrongPin, holder_of, set_card, set_pin

    set_card(alice, 1, NUMBER)
    change_settings({"card_needs_pin": True})
    with pytest.raises(WrongPin, match="no PIN yet"):
        holder_of(NUMBER, "0000", "192.0.2.71")
    set_pin(alice, "4711")
    assert holder_of(NUMBER, "4711", "192.0.2.71") == alice
    with pytest.raises(WrongPin, match="needs its PIN"):
        holder_of(NUMBER, "", "192.0.2.71")
    for _ in range(5):
        with pytest.raises(WrongPin):
            holder_of(NUMBER, "0000", "192.0.2.71")
    with pytest.raises(TooManyAttempts):
        holder_of(NUMBER, "4711", "192.0.2.71")
    assert holder_of(NUMBER, "4711", "192.0.2.72") == alice


def test_at_its_first_use_an_unknown_card_is_given_to_who_signs_in(alice: User) -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.people.cards import BadCard, CardTaken, WrongPassword, associate_card, holder_of
    from everprint.server.people.users import create_user

    with pytest.raises(BadCard, match="administrator"):
        associate_card(NUMBER, "alice", "correct horse", STATION)
    change_settings({"own_cards": True})
    with pytest.raises(WrongPassword):
        associate_card(NUMBER, "alice", "wrong horse", STATION)
    assert associate_card(NUMBER, "Alice", "correct horse", STATION) == alice
    assert associate_card(NUMBER, "Alice", "correct horse", STATION) == alice
    assert holder_of(NUMBER, "", STATION) == alice
    create_user("bob", password="battery staple")
    with pytest.raises(CardTaken, match="another person"):
        associate_card(NUMBER, "bob", "battery staple", STATION)
    associate_card(OTHER, "alice", "correct horse", STATION)
    with pytest.raises(CardTaken, match="two cards already"):
        associate_card("99999999", "alice", "correct horse", STATION)
    assert [card.place for card in alice.cards.all()] == [1, 2]


def test_a_station_asks_over_the_api_and_nothing_secret_is_logged() -> None:
    admin, station = program(), program("operator")
    alice = admin.done("POST", "/users", {"name": "alice", "password": "correct horse"})["id"]
    assert station.refused("POST", "/cards/look-up", {"card_number": OTHER}) == (404, "unknown-card")
    admin.done("PATCH", "/settings", {"own_cards": True, "card_needs_pin": True})
    sign_in = {"card_number": OTHER, "user_name": "alice", "password": "wrong horse"}
    assert station.refused("POST", "/cards/associate", sign_in) == (403, "wrong-password")
    assert station.done("POST", "/cards/associate", {**sign_in, "password": "correct horse"})["id"] == alice
    assert station.refused("PUT", f"/cards/of/{alice}/pin", {"pin": "4711"})[0] == HTTPStatus.FORBIDDEN
    admin.done("PUT", f"/cards/of/{alice}/pin", {"pin": "4711"})
    assert station.refused("POST", "/cards/look-up", {"card_number": OTHER}) == (403, "wrong-pin")
    before = admin.get("/audit-log")["count"]
    assert station.done("POST", "/cards/look-up", {"card_number": OTHER, "pin": "4711"})["name"] == "alice"
    assert admin.get("/audit-log")["count"] == before, "a card that is read is no act"
    assert admin.get(f"/cards/of/{alice}")["has_pin"] is True
    assert [card["place"] for card in admin.get(f"/cards/of/{alice}")["cards"]] == [1]
    assert admin.refused("PUT", f"/cards/of/{alice}/1", {"card_number": ""}) == (422, "bad-card")
    assert admin.refused("PUT", f"/cards/of/{alice}/3", {"card_number": NUMBER})[0] == 422
    admin.done("PUT", f"/cards/of/{alice}/2", {"card_number": NUMBER})
    admin.done("DELETE", f"/cards/of/{alice}/1")
    admin.done("DELETE", f"/cards/of/{alice}/pin")
    entries = admin.get("/audit-log?text=alice")["items"]
    assert {"user.card", "user.pin"} <= {entry["action"] for entry in entries}
    assert not [entry for entry in admin.get("/audit-log")["items"] if OTHER in str(entry) or "4711" in str(entry)]


def test_cards_come_with_the_import_and_are_shown_by_no_dry_run() -> None:
    admin = program()
    table = "name,card_number,card_number_2,pin\nzoe,0012345678,04:A2:9F:11,4711\n"
    for dry_run in (True, False):
        (change,) = admin.done("POST", "/users/import", {"csv": table, "dry_run": dry_run})["changes"]
        assert change["after"]["card_number"] == "a card"
        assert "4711" not in str(change)
    again = admin.done("POST", "/users/import", {"csv": table, "dry_run": False})
    assert (again["unchanged"], again["changes"]) == (1, [])
    assert "4711" not in str(admin.get("/audit-log")["items"]), "also of an import that had nothing to do"
    moved = admin.ask("POST", "/users/import", {"csv": "name,card_number\nadam,0012345678\n", "dry_run": False})
    assert "another person" in moved.body["errors"][0]["message"]
    twice = "name,card_number,card_number_2,pin\na,1111,2222,12\nb,2222,,\nc,3333,3333,\n"
    errors = admin.ask("POST", "/users/import", {"csv": twice, "dry_run": True}).body["errors"]
    assert [error["where"] for error in errors] == ["line 2", "line 4"]
    errors = admin.ask("POST", "/users/import", {"csv": twice.replace(",12\n", ",\n"), "dry_run": True}).body[
        "errors"
    ]
    assert "line 2 already" in errors[0]["message"]


def test_an_administrator_sets_cards_on_the_page(alice: User) -> None:
    from everprint.server.people.cards import holder_of

    admin = administrator()
    page = admin.fill(f"/users/{alice.pk}/cards", card_1=NUMBER, pin="4711")
    assert "The cards and the PIN of alice were saved." in page
    assert "1, with a PIN" in page
    assert holder_of(NUMBER, "", STATION) == alice
    assert "This cannot be: this is already card 1" in admin.fill(f"/users/{alice.pk}/cards", card_2=NUMBER)
    admin.fill(f"/users/{alice.pk}/cards", no_card_1="on", card_2=NUMBER, no_pin="on")
    alice.refresh_from_db()
    assert ([card.place for card in alice.cards.all()], alice.pin_digest) == ([2], "")


def test_people_see_to_their_own_cards(alice: User) -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.people.cards import holder_of

    own = SignedIn(alice)
    assert "Ask the print administrator" in own.see("/me/cards")
    assert "You have a PIN" in own.fill("/me/cards", pin="4711")
    change_settings({"own_cards": True})
    assert "Card 1" in own.fill("/me/cards", card=NUMBER)
    assert holder_of(NUMBER, "", STATION) == alice
    assert "The card is not yours any more." in own.send("/me/cards/1/remove")
    assert not alice.cards.exists()


def test_commands_set_and_remove_them(alice: User, tmp_path: Path) -> None:
    from everprint.cli.server import server
    from everprint.server.people.cards import holder_of

    number = tmp_path / "number"
    number.write_text(f"{NUMBER}\n")
    run = CliRunner().invoke(server, ["user", "set-card", "alice", "--second", "--number-file", str(number)])
    assert "alice has a new second card." in run.output
    assert holder_of(NUMBER, "", STATION) == alice
    assert "a new PIN" in CliRunner().invoke(server, ["user", "set-pin", "alice"], input="4711\n").output
    wrong = CliRunner().invoke(server, ["user", "set-pin", "alice"], input="abc\n")
    assert (wrong.exit_code, "a PIN has 4 to 10 digits" in wrong.output) == (1, True)
    CliRunner().invoke(server, ["user", "set-card", "alice", "--second", "--remove"])
    assert not alice.cards.exists()

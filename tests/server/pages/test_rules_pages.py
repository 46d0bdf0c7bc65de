"""Rules on the pages."""

from __future__ import annotations

import re

import pytest

from tests.server.pages.signed_in import administrator
from tests.server.world import PrintServer, new_printer, new_provider

pytestmark = pytest.mark.usefixtures("database")


def test_a_rule_is_made_shown_as_a_sentence_changed_and_removed() -> None:
    from everprint.server.people.models import Group
    from everprint.server.rules.models import Rule

    PrintServer()
    pupils = Group.objects.create(name="Pupils")
    admin = administrator()
    assert "There are no rules" in admin.see("/rules")
    page = admin.fill(
        "/rules/new", name="Grey for pupils", action="grey", printers="office",
        groups=[str(pupils.pk)], except_users="Alice", colour="yes", from_time="22:00", until_time="06:30",
        weekdays=["6", "7"], languages=["PDF"], name_has="essay , thesis",
        limit_most="50", limit_measure="colour-sides", limit_span="day", cost_over="0.5",
        message="Colour is dear.",
    )  # fmt: skip
    assert (
        "On office, if its owner is in Pupils, it costs more than 0.50 EUR, it has colour, its name has “essay” or "
        "“thesis” in it, it is PDF, today is Saturday or Sunday, it is between 22:00 and 06:30 and its owner prints "
        "more than 50 sides in colour today with it, unless its owner is alice: print it in grey, saying “Colour is "
        "dear.”"
    ) in page
    rule = Rule.objects.get()
    # What the form shows is what is stored: saved as it is, nothing changes.
    before = (rule.conditions, rule.position)
    assert "was saved" in admin.fill(f"/rules/{rule.pk}")
    rule.refresh_from_db()
    assert (rule.conditions, rule.position) == before
    assert [user.name for user in rule.except_users.all()] == ["alice"]
    assert "was removed" in admin.send(f"/rules/{rule.pk}/remove")
    assert "There are no rules" in admin.see("/rules")


def test_what_a_rule_cannot_be_is_said_at_its_field() -> None:
    admin = administrator()
    for said, text in (
        ({"users": "nobody"}, "There is no user nobody"),
        ({"from_time": "25:00", "until_time": "06:00"}, "Write a time from 00:00 to 24:00"),
        ({"from_time": "22:00"}, "say both hours, or none"),
        ({"papers": "A3"}, "A3 is no paper"),
        ({"action": "confirm"}, "say what the owner is asked"),
        ({"action": "redirect"}, "say to which queue"),
    ):
        assert text in admin.fill("/rules/new", **{"name": "x", "action": "refuse", **said})


def test_an_account_of_a_rule_that_charges_nobody_is_not_dropped_unsaid() -> None:
    from everprint.server.charging.shared import SharedTerms, add_shared_account
    from everprint.server.rules.models import Rule

    add_shared_account("Physics", SharedTerms())
    admin = administrator()
    for action in ("refuse", "allow"):
        page = admin.fill("/rules/new", name="x", action=action, charge_to="Physics")
        assert "Choose above to charge it to a shared account, or leave this empty." in page
    assert not Rule.objects.exists()
    admin.fill("/rules/new", name="x", action="charge", charge_to="Physics")
    assert str(Rule.objects.get().charge_to) == "Physics"


def test_printers_are_written_by_name_and_suggested() -> None:
    from everprint.server.rules.models import Rule

    PrintServer()
    admin = administrator()
    assert "There is no printer attic." in admin.fill("/rules/new", name="x", action="grey", printers="office, attic")
    south = new_provider("south")[0]
    office, hall = new_printer(south, "office"), new_printer(south, "hall")
    page = admin.fill("/rules/new", name="x", action="grey", printers="office")
    assert "Several print servers have a printer office: write north/office or south/office." in page
    page = admin.fill("/rules/new", name="x", action="redirect", printers="south/office", redirect_to="hall")
    assert "was saved" in page
    rule = Rule.objects.get()
    assert (list(rule.printers.all()), rule.redirect_to) == ([office], hall)
    assert "was saved" in admin.fill(f"/rules/{rule.pk}")
    assert list(rule.printers.all()) == [office]
    new_printer(south, "official")
    answer = admin.client.get("/rules/printer-names", {"printers": "south/office, offi"}).content.decode()
    assert re.findall(r'value="([^"]*)"', answer) == [
        f"south/office, {name}" for name in ("north/office", "south/office", "official")
    ]
    assert "option" not in admin.client.get("/rules/printer-names?redirect_to=").content.decode()


def test_the_form_stays_small_with_many_printers() -> None:
    from everprint.server.printers.models import Printer
    from everprint.server.rules.models import Rule

    north, admin = PrintServer(), administrator()
    Printer.objects.bulk_create(
        Printer(provider=north.provider, name=f"printer-{number:04}", device_uri="ipp://192.0.2.7/ipp/print")
        for number in range(2000)
    )
    admin.fill("/rules/new", name="x", action="grey", printers="printer-0001")
    for address in ("/rules/new", f"/rules/{Rule.objects.get().pk}"):
        assert len(admin.client.get(address).content) < 40_000


def test_of_two_who_edit_a_rule_the_second_is_told() -> None:
    from everprint.server.edits import fingerprint
    from everprint.server.pages.forms.rules import RuleForm
    from everprint.server.rules.models import Rule

    admin = administrator()
    admin.fill("/rules/new", name="Long", action="refuse", pages_over="100")
    rule = Rule.objects.get()
    seen = fingerprint(RuleForm.current(rule))
    admin.fill(f"/rules/{rule.pk}", pages_over="200")
    page = admin.fill(f"/rules/{rule.pk}", pages_over="300", seen=seen)
    assert "Somebody else changed this while you were editing" in page
    assert "200" in page
    rule.refresh_from_db()
    assert rule.conditions == {"pages_over": 200}

"""Rules on the pages."""

from __future__ import annotations

import pytest

from tests.server.pages.signed_in import administrator
from tests.server.world import PrintServer

pytestmark = pytest.mark.usefixtures("database")


def test_a_rule_is_made_shown_as_a_sentence_changed_and_removed() -> None:
    from everprint.server.people.models import Group
    from everprint.server.rules.models import Rule

    north = PrintServer()
    pupils = Group.objects.create(name="Pupils")
    admin = administrator()
    assert "There are no rules" in admin.see("/rules")
    page = admin.fill(
        "/rules/new", name="Grey for pupils", action="grey", printers=[str(north.printer.pk)],
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

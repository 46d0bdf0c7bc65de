"""Rules over the API: made, read, set and removed; noted, and two editors told of each other."""

from __future__ import annotations

import pytest

from tests.server.api.program import Program, program
from tests.server.pages.signed_in import SignedIn
from tests.server.world import PrintServer, new_printer

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


def test_a_rule_is_made_read_set_and_removed(admin: Program) -> None:
    north = PrintServer()
    hall = new_printer(north.provider, "hall")
    group = admin.done("POST", "/groups", {"name": "Pupils"})
    wanted = {
        "name": "Big jobs", "action": "redirect", "printers": [north.printer.pk], "redirect_to": hall.pk,
        "groups": [group["id"]], "except_users": [north.user.pk],
        "conditions": {"pages_over": 100, "limit": {"measure": "cost", "span": "week", "most": "7.50"}},
    }  # fmt: skip
    made = admin.done("POST", "/rules", wanted)
    assert made["sentence"] == (
        "On office, if its owner is in Pupils, it has more than 100 pages and its owner prints for more than "
        "7.50 EUR this week with it, unless its owner is alice: send it to hall."
    )
    assert made["conditions"]["limit"] == {"measure": "cost", "span": "week", "whose": "person", "most": "7.50"}
    path = f"/rules/{made['id']}"
    assert admin.get("/rules") == [made] == [admin.get(path)]
    seen = admin.ask("GET", path).headers["ETag"]
    plain = admin.done("PUT", path, {"name": "Nothing", "action": "refuse"}, If_Match=seen)
    assert (plain["sentence"], plain["redirect_to"], plain["everybody"]) == ("For every job: refuse it.", None, True)
    assert admin.refused("PUT", path, wanted, If_Match=seen)[1] == "edited-meanwhile"
    admin.done("DELETE", path)
    assert admin.get("/rules") == []
    noted = [entry["action"] for entry in admin.get("/audit-log?size=500")["items"]]
    assert [action for action in noted if action.startswith("rule.")] == ["rule.remove", "rule.change", "rule.make"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"action": "confirm"}, "bad-rule"),
        ({"action": "redirect"}, "bad-rule"),
        ({"action": "explode"}, "invalid"),
        ({"printers": [4711]}, "no-such-printer"),
        ({"groups": [4711]}, "no-such-group"),
        ({"except_users": [4711]}, "no-such-user"),
        ({"conditions": {"from_minute": 60}}, "bad-rule"),
        ({"conditions": {"media": ["A3"]}}, "bad-rule"),
        ({"conditions": {"weekdays": [0]}}, "invalid"),
        ({"conditions": {"pages_over": -1}}, "invalid"),
        ({"conditions": {"limit": {"measure": "jobs", "span": "day", "whose": "group", "most": "5"}}}, "bad-rule"),
        ({"conditions": {"colour_over": 5}}, "invalid"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(admin: Program, said: dict[str, object], code: str) -> None:
    assert admin.refused("POST", "/rules", {"name": "x", "action": "refuse", **said})[1] == code
    assert admin.get("/rules") == []


def test_two_rules_do_not_have_one_name(admin: Program) -> None:
    admin.done("POST", "/rules", {"name": "x", "action": "hold"})
    assert admin.refused("POST", "/rules", {"name": "x", "action": "hold"})[1] == "bad-rule"


def test_a_rule_that_charges_is_made_on_the_page_and_over_the_api_and_tried(admin: Program) -> None:
    from everprint.server.charging.shared import SharedTerms, add_shared_account
    from everprint.server.rules.models import Rule

    paper = add_shared_account("School paper", SharedTerms())
    wanted = {"name": "Paper", "action": "allow", "charge_to": paper.pk, "conditions": {"name_has": ["paper"]}}
    assert admin.refused("POST", "/rules", {**wanted, "action": "hold"})[1] == "bad-rule"
    assert admin.refused("POST", "/rules", {**wanted, "charge_to": 4711})[1] == "no-such-account"
    made = admin.done("POST", "/rules", wanted)
    assert (made["charge_to"], made["action"]) == (paper.pk, "allow")
    assert made["sentence"].endswith(": let it through and charge it to School paper.")
    page = SignedIn(admin.user)
    assert "Say to which account." in page.fill("/rules/new", name="Mine", action="charge")
    assert "There is no shared account Nowhere." in page.fill(
        "/rules/new", name="Mine", action="charge", charge_to="Nowhere"
    )
    assert "Mine was saved" in page.fill("/rules/new", name="Mine", action="charge", charge_to="school PAPER")
    mine = Rule.objects.get(name="Mine")
    assert mine.charge_to == paper
    assert "or leave this empty" in page.fill(f"/rules/{mine.pk}", action="allow")
    mine.refresh_from_db()
    assert mine.charge_to == paper, "nothing is dropped unsaid"
    assert "Mine was saved" in page.fill(f"/rules/{mine.pk}", action="allow", charge_to="")
    mine.refresh_from_db()
    assert mine.charge_to is None, "it only lets through now"

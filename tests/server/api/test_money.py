"""Shared accounts, charging, quotas, vouchers, transfers, refunds and settings over the API."""

from __future__ import annotations

from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished
from tests.server.api.program import program, program_of
from tests.server.world import PrintServer, balance_of, pages

pytestmark = pytest.mark.usefixtures("database")


def test_shared_accounts_are_made_changed_and_charged() -> None:
    server, admin = PrintServer(), program()
    made = admin.done("POST", "/shared-accounts", {"name": "Physics", "users": ["alice"], "restricted": False})
    assert (made["name"], made["users"], made["has_pin"]) == ("Physics", ["alice"], False)
    assert admin.refused("POST", "/shared-accounts", {"name": "physics"}) == (422, "bad-shared-account")
    assert admin.refused("POST", "/shared-accounts", {"name": "X", "users": ["nobody"]})[1] == "bad-shared-account"
    admin.done("PUT", f"/shared-accounts/{made['id']}/pin", {"pin": "2718"})
    admin.done("PUT", f"/shared-accounts/{made['id']}", {"name": "Faculty", "restricted": False, "overdraft": "1.00"})
    assert admin.get(f"/shared-accounts/{made['id']}")["has_pin"]
    paying = admin.done(
        "PUT", f"/charging/users/{server.user.pk}", {"mode": "shared", "account": "faculty", "percent": "50.00"}
    )
    assert paying == {"mode": "shared", "account": "Faculty", "percent": "50.00"}
    server.ask(server.job(), pages(10))
    assert balance_of("Faculty") == Decimal("-0.25")
    assert [row["name"] for row in admin.get("/shared-accounts?text=fac")["items"]] == ["Faculty"]
    assert admin.refused("PUT", f"/charging/users/{server.user.pk}", {"mode": "shared", "account": "X"})[0] == 422


def test_a_printers_terms_and_a_jobs_account_are_set() -> None:
    server, admin = PrintServer(), program()
    address = f"/charging/printers/{server.printer.pk}"
    terms = admin.done("PUT", address, {"mode": "choose", "minimum": "0.70"})
    assert admin.get(address) == terms
    assert (terms["mode"], terms["minimum"], terms["maximum"]) == ("choose", "0.70", None)
    assert admin.refused("PUT", address, {"minimum": "2.00", "maximum": "1.00"}) == (422, "bad-cost")
    job = server.job()
    server.ask(job, pages(1))
    number = server.seen(job).number
    assert admin.refused("PUT", f"/charging/jobs/{number}", {"account": "Nowhere"}) == (422, "bad-choice")
    admin.done("PUT", f"/charging/jobs/{number}", {})
    server.ask(job, pages(1), attempt=2)
    assert balance_of("alice") == Decimal("0.30")


def test_quotas_and_budgets() -> None:
    admin = program()
    admin.done("POST", "/groups", {"name": "Staff"})
    wanted = {"amount": "2.00", "period": "monthly", "starts_on": "2026-01-31"}
    made = admin.done("POST", "/quotas", {**wanted, "group": "Staff"})
    assert (made["group"], made["account"], made["amount"]) == ("Staff", None, "2.00")
    assert admin.done("PUT", f"/quotas/{made['id']}", {**wanted, "cap": "5.00"})["cap"] == "5.00"
    assert admin.refused("POST", "/quotas", wanted) == (422, "bad-quota")
    assert len(admin.get("/quotas")["items"]) == 1
    own = f"/quotas/exceptions/{made['id']}"
    mine = f"{own}/{admin.user.pk}"
    admin.done("PUT", mine, {"amount": "7.50"})
    assert admin.get(own) == [{"user": admin.user.pk, "name": admin.user.name, "amount": "7.50"}]
    admin.done("DELETE", mine)
    assert admin.get(own) == []


def test_purses_are_made_changed_and_filled_by_a_quota() -> None:
    from everprint.server.people.models import Group
    from everprint.server.quotas.granting import grant_what_is_due

    server, admin = PrintServer(), program()
    Group.objects.create(name="Staff").members.add(server.user)
    purse = admin.done("POST", "/purses", {"name": "Free", "position": 5})
    assert admin.get("/purses") == [purse] == [{"id": purse["id"], "name": "Free", "position": 5, "is_active": True}]
    assert admin.refused("POST", "/purses", {"name": "free"}) == (422, "bad-purse")
    assert admin.done("PATCH", f"/purses/{purse['id']}", {"position": 200})["position"] == 200
    wanted = {"amount": "2.00", "period": "monthly", "starts_on": "2020-01-31", "resets": True}
    assert admin.refused("POST", "/quotas", {**wanted, "group": "Staff", "purse": "Gold"})[0] == 404
    made = admin.done("POST", "/quotas", {**wanted, "group": "Staff", "purse": "Free"})
    assert made["purse"] == "Free"
    grant_what_is_due()
    held = admin.get(f"/purses/of-user/{server.user.pk}")
    assert [(one["purse"], one["balance"]) for one in held] == [(None, "1.00"), (purse["id"], "2.00")]
    assert admin.done("PUT", f"/quotas/{made['id']}", wanted)["purse"] == "Free"
    alice, other = program_of(server.user), program("user")
    assert alice.get("/me/accounts") == held
    assert alice.get("/me/statement")["items"][0]["balance"] == "1.00"
    in_purse = f"/me/statement?account={held[1]['account']}"
    assert [line["balance"] for line in alice.get(in_purse)["items"]] == ["2.00"]
    assert other.refused("GET", in_purse) == (404, "not-found"), "somebody else's"


def test_of_two_who_change_money_matters_the_second_is_told() -> None:
    """Each record's ETag is good until somebody changed it, and the change that is refused changes nothing."""
    from everprint.server.people.models import Group

    server, admin = PrintServer(), program()
    group = Group.objects.create(name="Staff")
    shared = admin.done("POST", "/shared-accounts", {"name": "Physics"})
    quota = {"amount": "2.00", "period": "monthly", "starts_on": "2026-01-31"}
    made = admin.done("POST", "/quotas", {**quota, "group": "Staff"})
    purse = admin.done("POST", "/purses", {"name": "Free"})
    for method, path, change, other in (
        ("PUT", f"/shared-accounts/{shared['id']}", {"name": "Physics", "notes": "a"}, {"name": "Physics"}),
        ("PUT", f"/quotas/{made['id']}", {**quota, "cap": "9.00"}, quota),
        ("PATCH", f"/purses/{purse['id']}", {"position": 7}, {"position": 8}),
        ("PATCH", "/settings", {"low_balance": "2.00"}, {"low_balance": "3.00"}),
        ("PUT", f"/charging/users/{server.user.pk}", {"percent": "50.00"}, {}),
        ("PUT", f"/charging/groups/{group.pk}", {"percent": "50.00"}, {}),
        ("PUT", f"/charging/printers/{server.printer.pk}", {"minimum": "0.10"}, {}),
    ):
        seen = admin.ask("GET", path).headers["ETag"]
        changed = admin.ask(method, path, change, If_Match=seen)
        assert (changed.status, changed.headers["ETag"] != seen) == (200, True), path
        assert admin.refused(method, path, other, If_Match=seen) == (412, "edited-meanwhile"), path
        assert admin.get(path) == changed.body
        admin.done(method, path, other, If_Match=changed.headers["ETag"])


def test_vouchers_and_transfers() -> None:
    from everprint.server.people.users import create_user

    admin = program()
    create_user("ben")
    made = admin.done("POST", "/vouchers", {"name": "spring", "count": 2, "value": "5.00"})
    first, second = admin.get(f"/vouchers/{made['id']}/cards")
    assert admin.done("POST", "/vouchers/use", {"code": first["code"]}) == {"value": "5.00"}
    assert admin.refused("POST", "/vouchers/use", {"code": first["code"]}) == (422, "bad-voucher")
    assert admin.done("POST", f"/vouchers/{made['id']}/void")["used"] == 1
    assert admin.refused("POST", "/vouchers/use", {"code": second["code"]}) == (422, "bad-voucher")
    gift = {"to": "ben", "amount": "2.00", "key": "k"}
    assert admin.refused("POST", "/transfers", gift) == (422, "bad-transfer")
    assert admin.done("PATCH", "/settings", {"transfers": True})["transfers"]
    for _ in range(2):
        assert admin.done("POST", "/transfers", gift) == {"balance": "3.00"}
    assert balance_of("ben") == 2


def test_vouchers_come_as_a_table_and_as_sheets_to_be_cut() -> None:
    admin = program()
    cards = (
        f"/vouchers/{admin.done('POST', '/vouchers', {'name': 'spring', 'count': 2, 'value': '5.00'})['id']}/cards"
    )
    listed = admin.get(cards)
    table = admin.ask("GET", f"{cards}?format=csv").body.splitlines()
    assert table[0] == "number,code,value,expires,state"
    assert [line.split(",")[1] for line in table[1:]] == [card["code"] for card in listed]
    assert admin.ask("GET", cards, Accept="application/pdf").body.startswith(b"%PDF-")
    imported = admin.done("POST", "/vouchers/import", {"name": "cards", "csv": "code,value\nABCD-2345,5.00\n"})
    for form in ("csv", "pdf"):
        refused = admin.refused("GET", f"/vouchers/{imported['id']}/cards?format={form}")
        assert refused == (422, "bad-voucher"), "nobody knows their codes here"


def test_vouchers_are_imported_whole_or_not_at_all() -> None:
    admin = program()
    bad = {"name": "cards", "csv": "code,value\nABCD-2345,5.00\nshort,x\n"}
    answer = admin.ask("POST", "/vouchers/import", bad)
    assert (answer.status, answer.body["code"]) == (422, "bad-csv")
    assert answer.body["errors"][0]["message"].startswith("line 3:")
    assert admin.get("/vouchers")["items"] == []
    made = admin.done("POST", "/vouchers/import", {"name": "cards", "csv": "code,value\nABCD-2345,5.00\n"})
    assert made["count"] == 1
    assert admin.done("POST", "/vouchers/use", {"code": "ABCD-2345"}) == {"value": "5.00"}
    proof = admin.get("/ledger-audit")
    assert (proof["wrong"], proof["findings"]) == (0, [])
    assert proof["transactions"] > 0


def test_refunds_are_asked_for_and_decided() -> None:
    server, admin = PrintServer(), program()
    job = server.job()
    server.ask(job, pages(10))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(10)))
    number = server.seen(job).number
    asked = admin.done("POST", "/refunds", {"job": number, "reason": "stripes"})
    assert (asked["amount"], asked["state"]) == ("0.50", "asked")
    decided = admin.done("POST", f"/refunds/{asked['id']}/decision", {"amount": "0.20"})
    assert (decided["state"], decided["granted"]) == ("granted", "0.20")
    assert admin.refused("POST", f"/refunds/{asked['id']}/decision", {"amount": "0.20"}) == (409, "bad-refund")
    again = admin.done("POST", "/refunds", {"job": number, "amount": "0.10", "reason": "jam"})
    assert admin.refused("POST", f"/refunds/{again['id']}/decision", {"amount": "0"})[1] == "bad-refund"
    admin.done("POST", f"/refunds/{again['id']}/decision", {"amount": "0", "answer": "no"})
    assert [row["state"] for row in admin.get("/refunds")["items"]] == ["denied", "granted"]
    assert program("user").refused("GET", "/refunds")[0] == 403

"""Quotas, vouchers and refunds at the server's own command line."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

pytestmark = pytest.mark.usefixtures("database")


def say(*words: str, code: int = 0) -> str:
    from everprint.cli.server import server

    done = CliRunner().invoke(server, list(words))
    assert done.exit_code == code, done.output
    return done.output


def test_quotas_are_listed_and_granted() -> None:
    from everprint.server.people.models import Group
    from everprint.server.people.users import create_user
    from everprint.server.quotas.periods import Period
    from everprint.server.quotas.setting import QuotaTerms, add_quota

    assert "No quotas." in say("quota", "list")
    group = Group.objects.create(name="7a")
    group.members.set([create_user("ann")])
    add_quota(group, QuotaTerms(amount=Decimal("2.00"), period=Period.MONTHLY, starts_on=date(2020, 1, 1)))
    [row] = json.loads(say("quota", "list", "--json"))
    assert (row["for"], Decimal(row["amount"]), row["period"]) == ("7a", 2, "monthly")
    assert "1 grants" in say("quota", "run")
    assert "Nothing is due." in say("quota", "run")
    assert balance_of("ann") == 2


def test_vouchers_are_made_and_their_cards_listed() -> None:
    from everprint.server.people.users import create_user
    from everprint.server.topup.vouchers import use_voucher

    assert "Batch 1 of 3" in say("voucher", "make", "Kiosk", "3", "5.00", "--expires", "2999-01-31")
    cards = json.loads(say("voucher", "cards", "1", "--json"))
    assert [(card["number"], card["state"], card["expires_on"]) for card in cards] == [
        (number, "good", "2999-01-31") for number in (1, 2, 3)
    ]
    use_voucher(create_user("ann"), cards[0]["code"], "192.0.2.1")
    assert balance_of("ann") == 5
    assert json.loads(say("voucher", "list", "--json")) == [{"id": 1, "name": "Kiosk", "count": 3, "used": 1}]
    assert "there is no batch 9" in say("voucher", "cards", "9", code=1)
    say("voucher", "make", "Kiosk", "3", "0", code=1)


def test_refunds_are_approved_and_denied_by_who_may() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.jobs.models import Job
    from everprint.server.people.users import create_user
    from everprint.server.refunds.requests import ask_refund

    server = PrintServer(credit="5.00")
    create_user("oper", role=Role.OPERATOR)
    for _ in range(2):
        job = server.job()
        server.ask(job, pages(8))
        server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(8)))
        ask_refund(Job.objects.get(uuid=job.job_id), server.user, None, "It was blank.")
    assert "It was blank." in say("refund", "list")
    second, first = (row["id"] for row in json.loads(say("refund", "list", "--json")))
    assert "there is no user nobody" in say("refund", "approve", str(first), "--by", "nobody", code=1)
    assert "may not give money back" in say("refund", "approve", str(first), "--by", "alice", code=1)
    assert "0.10 were given back" in say("refund", "approve", str(first), "--by", "oper", "--amount", "0.10")
    say("refund", "approve", str(first), "--by", "oper", code=1)
    assert "denied" in say("refund", "deny", str(second), "--by", "oper", "--answer", "It was not.")
    assert "No requests." in say("refund", "list")
    assert len(json.loads(say("refund", "list", "--all", "--json"))) == 2
    assert "there is no request 99" in say("refund", "deny", "99", "--by", "oper", "--answer", "x", code=1)
    assert balance_of("alice") == Decimal("4.30")
    audit_is_clean()

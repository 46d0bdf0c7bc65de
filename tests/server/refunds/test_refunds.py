"""Money back for a job: whole or in part, once, to who paid, and the books stay right."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobDescription, JobFinished
from tests.server.pages.signed_in import SignedIn
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

if TYPE_CHECKING:
    from everprint.server.people.models import User
    from everprint.server.refunds.models import RefundRequest

pytestmark = pytest.mark.usefixtures("database")


def printed(server: PrintServer, count: int = 10) -> JobDescription:
    """A job that came out and was charged."""
    job = server.job()
    server.ask(job, pages(count))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(count)))
    return job


def operator() -> User:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    return create_user("oper", role=Role.OPERATOR)


def ask(server: PrintServer, job: JobDescription, amount: str | None = None) -> RefundRequest:
    from everprint.server.refunds.requests import ask_refund

    return ask_refund(server.seen(job), server.user, None if amount is None else Decimal(amount), "stripes")


def test_a_refund_is_given_once_and_the_job_shows_it() -> None:
    from everprint.server.refunds.requests import BadRefund, grant_refund

    server, oper = PrintServer(), operator()
    job = printed(server)
    request = ask(server, job)
    grant_refund(request, oper, Decimal("0.20"))
    with pytest.raises(BadRefund, match="granted already"):
        grant_refund(request, oper, Decimal("0.20"))
    seen = server.seen(job)
    assert (seen.cost_charged, seen.cost_refunded) == (Decimal("0.50"), Decimal("0.20"))
    assert (balance_of("alice"), balance_of("system: revenue")) == (Decimal("0.70"), Decimal("0.30"))
    grant_refund(ask(server, job), oper, Decimal("0.30"))
    with pytest.raises(BadRefund, match="nothing can be asked"):
        ask(server, job)
    assert balance_of("alice") == 1
    audit_is_clean()


def test_it_goes_back_to_who_was_charged_last_first() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.purses import add_purse, open_purse
    from everprint.server.refunds.requests import grant_refund

    server, oper = PrintServer(), operator()
    quota = open_purse(server.user, add_purse("Free quota", 0))
    adjust(quota.pk, Decimal("0.30"), "quota", None, "quota")
    job = printed(server)
    grant_refund(ask(server, job, "0.25"), oper, Decimal("0.25"))
    assert (balance_of("alice"), balance_of(quota.pk)) == (1, Decimal("0.05"))
    audit_is_clean()


def test_only_so_much_as_was_charged_and_only_by_one_request_at_a_time() -> None:
    from everprint.server.accounts import ledger
    from everprint.server.refunds.requests import BadRefund, grant_refund

    server, oper = PrintServer(), operator()
    job = printed(server)
    for amount in ("0.51", "0", "-0.10", "0.00001"):
        with pytest.raises(BadRefund):
            ask(server, job, amount)
    request = ask(server, job, "0.10")
    with pytest.raises(BadRefund):
        ask(server, job, "0.10")
    with pytest.raises(BadRefund, match=r"at most 0\.50"):
        grant_refund(request, oper, Decimal("0.60"))
    with pytest.raises(ledger.BadAmount):
        ledger.refund(server.seen(job).uuid, Decimal("0.60"), "x", None, "x")
    waiting = server.job()
    server.ask(waiting, pages(1))
    with pytest.raises(ledger.BadAmount):
        ledger.refund(server.seen(waiting).uuid, Decimal("0.01"), "x", None, "x")
    audit_is_clean()


def test_the_owner_asks_and_an_operator_answers_on_the_pages() -> None:
    from everprint.server.people.users import create_user
    from everprint.server.refunds.models import RefundRequest

    server, oper = PrintServer(), SignedIn(operator())
    alice, mallory = SignedIn(server.user), SignedIn(create_user("mallory"))
    job = printed(server)
    number = server.seen(job).number
    mallory.see(f"/jobs/{number}/refund", 404)
    assert "An operator will decide" in alice.fill(f"/jobs/{number}/refund", reason="stripes")
    assert "stripes" in oper.see("/refunds")
    request = RefundRequest.objects.get()
    assert "who asked reads it" in oper.fill(f"/refunds/{request.pk}", verdict="deny")
    assert "more than 0 and at most" in oper.fill(f"/refunds/{request.pk}", amount="0"), "nothing is not all of it"
    assert "It was decided" in oper.fill(f"/refunds/{request.pk}", amount="0.50", answer="sorry")
    page = alice.see(f"/jobs/{number}")
    assert "Given back €0.50" in page
    assert "sorry" in page
    assert "Refunded" in alice.see("/me/statement")
    alice.see("/refunds", 403)
    assert "granted €0.50" in oper.see("/refunds?all=1")
    second = server.seen(printed(server)).number
    alice.fill(f"/jobs/{second}/refund", amount="0.10", reason="jam")
    oper.fill(f"/refunds/{RefundRequest.objects.latest('pk').pk}", verdict="deny", answer="it came out")
    assert "it came out" in alice.see(f"/jobs/{second}")
    assert balance_of("alice") == Decimal("0.50")


def test_where_requests_are_not_taken_only_operators_give_money_back() -> None:
    from everprint.server.installation.settings import change_settings

    server, oper = PrintServer(), SignedIn(operator())
    number = server.seen(printed(server)).number
    change_settings({"refund_requests": False})
    SignedIn(server.user).see(f"/jobs/{number}/refund", 403)
    assert "Refund for job" in oper.fill(f"/jobs/{number}/refund", reason="jam")

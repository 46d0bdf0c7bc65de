"""A job over the limit is held, and goes on by itself as soon as there is credit for it, wherever that came from."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Hold,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    Order,
    Print,
    RefusalReason,
    ReleaseJob,
)
from everprint.documents.result import NOTHING
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages, summary

pytestmark = pytest.mark.usefixtures("database")

LIMIT = RefusalReason.ACCOUNT_LIMIT_REACHED.value


def held_for_credit(north: PrintServer, grey: int) -> JobDescription:
    """A job of so many sides that its owner cannot pay for, and whose provider has said that it holds it."""
    job = north.job()
    answer = north.ask(job, pages(grey))
    assert isinstance(answer, Hold)
    assert answer.keyword == LIMIT
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(grey))), JobHeld(reason=answer.reason))
    return job


def look() -> int:
    from everprint.server.jobs.credit import release_jobs_with_credit

    return release_jobs_with_credit()


def released(north: PrintServer) -> list[str]:
    """The jobs whose release was ordered, in that order."""
    from everprint.server.providers.orders import orders_after

    orders = [order.do for order in orders_after(north.provider.pk, 0) if isinstance(order, Order)]
    releases = [do for do in orders if isinstance(do, ReleaseJob)]
    assert all(do.only_if == LIMIT for do in releases)
    return [do.job_id for do in releases]


def top_up(north: PrintServer, amount: str) -> None:
    from everprint.server.accounts.ledger import adjust

    adjust(north.user.account.pk, Decimal(amount), "at the desk", None, f"test:{uuid.uuid4()}")


def test_the_answer_says_what_it_costs_what_there_is_and_what_will_happen() -> None:
    north = PrintServer(credit="0.10")
    answer = north.ask(north.job(), pages(4))
    assert isinstance(answer, Hold)
    for said in ("€0.20", "€0.10", "by itself"):
        assert said in answer.reason
    assert balance_of("alice") == Decimal("0.10")


def _top_up(north: PrintServer, other: JobDescription) -> None:
    top_up(north, "0.50")


def _give_back_a_reservation(north: PrintServer, other: JobDescription) -> None:
    north.report(other, JobReceived(job=other), JobFinished(state=JobState.CANCELLED, output=NOTHING))


def _settle_on_less(north: PrintServer, other: JobDescription) -> None:
    north.report(other, JobReceived(job=other), JobFinished(state=JobState.COMPLETED, output=pages(1)))


def _allow_an_overdraft(north: PrintServer, other: JobDescription) -> None:
    from everprint.server.accounts.holders import set_limits

    set_limits(north.user.account.pk, restricted=True, overdraft=Decimal("0.50"))


def _lift_the_limit(north: PrintServer, other: JobDescription) -> None:
    from everprint.server.accounts.holders import set_limits

    set_limits(north.user.account.pk, restricted=False)


def _fill_a_purse(north: PrintServer, other: JobDescription) -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.purses import add_purse, open_purse

    purse = open_purse(north.user, add_purse("Free quota", 0))
    adjust(purse.pk, Decimal("0.20"), "this month", None, "test:purse")


@pytest.mark.parametrize(
    "raise_credit",
    [_top_up, _fill_a_purse, _give_back_a_reservation, _settle_on_less, _allow_an_overdraft, _lift_the_limit],
    ids=lambda work: work.__name__.strip("_"),
)
def test_it_goes_on_whatever_raised_the_credit(raise_credit: Callable[[PrintServer, JobDescription], None]) -> None:
    north = PrintServer(credit="0.50")
    other = north.job()
    assert isinstance(north.ask(other, pages(8)), Print)
    job = held_for_credit(north, 6)
    assert look() == 0
    raise_credit(north, other)
    assert look() == 1
    assert released(north) == [job.job_id]
    north.report(job, JobReleased())
    assert north.ask(job, pages(6), attempt=2) == Print(cost=Decimal("0.30"), account="alice")
    assert (look(), released(north)) == (0, [job.job_id])
    audit_is_clean()


def test_the_oldest_goes_first_and_no_two_on_the_same_credit() -> None:
    north = PrintServer(credit="0.00")
    first, second, third = (held_for_credit(north, grey) for grey in (6, 6, 2))
    top_up(north, "0.35")
    assert look() == 1
    assert (look(), released(north)) == (0, [first.job_id]), "what was ordered counts as spent until it is decided"
    top_up(north, "0.10")
    assert look() == 1, "the second does not fit into the rest, and lets the third go before it"
    assert released(north) == [first.job_id, third.job_id]
    for job, grey in ((first, 6), (third, 2)):
        north.report(job, JobReleased())
        assert isinstance(north.ask(job, pages(grey), attempt=2), Print)
    assert balance_of("alice") == Decimal("0.05")
    assert look() == 0
    top_up(north, "0.25")
    assert (look(), released(north)[-1]) == (1, second.job_id)


def test_credit_that_is_gone_when_the_job_is_decided_anew_holds_it_again() -> None:
    north = PrintServer(credit="0.00")
    job = held_for_credit(north, 6)
    top_up(north, "0.30")
    assert look() == 1
    quicker = north.job()
    assert isinstance(north.ask(quicker, pages(1)), Print)
    north.report(job, JobReleased())
    again = north.ask(job, pages(6), attempt=2)
    assert isinstance(again, Hold)
    assert again.keyword == LIMIT
    assert look() == 0, "its provider has not said yet that it holds it again: an order would come too early"
    north.report(job, JobHeld(reason=again.reason))
    assert look() == 0
    top_up(north, "0.05")
    assert look() == 1
    assert balance_of("alice") == Decimal("0.30")


def test_no_order_is_made_before_the_provider_holds_the_job() -> None:
    north = PrintServer(credit="0.00")
    job = north.job()
    north.ask(job, pages(2))
    top_up(north, "1.00")
    assert look() == 0
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(2))), JobHeld(reason="no credit"))
    assert look() == 1


def test_an_order_that_led_to_nothing_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.jobs import credit

    north = PrintServer(credit="0.00")
    job = held_for_credit(north, 2)
    top_up(north, "1.00")
    assert (look(), look()) == (1, 0)
    monkeypatch.setattr(credit, "AGAIN_AFTER", timedelta(0))
    assert look() == 1
    assert released(north) == [job.job_id] * 2


def test_two_servers_that_look_at_once_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.jobs import credit

    north = PrintServer(credit="0.00")
    job = held_for_credit(north, 2)
    top_up(north, "1.00")
    choose = credit._affordable

    def meanwhile(*what: object) -> object:
        chosen = choose(*what)  # type: ignore[arg-type] # as it was called
        monkeypatch.setattr(credit, "_affordable", choose)
        assert look() == 1, "the other server"
        return chosen

    monkeypatch.setattr(credit, "_affordable", meanwhile)
    assert look() == 0
    assert released(north) == [job.job_id]


def test_one_that_its_owner_released_at_the_printer_waits_for_its_owner_again() -> None:
    north = PrintServer(credit="0.00", queue={"hold": True})
    job = north.job()
    held = north.ask(job, pages(2))
    assert isinstance(held, Hold)
    assert held.keyword == ""
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(2))), JobHeld(reason=held.reason))
    north.report(job, JobReleased())
    again = north.ask(job, pages(2), attempt=2)
    assert isinstance(again, Hold)
    assert again.keyword == LIMIT
    assert "release it again" in again.reason
    north.report(job, JobHeld(reason=again.reason))
    top_up(north, "1.00")
    assert look() == 0, "nobody stands at the printer now"
    north.report(job, JobReleased())
    assert isinstance(north.ask(job, pages(2), attempt=3), Print)


def test_one_that_its_owner_released_too_early_still_goes_on_by_itself() -> None:
    north = PrintServer(credit="0.00")
    job = held_for_credit(north, 2)
    north.report(job, JobReleased())
    again = north.ask(job, pages(2), attempt=2)
    assert isinstance(again, Hold)
    north.report(job, JobHeld(reason=again.reason))
    top_up(north, "1.00")
    assert look() == 1


def test_one_that_ended_is_not_looked_for_any_more() -> None:
    north = PrintServer(credit="0.00")
    job = held_for_credit(north, 2)
    north.report(job, JobFinished(state=JobState.CANCELLED, output=NOTHING))
    assert north.seen(job).cost_awaited is None
    top_up(north, "1.00")
    assert look() == 0


@pytest.mark.parametrize("unheard", [False, True], ids=["never asked", "refused, and the answer was lost"])
def test_one_that_was_held_while_the_server_was_away_is_looked_at_by_the_server(unheard: bool) -> None:
    north = PrintServer(credit="0.00", queue={"over_limit": "refuse"} if unheard else {})
    job = north.job()
    if unheard:
        north.ask(job, pages(2))
    held = JobHeld(reason="The Application Server is away", look_again=True)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(2))), held)
    assert north.seen(job).state == "held"
    assert look() == 1, "whether there is credit or not: it was not the server that decided"
    north.report(job, JobReleased())
    north.printer.over_limit = "hold"
    north.printer.save()
    assert isinstance(north.ask(job, pages(2), attempt=2), Hold)
    assert look() == 0
    audit_is_clean()

"""Decisions that a print server made while this server was away: each booked once, and nothing hidden."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DecidedOffline,
    DeliveryBegun,
    DocumentSent,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    OfflinePeriod,
    Print,
    RefusalReason,
    Refuse,
)
from everprint.contract.pricing import Costs, SideCosts
from everprint.documents.result import NOTHING, Output
from tests.server.world import GREY, NOON, PrintServer, audit_is_clean, balance_of, pages, summary

if TYPE_CHECKING:
    from everprint.server.accounts.models import Transaction

pytestmark = pytest.mark.usefixtures("database")

COST = Decimal("0.20")  # of four grey pages
REFUSAL = Refuse(reason=RefusalReason.ACCOUNT_LIMIT_REACHED, message="The Application Server is away.")


def let_through(
    attempt: int = 1,
    *,
    user: str = "alice",
    cost: Decimal = COST,
    logged: bool = True,
    costs: Costs | None = None,
) -> DecidedOffline:
    return DecidedOffline(
        attempt=attempt,
        user_name=user if logged else "",
        decision=Print(cost=cost if logged else Decimal(0), account=user if logged else "", costs=costs),
        logged=logged,
    )


def printed(output: Output) -> list[DeliveryBegun | DocumentSent | JobFinished]:
    return [DeliveryBegun(), DocumentSent(device_job_id=7), JobFinished(state=JobState.COMPLETED, output=output)]


def bookings_of(job: JobDescription) -> list[Transaction]:
    from everprint.server.accounts.models import Transaction

    return list(Transaction.objects.filter(job=job.job_id).order_by("pk"))


def accepted(job: JobDescription, output: Output) -> list[JobReceived | JobAnalysed]:
    return [JobReceived(job=job), JobAnalysed(document=summary(output))]


def test_a_job_printed_offline_is_charged_and_logged_as_if_we_had_decided() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, *accepted(job, pages(4)), let_through())
    seen = north.seen(job)
    assert (seen.state, seen.offline, seen.cost_reserved) == ("authorised", True, COST)
    assert balance_of("alice") == Decimal("0.80")
    north.report(job, *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.state, seen.cost_charged, seen.cost_uncollected, seen.owner) == ("completed", COST, 0, north.user)
    assert [step.event for step in seen.steps.all()] == [
        "document-received", "analysed", "authorised", "delivery-begun", "document-sent", "completed",
    ]  # fmt: skip
    assert all(step.moved for step in seen.steps.all())
    audit_is_clean()


def test_it_settles_the_reservation_of_an_answer_that_was_lost() -> None:
    north = PrintServer()
    job = north.job()
    assert isinstance(north.ask(job, pages(4)), Print)  # and nobody heard it
    north.report(job, *accepted(job, pages(4)), let_through())
    assert balance_of("alice") == Decimal("0.80"), "reserved once"
    assert isinstance(north.ask(job, pages(4)), Print), "the question comes late, after the report"
    north.report(job, *printed(pages(3)))
    assert balance_of("alice") == Decimal("0.85")
    assert [booked.kind for booked in bookings_of(job)] == ["reserve", "settle"]
    assert north.seen(job).cost_charged == Decimal("0.15")
    audit_is_clean()


def test_a_question_that_arrives_after_the_report_reserves_nothing_more() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, *accepted(job, pages(4)), let_through())
    assert north.ask(job, pages(4)) == Print(cost=COST, account="alice")
    assert balance_of("alice") == Decimal("0.80")
    north.report(job, *printed(pages(4)))
    assert [booked.kind for booked in bookings_of(job)] == ["reserve", "settle"]
    assert north.ask(job, pages(4)) == Print(cost=COST, account="alice"), "the same answer, whatever happened since"
    assert balance_of("alice") == Decimal("0.80")


def test_a_refusal_that_nobody_heard_is_taken_back() -> None:
    north = PrintServer(credit="0.10", queue={"over_limit": "refuse"})
    job = north.job()
    assert isinstance(north.ask(job, pages(4)), Refuse)
    north.report(job, *accepted(job, pages(4)), let_through(), *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.state, seen.cost_charged, seen.cost_uncollected) == ("completed", Decimal("0.10"), Decimal("0.10"))
    audit_is_clean()


def test_what_the_account_cannot_pay_is_booked_as_uncollected_and_the_floor_holds() -> None:
    north = PrintServer(credit="0.05")
    job = north.job()
    north.report(job, *accepted(job, pages(4)), let_through())
    assert balance_of("alice") == 0
    assert "no more" in north.seen(job).steps.get(event="authorised").text
    north.report(job, *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.cost_charged, seen.cost_uncollected) == (Decimal("0.05"), Decimal("0.15"))
    assert balance_of("system: uncollected") == Decimal("-0.15")
    audit_is_clean()


def test_reports_that_come_twice_charge_once() -> None:
    from everprint.server.jobs.replay import take_events
    from tests.server.world import terms

    north = PrintServer()
    job = north.job()
    events = [north.event(job, fact) for fact in (*accepted(job, pages(4)), let_through(), *printed(pages(4)))]
    for _ in range(2):
        assert take_events(north.provider.pk, events, terms()) == len(events)
    assert take_events(north.provider.pk, events[2:], terms()) == len(events)
    assert balance_of("alice") == Decimal("0.80")
    audit_is_clean()


def test_nothing_that_came_out_costs_nothing() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, *accepted(job, pages(4)), let_through())
    north.report(job, JobFinished(state=JobState.CANCELLED, output=NOTHING, reason="Cancelled by alice."))
    assert balance_of("alice") == Decimal("1.00")
    audit_is_clean()


def test_an_offline_refusal_is_in_the_log_and_gives_back_what_a_lost_answer_reserved() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(4))
    north.report(job, *accepted(job, pages(4)), DecidedOffline(attempt=1, user_name="alice", decision=REFUSAL))
    seen = north.seen(job)
    assert (seen.state, seen.offline, seen.reason) == ("refused", True, REFUSAL.message)
    assert balance_of("alice") == Decimal("1.00")


def test_whose_job_was_refused_offline_is_told_so_once_it_is_reported() -> None:
    from everprint.server.notifications.models import Notice

    north = PrintServer(queue={"over_limit": "refuse"})
    job, told_already = north.job(), north.job()
    refused = DecidedOffline(attempt=1, user_name="alice", decision=REFUSAL)
    north.report(job, *accepted(job, pages(4)), refused)
    notice = Notice.objects.get()
    assert (notice.user.name, notice.kind, notice.fields["reason"]) == ("alice", "job-refused", REFUSAL.message)
    north.ask(told_already, pages(1000))
    assert Notice.objects.count() == 2
    north.report(told_already, *accepted(told_already, pages(1000)), refused)
    assert Notice.objects.count() == 2


def test_held_and_released_offline_is_one_charge() -> None:
    north = PrintServer()
    job = north.job()
    held = [JobHeld(reason="Held until it is released."), JobReleased()]
    north.report(job, *accepted(job, pages(4)), let_through(), *held, let_through(2), *printed(pages(4)))
    assert north.seen(job).state == "completed"
    assert balance_of("alice") == Decimal("0.80")
    audit_is_clean()


def test_a_report_older_than_a_newer_decision_is_history() -> None:
    north = PrintServer()
    job = north.job()
    assert isinstance(north.ask(job, pages(4), attempt=2), Print)
    held = [JobHeld(reason="Held until it is released."), JobReleased()]
    north.report(job, *accepted(job, pages(4)), let_through(), *held)
    assert (north.seen(job).state, balance_of("alice")) == ("authorised", Decimal("0.80"))
    north.report(job, *printed(pages(4)))
    assert balance_of("alice") == Decimal("0.80")
    audit_is_clean()


def test_a_newcomer_gets_the_account_that_the_first_print_makes() -> None:
    from everprint.server.jobs.replay import take_events
    from tests.server.world import terms

    north = PrintServer()
    job = north.job(user_name="Zoe")
    facts = (*accepted(job, pages(4)), let_through(user="zoe"), *printed(pages(4)))
    take_events(
        north.provider.pk, [north.event(job, fact) for fact in facts], terms(create_users=True, credit="0.50")
    )
    assert balance_of("zoe") == Decimal("0.30")
    assert north.seen(job).owner is not None


def test_printed_for_nobody_known_is_uncollected_and_not_hidden() -> None:
    north = PrintServer()
    job = north.job(user_name="zoe")
    north.report(job, *accepted(job, pages(4)), let_through(user="zoe"), *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.state, seen.owner, seen.cost_uncollected) == ("completed", None, COST)


def test_of_a_job_that_is_not_logged_only_the_counts_stay() -> None:
    north = PrintServer()
    job = north.job(job_account_id="Thesis", job_accounting_user_id="alice")
    north.ask(job, pages(4))  # reserved, and nobody heard it
    north.report(job, *accepted(job, pages(4)), let_through(logged=False), *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.state, seen.printed_impressions, seen.printed_sheets) == ("completed", 4, 4)
    assert (seen.unlogged, seen.owner, seen.account, seen.cost_charged, seen.cost_uncollected) == (
        True,
        None,
        None,
        0,
        0,
    )
    assert (seen.user_name, seen.name, seen.client_address) == ("", "", "")
    assert (seen.job_account_id, seen.job_accounting_user_id) == ("", "")
    assert balance_of("alice") == Decimal("1.00")
    audit_is_clean()


def test_who_cancelled_a_job_that_is_not_logged_is_not_said() -> None:
    north = PrintServer()
    job = north.job()
    cancelled = JobFinished(state=JobState.CANCELLED, output=NOTHING, reason="Cancelled by alice.")
    north.report(job, *accepted(job, pages(4)), let_through(logged=False), cancelled)
    seen = north.seen(job)
    assert (seen.state, seen.reason) == ("cancelled", "")
    assert not [step.text for step in seen.steps.all() if "alice" in step.text]


def test_what_was_said_of_a_job_before_it_was_nobodys_goes_too() -> None:
    from everprint.server.jobs.models import Decision

    north = PrintServer()
    job = north.job()
    north.ask(job, pages(4))
    north.report(job, *accepted(job, pages(4)), JobHeld(reason="Held by alice."), JobReleased())
    assert [step.text for step in north.seen(job).steps.all() if "alice" in step.text], "kept while it was hers"
    held = [JobHeld(reason="Held by alice."), JobReleased()]
    north.report(job, *held, let_through(attempt=3, logged=False), *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.unlogged, seen.printed_impressions) == (True, 4)
    assert not [step.text for step in seen.steps.all() if "alice" in step.text]
    assert not [answer for answer in Decision.objects.values_list("answer", flat=True) if "alice" in answer]


def test_it_is_charged_at_the_prices_that_it_was_decided_by() -> None:
    from everprint.server.printers.costs import change_costs

    north = PrintServer()
    job, of_an_older_release = north.job(), north.job()
    decided = let_through(costs=Costs(other=SideCosts(grey_one_sided=GREY)))
    north.report(job, *accepted(job, pages(4)), decided)
    north.report(of_an_older_release, *accepted(of_an_older_release, pages(4)), let_through())
    change_costs(north.printer, "", SideCosts(grey_one_sided=2 * GREY))
    north.report(job, *printed(pages(3)))  # a page less than was expected
    assert north.seen(job).cost_charged == 3 * GREY
    north.report(of_an_older_release, *printed(pages(3)))
    assert north.seen(of_an_older_release).cost_charged == 6 * GREY
    audit_is_clean()


def test_a_lost_answer_of_ours_does_not_set_the_price() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(4))  # at our prices, and nobody heard it
    twice = Costs(other=SideCosts(grey_one_sided=2 * GREY))
    north.report(job, *accepted(job, pages(4)), let_through(cost=8 * GREY, costs=twice), *printed(pages(4)))
    assert north.seen(job).cost_charged == 8 * GREY
    audit_is_clean()


def test_a_job_that_we_decide_after_all_is_somebodys_and_charged() -> None:
    north = PrintServer()
    job = north.job()
    held = [JobHeld(reason="Held by alice."), JobReleased()]
    north.report(job, *accepted(job, pages(4)), let_through(logged=False), *held)
    assert isinstance(north.ask(job, pages(4), attempt=2), Print)
    north.report(job, *printed(pages(4)))
    seen = north.seen(job)
    assert (seen.unlogged, seen.offline, seen.owner, seen.cost_charged) == (False, False, north.user, COST)
    assert (seen.user_name, seen.name) == (job.user_name, job.job_name)
    assert balance_of("alice") == Decimal("0.80")
    audit_is_clean()


def test_the_period_is_noted_with_the_provider_and_two_in_a_row_are_one() -> None:
    north = PrintServer()
    end = NOON + timedelta(minutes=10)
    north.report(None, OfflinePeriod(began=NOON, ended=end, printed=5, unlogged=1, refused=2))
    north.provider.refresh_from_db()
    assert (north.provider.away_began, north.provider.away_ended) == (NOON, end)
    late = OfflinePeriod(began=end + timedelta(seconds=5), ended=end + timedelta(seconds=9), printed=1)
    north.report(None, late)
    north.provider.refresh_from_db()
    assert (north.provider.away_began, north.provider.away_ended) == (NOON, late.ended)
    assert (north.provider.away_printed, north.provider.away_unlogged, north.provider.away_refused) == (6, 1, 2)
    another = OfflinePeriod(began=end + timedelta(hours=1), ended=end + timedelta(hours=2), printed=3)
    north.report(None, another)
    north.provider.refresh_from_db()
    assert (north.provider.away_began, north.provider.away_printed) == (another.began, 3)


def test_amounts_and_counts_beyond_all_bounds_are_refused_before_anything_is_stored() -> None:
    from everprint.contract.messages import Event
    from everprint.server.providers.contract.bounds import check_event
    from everprint.server.providers.contract.problem import Refused

    job = "00000000-0000-4000-8000-000000000000"
    for fact in (
        let_through(cost=Decimal("-1")),
        let_through(cost=Decimal("0.00001")),
        let_through(cost=Decimal("NaN")),
        let_through(attempt=0),
        let_through(costs=Costs(other=SideCosts(grey_one_sided=Decimal("-1")))),
        let_through(costs=Costs(by_media={str(number): SideCosts() for number in range(1001)})),
        OfflinePeriod(began=NOON, ended=NOON, printed=-1),
        OfflinePeriod(began=NOON.replace(tzinfo=None), ended=NOON, printed=1),
    ):
        with pytest.raises(Refused):
            check_event(Event(sequence=1, at=NOON, job_id=job, fact=fact), "events[0]")

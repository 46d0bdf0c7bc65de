"""May this job print? One answer per attempt, and the money that goes with it."""

from __future__ import annotations

import threading
from decimal import Decimal

import msgspec
import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Decision,
    DeliveryBegun,
    Hold,
    JobAnalysed,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    Print,
    RefusalReason,
    Refuse,
)
from everprint.documents.result import NOTHING
from everprint.documents.ticket import SidesKeyword, Ticket
from tests.server.world import A4, PrintServer, audit_is_clean, balance_of, pages, summary

pytestmark = pytest.mark.usefixtures("database")


def test_a_job_that_can_be_paid_prints_and_its_cost_is_reserved() -> None:
    north = PrintServer()
    job = north.job()
    assert north.ask(job, pages(2, 1)) == Print(cost=Decimal("0.30"), account="alice")
    seen = north.seen(job)
    assert (seen.state, seen.cost_reserved, seen.pages, seen.sheets) == ("authorised", Decimal("0.30"), 3, 3)
    assert balance_of("alice") == Decimal("0.70")


def test_asking_again_gets_the_same_answer_and_reserves_once() -> None:
    north = PrintServer()
    job = north.job()
    first = north.ask(job, pages(2, 1))
    assert north.ask(job, pages(10, 10)) == first
    assert balance_of("alice") == Decimal("0.70")


def test_asking_twice_at_once_gets_one_answer_and_reserves_once() -> None:
    from django.db import connection

    north = PrintServer()
    job = north.job()
    answers: list[Decision] = []

    def ask() -> None:
        try:
            answers.append(north.ask(job, pages(2, 1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [Print(cost=Decimal("0.30"), account="alice")] * 6
    assert balance_of("alice") == Decimal("0.70")
    audit_is_clean()


def test_a_job_too_dear_is_refused_with_its_cost_and_what_is_left() -> None:
    north = PrintServer(credit="0.10", queue={"over_limit": "refuse"})
    job = north.job()
    refused = north.ask(job, pages(0, 1))
    assert isinstance(refused, Refuse)
    assert refused.reason is RefusalReason.ACCOUNT_LIMIT_REACHED
    assert "€0.20" in refused.message
    assert "€0.10" in refused.message
    assert north.seen(job).state == JobState.REFUSED
    assert north.ask(job, pages(0, 1)) == refused, "refused once is refused, even after a top-up: print it again"
    assert balance_of("alice") == Decimal("0.10")


def test_a_document_that_nobody_can_count_is_refused_unless_the_queue_charges_what_came_out() -> None:
    north = PrintServer()
    refused = north.ask(north.job(), None)
    assert isinstance(refused, Refuse)
    assert refused.reason is RefusalReason.DOCUMENT_UNPRINTABLE
    assert "nobody reads Klingon" in refused.message

    north.printer.unknown_pages = "charge-actual"
    north.printer.save()
    job = north.job()
    assert north.ask(job, None) == Print(cost=Decimal(0), account="alice")
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(None)), DeliveryBegun())
    north.report(job, JobFinished(state=JobState.COMPLETED, output=pages(3)))
    assert balance_of("alice") == Decimal("0.85")


def test_a_document_without_pages_is_refused_and_never_counted_as_free() -> None:
    north = PrintServer()
    refused = north.ask(north.job(), NOTHING)
    assert isinstance(refused, Refuse)
    assert refused.reason is RefusalReason.DOCUMENT_UNPRINTABLE


def test_a_name_that_never_printed_gets_an_account_only_where_the_settings_allow_it() -> None:
    from everprint.server.people.models import User

    north = PrintServer(queue={"authentication": "requesting-user-name", "trusted_networks": ["192.0.2.0/24"]})
    bob = north.job(user_name="Bob", authenticated=False)
    refused = north.ask(bob, pages(1))
    assert isinstance(refused, Refuse)
    assert refused.reason is RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    assert not User.objects.filter(name="bob").exists()

    again = north.job(user_name="Bob", authenticated=False)
    assert north.ask(again, pages(1), create_users=True, credit="0.50") == Print(cost=Decimal("0.05"), account="bob")
    assert balance_of("bob") == Decimal("0.45")


@pytest.mark.parametrize("name", ["", "al\u0456ce", "alice\x00", "ali\u200bce", "a" * 5000, "alice\\root"])
def test_a_name_that_nobody_can_have_is_refused_and_makes_no_user(name: str) -> None:
    from everprint.server.people.models import User

    north = PrintServer()
    answer = north.ask(north.job(user_name=name), pages(1), create_users=True)
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    assert User.objects.count() == 1


def test_any_spelling_of_a_name_is_the_same_person() -> None:
    north = PrintServer()
    assert north.ask(north.job(user_name="\uff21\uff2c\uff29\uff23\uff25"), pages(1)) == Print(
        cost=Decimal("0.05"), account="alice"
    )


def test_a_job_without_a_password_is_refused_where_the_queue_asks_for_one() -> None:
    north = PrintServer()
    answer = north.ask(north.job(authenticated=False), pages(1))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_AUTHORIZATION_FAILED


def test_a_disabled_user_prints_nothing() -> None:
    from everprint.server.people.users import change_active

    north = PrintServer()
    change_active(north.user, False)
    answer = north.ask(north.job(), pages(1))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_CLOSED


def test_a_queue_that_holds_answers_hold_first_and_decides_after_the_release() -> None:
    north = PrintServer(queue={"hold": True})
    job = north.job()
    assert isinstance(north.ask(job, pages(2)), Hold)
    assert balance_of("alice") == Decimal("1.00")
    assert isinstance(north.ask(job, pages(2), attempt=2), Print)
    assert balance_of("alice") == Decimal("0.90")


def test_a_job_decided_anew_pays_once_although_its_provider_reports_late() -> None:
    north = PrintServer(credit="0.30")
    job = north.job()
    assert isinstance(north.ask(job, pages(0, 1)), Print)
    # The owner held and released it at the provider; the question overtakes all those reports.
    assert isinstance(north.ask(job, pages(0, 1), attempt=2), Print)
    north.report(
        job,
        JobReceived(job=job),
        JobAnalysed(document=summary(pages(0, 1))),
        JobHeld(reason="by alice"),
        JobReleased(),
    )
    assert (north.seen(job).state, north.seen(job).releases) == ("authorised", 1)
    assert balance_of("alice") == Decimal("0.10"), (
        "the late report of the hold does not give the new reservation back"
    )
    north.report(job, DeliveryBegun(), JobFinished(state=JobState.COMPLETED, output=pages(0, 1)))
    assert north.seen(job).cost_charged == Decimal("0.20")
    assert balance_of("alice") == Decimal("0.10")
    audit_is_clean()


def test_a_refusal_after_a_release_gives_back_what_the_first_decision_reserved() -> None:
    north = PrintServer(queue={"over_limit": "refuse"})
    job = north.job()
    north.ask(job, pages(1))
    north.printer.costs.update(grey_one_sided=Decimal(5))
    assert isinstance(north.ask(job, pages(1), attempt=2), Refuse)
    assert balance_of("alice") == Decimal("1.00")
    assert balance_of("system: reserved") == 0


def test_a_question_about_a_finished_job_or_an_old_attempt_or_a_strange_job_is_not_answered() -> None:
    from everprint.server.jobs.decide import NotDecidable, UnknownQueue, decide
    from tests.server.world import new_provider, terms

    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.CANCELLED, output=NOTHING))
    with pytest.raises(NotDecidable, match="already cancelled"):
        north.ask(job, pages(1))
    late = north.job()
    north.ask(late, pages(1), attempt=3)
    with pytest.raises(NotDecidable, match="attempt 3"):
        north.ask(late, pages(1), attempt=2)
    with pytest.raises(UnknownQueue):
        north.ask(north.job(queue="nowhere"), pages(1))
    from everprint.contract.messages import Authorise

    south, _ = new_provider("south")
    with pytest.raises(NotDecidable, match="another provider"):
        decide(south.pk, Authorise(job=late, document=summary(pages(1)), attempt=4), terms())


def test_what_clients_write_is_kept_in_what_a_column_holds() -> None:
    north = PrintServer()
    job = north.job(job_name="a\x00b\x1b[31m" + "é" * 1000, sides="x" * 400, media="y" * 4000)
    document = msgspec.structs.replace(summary(pages(1)), remarks=["nul \x00 and \\u0000"])
    north.report(job, JobReceived(job=job), JobAnalysed(document=document))
    seen = north.seen(job)
    assert seen.name.startswith("a b [31m")
    assert len(seen.name) <= 255
    assert seen.document is not None
    assert seen.document["remarks"] == ["nul   and \\u0000"]


def test_whom_the_client_wants_charged_is_kept_with_the_job() -> None:
    server = PrintServer()
    job = server.job(job_account_id="Project 7" + "x" * 300, job_accounting_user_id="4711 \x00")
    server.report(job, JobReceived(job=job))
    seen = server.seen(job)
    assert seen.job_account_id.startswith("Project 7x") and len(seen.job_account_id) == 255
    assert seen.job_accounting_user_id.startswith("4711") and "\x00" not in seen.job_accounting_user_id


def test_the_ticket_that_holds_once_the_document_is_known_is_the_jobs() -> None:
    """The file asks for two copies on both sides, and the client said nothing."""
    server = PrintServer()
    job = server.job()
    holds = Ticket(
        copies=2, sides=SidesKeyword.TWO_SIDED_LONG_EDGE, number_up=4, print_color_mode="monochrome", media=A4
    )
    found = msgspec.structs.replace(summary(pages(4, two_sided=True)), ticket=holds)
    server.report(job, JobReceived(job=job))
    assert (server.seen(job).copies, server.seen(job).sides) == (1, "one-sided")
    server.report(job, JobAnalysed(document=found))
    seen = server.seen(job)
    assert (seen.copies, seen.sides, seen.number_up, seen.print_color_mode, seen.media) == (
        2,
        "two-sided-long-edge",
        4,
        "monochrome",
        A4,
    )

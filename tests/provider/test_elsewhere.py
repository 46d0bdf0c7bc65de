"""What a provider tells for the sake of others, and how it asks about jobs that are not its own."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from everprint.contract.elsewhere import Outcome
from everprint.contract.job_life import JobState
from everprint.contract.messages import CancelJob, HoldJob, JobNoted, OrderReported, ReleaseJob
from everprint.provider.job_password import SentPassword
from everprint.provider.noted import news
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.jobs_for_tests import NOW, a_job
from tests.provider.submit import about, job_id, submit
from tests.provider.world import PrintServer

HELD = ["ATTR keyword job-hold-until indefinite"]


def test_what_other_facts_say_is_not_told_again() -> None:
    job = a_job(state=JobState.ACCEPTED)
    assert news(None, job) is None
    printing = replace(job, state=JobState.PRINTING)
    done = replace(printing, state=JobState.COMPLETED, job_state_reasons=("job-completed-successfully",))
    assert news(job, printing) is None
    assert news(printing, done) is None


def test_what_clients_are_shown_is_told_when_it_changes() -> None:
    job = a_job(state=JobState.HELD, job_state_reasons=("job-password-wait",), job_state_message="Its PIN, please.")
    said = news(a_job(state=JobState.ANALYSED), job)
    assert said == JobNoted(
        job_name="report", job_state_reasons=("job-password-wait",), job_state_message="Its PIN, please."
    )
    assert news(job, job) is None
    assert news(job, replace(job, job_name="new")) is not None
    released = replace(job, state=JobState.ANALYSED, job_state_reasons=(), job_state_message="")
    assert news(job, released) == JobNoted(job_name="report")
    cancelling = replace(released, state=JobState.PRINTING, cancelled_by="anna")
    assert news(released, cancelling) == JobNoted(job_name="report", is_cancelling=True)


def test_a_job_that_the_server_never_heard_of_is_not_told_of() -> None:
    incoming = a_job(state=JobState.INCOMING, document=None, hold_wanted=True)
    assert news(None, incoming) is None
    assert news(incoming, replace(incoming, state=JobState.CANCELLED, job_state_message="Cancelled.")) is None
    received = replace(incoming, state=JobState.ACCEPTED, document=a_job().document)
    assert news(incoming, received) == JobNoted(job_name="report", hold=True)


def test_a_refused_job_ends_when_its_provider_hears_of_it() -> None:
    job = a_job(state=JobState.ANALYSED)
    refused = replace(
        job, state=JobState.REFUSED, job_state_reasons=("account-closed", "aborted-by-system"), completed_at=NOW
    )
    said = news(job, refused)
    assert said is not None and said.completed_at == NOW


def reports(server: ContractServer, request: str) -> list[OrderReported]:
    facts = [event.fact for event in server.events]
    return [fact for fact in facts if isinstance(fact, OrderReported) and fact.request == request]


def report_of(server: ContractServer, do: CancelJob | HoldJob | ReleaseJob) -> OrderReported:
    """Gives the order; what its provider says of it, once and no more."""
    server.order(do)
    wait_for("a report", lambda: reports(server, do.request))
    (report,) = reports(server, do.request)
    return report


def test_an_order_that_somebody_waits_for_is_reported(office: PrintServer, server: ContractServer) -> None:
    number = job_id(submit(office, operation=HELD))
    job = office.wait_for_state(number, JobState.HELD).uuid
    held = report_of(server, HoldJob(job_id=job, by="anna", request=str(uuid.uuid4())))
    assert (held.outcome, held.message) == (Outcome.DONE, "")
    unknown = CancelJob(job_id=str(uuid.uuid4()), by="anna", request=str(uuid.uuid4()))
    assert report_of(server, unknown).outcome is Outcome.UNKNOWN_JOB
    assert report_of(server, CancelJob(job_id=job, by="anna", request=str(uuid.uuid4()))).outcome is Outcome.DONE
    late = report_of(server, ReleaseJob(job_id=job, by="anna", request=str(uuid.uuid4())))
    assert (late.outcome, late.message) == (Outcome.NOT_POSSIBLE, f"job {number} is cancelled, not held")
    # This server does not say that it answers for jobs.
    assert not any(isinstance(event.fact, JobNoted) for event in server.events)


def test_a_wrong_pin_of_such_an_order_is_reported(office: PrintServer, server: ContractServer) -> None:
    pin = ["ATTR octetString job-password 83140275", "ATTR keyword job-password-encryption none"]
    number = job_id(submit(office, operation=pin))
    job = office.wait_for_state(number, JobState.HELD).uuid
    for typed, outcome in ((b"00000000", Outcome.WRONG_PASSWORD), (b"83140275", Outcome.DONE)):
        password = SentPassword(typed, "none").hashed_by("sha2-256")
        assert password is not None
        order = ReleaseJob(
            job_id=job, by="anna", password=password, password_encryption="sha2-256", request=str(uuid.uuid4())
        )
        assert report_of(server, order).outcome is outcome
    office.wait_for_state(number, JobState.COMPLETED)


@pytest.mark.usefixtures("printer")
def test_a_server_of_an_older_release_is_asked_nothing(office: PrintServer) -> None:
    assert about(office, "Get-Job-Attributes", 4711).status == "client-error-not-found"


def test_a_server_that_has_no_answer_is_no_reason_to_guess(server: ContractServer, printer: VirtualPrinter) -> None:
    from tests.provider.world import run_print_server

    server.answers_for_jobs = True
    server.add_queue("office", printer.uri)
    with run_print_server(server.url) as office:
        office.wait_for_queue("office")
        assert about(office, "Get-Job-Attributes", 4711).status == "client-error-not-found"
        number = job_id(submit(office, operation=HELD))
        job = office.wait_for_state(number, JobState.HELD)
        wait_for("what is shown of it", lambda: [f for f in server.facts(job.uuid) if isinstance(f, JobNoted)])
        server.away = True

        def status() -> str:
            return about(office, "Get-Job-Attributes", 4711).status

        wait_for("the server to be away", lambda: status() == "server-error-service-unavailable")
        assert about(office, "Get-Job-Attributes", number).status == "successful-ok"

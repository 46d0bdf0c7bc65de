"""What the server tells a provider of the jobs of others, and to whom."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from everprint.contract.elsewhere import Act, Asker, FindJob, Found, JobView, ListJobs, Outcome, SteerJob, WhichJobs
from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DeliveryBegun,
    DocumentSent,
    FetchSnapshot,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobHeld,
    JobNoted,
    JobReceived,
    OrderReported,
    Print,
    Refuse,
    ReleaseJob,
)
from everprint.documents.result import NOTHING
from tests.server.conftest import Database
from tests.server.world import NOON, PrintServer, new_provider, pages, summary

ALICE = Asker(user_name="alice", authenticated=True, client_address="192.0.2.99")
BY_NAME = msgspec.structs.replace(ALICE, authenticated=False)


@pytest.fixture
def north(database: Database) -> PrintServer:
    return PrintServer()


def received(north: PrintServer) -> JobDescription:
    """A job of alice's with a number of the installation."""
    from everprint.server.providers.job_ids import give_block

    job = north.job(ipp_job_id=give_block(north.provider.pk, 0).first)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(3))))
    return job


def find(job: JobDescription, asker: Asker = ALICE) -> tuple[Found, JobView | None]:
    from everprint.server.jobs.elsewhere import find_job

    assert job.ipp_job_id is not None
    found = find_job(FindJob(asker=asker, ipp_job_id=job.ipp_job_id))
    return found.outcome, found.job


def view(job: JobDescription) -> JobView:
    found = find(job)[1]
    assert found is not None
    return found


def test_a_job_is_told_of_as_its_provider_reported_it(north: PrintServer) -> None:
    job = received(north)
    said = view(job)
    assert (said.job_id, said.ipp_job_id, said.queue) == (job.job_id, job.ipp_job_id, "office")
    assert (said.user_name, said.job_name, said.octets) == ("alice", "report.pdf", 30_000)
    assert (said.state, said.expected, said.output) == (JobState.ANALYSED, pages(3), None)
    north.report(
        job,
        JobHeld(reason="Held by alice."),
        JobNoted(job_name="new name", job_state_reasons=("job-password-wait",), job_state_message="Its PIN, please."),
    )
    said = view(job)
    assert (said.state, said.hold, said.job_name) == (JobState.HELD, True, "new name")
    assert (said.job_state_reasons, said.job_state_message) == (("job-password-wait",), "Its PIN, please.")


def test_its_times_and_what_came_out_are_those_of_its_provider(north: PrintServer) -> None:
    job = received(north)
    assert isinstance(north.ask(job, pages(3)), Print)
    north.report(job, DeliveryBegun(), DocumentSent(device_job_id=1))
    assert view(job).processing_at == NOON
    north.report(job, JobNoted(job_name="report.pdf", is_cancelling=True))
    assert view(job).is_cancelling
    north.report(job, JobFinished(state=JobState.CANCELLED, output=pages(1), reason="Cancelled by alice."))
    north.report(job, JobNoted(job_name="report.pdf", job_state_message="Cancelled by alice."))
    said = view(job)
    assert (said.state, said.output, said.is_cancelling) == (JobState.CANCELLED, pages(1), False)
    assert (said.created_at, said.completed_at) == (NOON, NOON)


def test_a_refused_job_ended_when_its_provider_heard_of_it(database: Database) -> None:
    north = PrintServer(queue={"over_limit": "refuse"})
    job = received(north)
    assert isinstance(north.ask(job, pages(1000)), Refuse)
    north.report(job, JobNoted(job_name="report.pdf", completed_at=NOON))
    assert (view(job).output, view(job).completed_at) == (NOTHING, NOON)


def test_who_was_renamed_knows_their_old_jobs_and_nobody_else_does(north: PrintServer) -> None:
    from everprint.server.jobs.elsewhere import list_jobs
    from everprint.server.people.renaming import rename_user
    from everprint.server.people.users import create_user

    job = received(north)
    rename_user(north.user.pk, "alicia")
    create_user("bert")
    south, _ = new_provider("south")

    def listed(name: str, *, mine: bool) -> list[str]:
        asker = msgspec.structs.replace(ALICE, user_name=name)
        question = ListJobs(asker=asker, queue="office", which=WhichJobs.ALL, mine=mine, limit=10)
        return [one.job_name for one in list_jobs(south.pk, question).jobs]

    for name in ("alicia", "alice"):  # her print server may not have heard of it yet
        assert find(job, msgspec.structs.replace(ALICE, user_name=name))[0] is Found.FOUND
        assert listed(name, mine=True) == listed(name, mine=False) == ["report.pdf"]
    for name in ("bert", "nobody", ""):
        assert find(job, msgspec.structs.replace(ALICE, user_name=name))[0] is Found.NOT_YOURS
        assert (listed(name, mine=True), listed(name, mine=False)) == ([], [""])


def test_only_its_owner_is_told_and_known_as_the_jobs_queue_knows_people(north: PrintServer) -> None:
    job = received(north)
    assert find(job, msgspec.structs.replace(ALICE, user_name="bert"))[0] is Found.NOT_YOURS
    assert find(job, msgspec.structs.replace(ALICE, user_name=""))[0] is Found.NOT_YOURS
    assert find(job, BY_NAME)[0] is Found.NEEDS_PASSWORD
    north.printer.authentication = "requesting-user-name"
    north.printer.trusted_networks = ["198.51.100.0/24"]
    north.printer.save()
    assert find(job, BY_NAME)[0] is Found.UNTRUSTED
    assert find(job, msgspec.structs.replace(BY_NAME, client_address="198.51.100.7"))[0] is Found.FOUND
    assert find(job)[0] is Found.FOUND
    assert find(msgspec.structs.replace(job, ipp_job_id=77_777))[0] is Found.UNKNOWN


def test_a_job_is_found_by_its_uuid_too(north: PrintServer) -> None:
    from everprint.server.jobs.elsewhere import find_job

    job = received(north)
    assert find_job(FindJob(asker=ALICE, job_id=job.job_id)).job == view(job)
    assert find_job(FindJob(asker=ALICE, job_id=str(uuid.uuid4()))).outcome is Found.UNKNOWN


def test_a_list_hides_what_others_may_not_know(north: PrintServer) -> None:
    from everprint.server.jobs.elsewhere import list_jobs

    south, _ = new_provider("south")
    job = received(north)
    question = ListJobs(asker=ALICE, queue="office")
    assert [one.job_name for one in list_jobs(south.pk, question).jobs] == ["report.pdf"]
    by_bert = msgspec.structs.replace(question, asker=msgspec.structs.replace(ALICE, user_name="bert"))
    (seen,) = list_jobs(south.pk, by_bert).jobs
    assert (seen.user_name, seen.job_name, seen.job_state_message, seen.ipp_job_id) == ("", "", "", job.ipp_job_id)
    assert not list_jobs(south.pk, msgspec.structs.replace(by_bert, mine=True)).jobs
    assert not list_jobs(south.pk, msgspec.structs.replace(question, which=WhichJobs.COMPLETED)).jobs
    assert list_jobs(south.pk, msgspec.structs.replace(question, ipp_job_ids=(job.ipp_job_id or 0,))).jobs
    assert list_jobs(south.pk, msgspec.structs.replace(question, queue="hall")).outcome is Found.UNKNOWN
    # Its own jobs a provider knows better.
    assert list_jobs(north.provider.pk, question).outcome is Found.UNKNOWN


def test_an_order_is_given_once_and_its_report_kept(north: PrintServer) -> None:
    from everprint.server.jobs.elsewhere import NotFound, order_what_is_asked
    from everprint.server.providers.orders import orders_after, report_of

    job = received(north)
    request = str(uuid.uuid4())
    question = SteerJob(request=request, asker=ALICE, job_id=job.job_id, act=Act.RELEASE)
    for _ in range(2):
        order_what_is_asked(question)
    expected = ReleaseJob(job_id=job.job_id, by="alice", request=request)
    made = [order.do for order in orders_after(north.provider.pk, 0)]
    assert [do for do in made if not isinstance(do, FetchSnapshot)] == [expected]
    assert report_of(uuid.UUID(request)) is None
    report = OrderReported(request=request, outcome=Outcome.NOT_POSSIBLE, message="It is not held.")
    north.report(job, report)
    assert report_of(uuid.UUID(request)) == report
    with pytest.raises(NotFound):
        order_what_is_asked(msgspec.structs.replace(question, asker=BY_NAME))

"""What is kept of a job that is long over is packed, and everybody who reads it sees no difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DeliveryBegun,
    DocumentSent,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobNoted,
    JobReceived,
)
from everprint.server.jobs.history import Details, History, Step, UnknownEdition, pack, unpack
from tests.server.world import PrintServer, audit_is_clean, long_migrated, pages, summary

if TYPE_CHECKING:
    from everprint.server.jobs.models import Job

SUBMITTED = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
# A history as edition 1 wrote it: whoever changes the coding loses what is in databases.
OF_EDITION_1 = bytes.fromhex(
    "019bdf02cd45f8932f6a1e9b004b0fe8fc0304c35cf01c83eeb10393f1863c225c26630b5324e99dd8822d1168"
    "7fea8235a00a323f0d187605a94593cf31f03b395cfaff61ef81f3c0eca461bdee00c344c64646d6c907d89940"
    "416644429081cd57aa0500"
)

json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
stored = st.none() | st.dictionaries(st.text(), json, max_size=4)
moments = st.integers(0, 10**17).map(lambda number: SUBMITTED + timedelta(microseconds=number))
steps = st.builds(
    Step,
    at=moments,
    event=st.text(max_size=30),
    state=st.text(max_size=12),
    text=st.text(max_size=50),
    actor=st.none() | st.integers(1, 2**63 - 1),
    moved=st.booleans(),
    sequence=st.none() | st.integers(0, 2**62),
)
histories = st.builds(
    History,
    details=st.builds(
        Details,
        document=stored,
        output=stored,
        noted=stored,
        document_format=st.text(),
        sides=st.text(),
        media=st.none() | st.text(),
        print_color_mode=st.text(),
        device_job_id=st.none() | st.integers(0, 2**63 - 1),
        processing_at=st.none() | moments,
    ),
    steps=st.lists(steps, max_size=8).map(tuple),
    answers=st.dictionaries(st.integers(1, 1000), st.text(), max_size=3),
)
USUAL = History(
    Details(
        document={"pages": 2, "language": "PDF", "confidence": "exact", "output": {"sides": [], "sheets": 1}},
        output={"sides": [], "sheets": 1},
        document_format="application/pdf",
        sides="one-sided",
        print_color_mode="auto",
        device_job_id=17,
        processing_at=SUBMITTED + timedelta(seconds=3),
    ),
    (
        Step(SUBMITTED + timedelta(seconds=1), "authorised", "authorised", "€0.20 reserved on alice"),
        Step(SUBMITTED, "document-received", "accepted", sequence=7, moved=False, actor=5),
        Step(SUBMITTED + timedelta(days=2), "completed", "completed", "out of paper", sequence=9),
    ),
    {1: '{"type":"print","cost":"0.2000","account":"alice"}'},
)


@given(histories, moments)
def test_every_history_is_read_as_it_was_packed(history: History, since: datetime) -> None:
    assert unpack(pack(history, since), since) == history


def test_a_history_that_an_earlier_release_packed_is_read() -> None:
    assert unpack(OF_EDITION_1, SUBMITTED) == USUAL


def test_a_history_of_a_newer_edition_says_what_to_do() -> None:
    with pytest.raises(UnknownEdition, match="upgrade this server"):
        unpack(b"\x02" + OF_EDITION_1[1:], SUBMITTED)


def lived(server: PrintServer, **about: object) -> JobDescription:
    job = server.job(**about)
    server.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(2))))
    server.ask(job, pages(2))
    server.report(job, DeliveryBegun(), DocumentSent(device_job_id=4))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(2), reason="thank you"))
    return job


def seen(job: Job) -> tuple[object, ...]:
    """All that anybody is shown of it."""
    from everprint.server.api.endpoints.jobs import with_steps
    from everprint.server.jobs.elsewhere import view_of
    from everprint.server.jobs.kept import answer_to, details_of, steps_of
    from everprint.server.pages.job_page import document_view, output_rows, step_views
    from everprint.server.pages.views.jobs import CSV_COLUMNS

    details = details_of(job)
    return (
        details,
        steps_of(job),
        answer_to(job, 1),
        step_views(job),
        with_steps(job),
        view_of(job),
        document_view(details.document),
        output_rows(details.output),
        {title: cell(job) for title, cell in CSV_COLUMNS.items()},
    )


def packed(now: datetime | None = None) -> str:
    from everprint.server.jobs.packing import pack_what_is_over

    long_migrated()
    return pack_what_is_over(now=now)


@pytest.mark.usefixtures("database")
def test_jobs_are_packed_only_when_no_server_of_the_release_before_may_serve() -> None:
    from everprint.server.installation.models import DatabaseVersion
    from everprint.server.jobs.packing import READS_IT, pack_what_is_over

    lived(PrintServer(credit="100"))
    assert pack_what_is_over() == "", "just migrated"
    assert packed() == "histories of 1 jobs packed"
    assert DatabaseVersion.objects.get().oldest_server == READS_IT


@pytest.mark.usefixtures("database")
def test_a_packed_job_is_shown_and_answered_as_before_and_has_no_rows_of_its_own() -> None:
    from everprint.server.jobs.models import Decision, JobStep

    server = PrintServer(credit="100")
    job = lived(server)
    waiting = server.job()
    server.report(waiting, JobReceived(job=waiting))
    before, answer = seen(server.seen(job)), server.ask(job, pages(2))
    assert packed(server.seen(job).finished_at) == ""  # not yet

    assert packed() == "histories of 1 jobs packed"
    assert seen(server.seen(job)) == before
    assert server.ask(job, pages(2)) == answer
    assert not JobStep.objects.filter(job__uuid=job.job_id).exists()
    assert not Decision.objects.filter(job__uuid=job.job_id).exists()
    assert server.seen(waiting).history is None
    assert server.seen(job).document is None
    assert packed() == ""
    audit_is_clean()


@pytest.mark.usefixtures("database")
def test_what_is_told_of_a_packed_job_is_shown_at_once_and_packed_later() -> None:
    from everprint.server.jobs.kept import details_of, steps_of
    from everprint.server.jobs.models import JobStep

    server = PrintServer(credit="100")
    job = lived(server)
    packed()
    until = timezone.now() + timedelta(hours=1)
    server.report(job, DeliveryBegun(), JobNoted(job_name="renamed", document_until=until))
    told = server.seen(job)
    lines = steps_of(told)
    assert (len(lines), lines[-1].event, lines[-1].moved) == (7, "delivery-begun", False)
    noted = details_of(told).noted
    assert noted is not None
    assert noted["document_until"] == until.isoformat()
    assert packed() == ""
    assert packed(timezone.now() + timedelta(days=2)) == "histories of 1 jobs packed"
    assert steps_of(server.seen(job)) == lines
    assert details_of(server.seen(job)).noted == noted
    assert not JobStep.objects.filter(job__uuid=job.job_id).exists()


@pytest.mark.usefixtures("database")
def test_a_packed_refusal_that_its_provider_never_heard_of_is_taken_back() -> None:
    from everprint.server.jobs.kept import steps_of
    from everprint.server.jobs.models import Job

    server = PrintServer(credit="0.10", queue={"over_limit": "refuse"})
    job = server.job()
    server.ask(job, pages(9))
    assert server.seen(job).state == JobState.REFUSED
    Job.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert packed() == "histories of 1 jobs packed"
    server.ask(job, pages(1), attempt=2)
    again = server.seen(job)
    assert (again.state, again.sides, again.document is None) == (JobState.AUTHORISED, "one-sided", False)
    assert [step.event for step in steps_of(again)] == ["refused", "authorised"]
    server.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(1)))
    audit_is_clean()


@pytest.mark.usefixtures("database")
def test_nobody_who_acted_is_kept_in_the_packed_history_of_a_job_that_turns_out_to_be_nobodys() -> None:
    from everprint.contract.messages import DecidedOffline, Print
    from everprint.server.jobs.kept import steps_of
    from everprint.server.jobs.models import Job, JobStep

    server = PrintServer(credit="0.10", queue={"over_limit": "refuse"})
    job = server.job()
    server.ask(job, pages(9))
    JobStep.objects.update(actor=server.user, text="release ordered")
    Job.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert packed() == "histories of 1 jobs packed"
    assert [(step.actor, step.text) for step in steps_of(server.seen(job))] == [(server.user.pk, "release ordered")]
    for_nobody = DecidedOffline(attempt=1, user_name="", decision=Print(cost=Decimal(0), account=""), logged=False)
    server.report(job, JobReceived(job=job), for_nobody)
    told = server.seen(job)
    assert (told.unlogged, {step.actor for step in steps_of(told)}) == (True, {None})
    assert not any("ordered" in step.text for step in steps_of(told))


@pytest.mark.usefixtures("database")
def test_forgetting_and_redaction_reach_into_packed_histories() -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.jobs.kept import answer_to, details_of, steps_of
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.retention import forget_old_details
    from everprint.server.people.redaction import redact_user

    server = PrintServer(credit="100")
    job = lived(server)
    server.report(job, JobNoted(job_name="Diagnosis", job_state_message="said alice"))
    packed()
    assert any(step.text for step in steps_of(server.seen(job)))
    change_settings({"job_details_days": 1})
    Job.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert forget_old_details() == "details of 1 jobs forgotten"
    forgotten = server.seen(job)
    assert not any(step.text for step in steps_of(forgotten))
    assert details_of(forgotten).noted is None
    assert answer_to(forgotten, 1)

    redact_user(server.user.pk)
    redacted = server.seen(job)
    assert answer_to(redacted, 1) is None
    assert len(steps_of(redacted)) == 6


@pytest.mark.usefixtures("database")
def test_a_dry_run_of_rules_reads_packed_jobs() -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.rules.past_jobs import _keys, _PastJobs

    server = PrintServer(credit="100")
    lived(server)
    Job.objects.update(submitted_at=timezone.now() - timedelta(days=2))
    keys = _keys(31)
    before = list(_PastJobs(set()).read(keys))
    packed()
    assert _keys(31) == keys
    assert list(_PastJobs(set()).read(keys)) == before
    assert len(before) == 1


@pytest.mark.usefixtures("database")
def test_many_are_packed_a_few_at_a_time_until_another_server_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.jobs import packing
    from everprint.server.jobs.models import Job

    monkeypatch.setattr(packing, "AT_ONCE", 2)
    server = PrintServer(credit="100")
    for _ in range(5):
        lived(server)
    long_migrated()
    answers = iter([True, False])
    assert packing.pack_what_is_over(lambda: next(answers)).startswith("histories of 2 jobs packed, then another")
    assert Job.objects.filter(history=None).count() == 3
    assert packing.pack_what_is_over() == "histories of 3 jobs packed"

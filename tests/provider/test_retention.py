"""Documents that are kept for a while, to be printed again: how long, how many, by whom, and at whose cost."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobNoted, JobReceived, JobResubmitted, ResubmitFailed, ResubmitJob
from everprint.provider.job import Document, Job
from everprint.provider.retention import Retention
from everprint.provider.spool import Spool, SpoolFull
from rig import ipptool
from rig.certificates import make_certificates
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.jobs_for_tests import a_job
from tests.provider.submit import about, job_id, submit
from tests.provider.test_job_password import WITH_PIN
from tests.provider.world import PrintServer, run_print_server

HOUR = timedelta(hours=1)


def ended(spool: Spool, ago: timedelta = timedelta(), octets: int = 10, **fields: object) -> Job:
    """A job that ended so long ago, with its document in the spool."""
    document = Document("application/pdf", octets)
    given = {"state": JobState.COMPLETED, "document": document, "completed_at": datetime.now(UTC) - ago, **fields}
    job = a_job(**given)
    spool.path(job.uuid).write_bytes(b"x" * octets)
    return job


def names(spool: Spool) -> set[str]:
    return {path.name for path in spool.folder.iterdir()}


def test_the_oldest_go_when_they_are_too_old_or_too_many(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    retention = Retention(spool, hours=2, most_octets=25)
    assert retention.until(ended(spool, 3 * HOUR)) is None
    assert retention.until(ended(spool, octets=26)) is None
    first, second, third = (ended(spool, ago) for ago in (HOUR, HOUR / 2, HOUR / 3))
    assert first.completed_at is not None and retention.until(first) == first.completed_at + 2 * HOUR
    retention.keep(first)
    retention.keep(second)
    assert retention.has(first) and retention.has(second)
    retention.keep(third)
    assert (retention.has(first), retention.has(second), retention.has(third)) == (False, True, True)
    assert first.uuid not in names(spool) and {second.uuid, third.uuid} <= names(spool)
    retention.drop(second.uuid)
    retention.keep(ended(spool, octets=15))
    assert retention.has(third)


def test_by_default_nothing_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    assert Retention(spool, hours=0, most_octets=1000).until(ended(spool)) is None


def test_after_a_start_the_oldest_go_first_as_before(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    old, new = ended(spool, HOUR), ended(spool, HOUR / 2)
    gone = ended(spool, 3 * HOUR)
    retention = Retention(spool, hours=2, most_octets=25)
    assert retention.take_up([new, gone, old]) == [old.uuid, new.uuid]
    retention.keep(ended(spool))
    assert (retention.has(old), retention.has(new), retention.has(gone)) == (False, True, False)


def test_new_jobs_have_the_room_of_kept_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, 1000)
    retention = Retention(spool, hours=1, most_octets=1000)
    spool.make_room = retention.drop_all
    kept = ended(spool)
    retention.keep(kept)
    monkeypatch.setattr(Spool, "_look", lambda _: 5000 if not retention.has(kept) else 10)
    spool.require_space(100)
    assert not retention.has(kept) and kept.uuid not in names(spool)
    with pytest.raises(SpoolFull):
        spool.require_space(5000)


def again(at: PrintServer, job: int, user: str, *lines: str, operation: str = "Resubmit-Job") -> ipptool.Answer:
    """Asks with a password if there is one in the user."""
    uri = at.uri("office", tls=True, user=user) if ":" in user else at.uri("office")
    who = [f"ATTR integer job-id {job}", f"ATTR name requesting-user-name {user.partition(':')[0]}", *lines]
    return ipptool.ask(uri, operation, who)


def test_it_is_printed_again_as_a_new_job_of_its_owner(
    server: ContractServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    server.add_queue("office", printer.uri)
    server.passwords, server.operators = {"olga": "right", "bert": "right"}, {"olga"}
    tls = make_certificates(tmp_path / "tls")
    settings = {"certificate": str(tls.certificate), "key": str(tls.key), "keep_documents_h": 1}
    with run_print_server(server.url, **settings) as office:
        office.wait_for_queue("office")
        first = job_id(submit(office))
        owner = office.wait_for_state(first, JobState.COMPLETED).owner.user_name
        spool = office.state / "spool"
        assert [path.name for path in spool.iterdir()] == [office.job(first).uuid]
        # Somebody else's word is not enough, and their password is no operator's.
        assert not again(office, first, "bert").status.startswith("successful")
        assert again(office, first, "bert:right").status == "client-error-not-authorized"
        restarted = about(office, "Restart-Job", first)
        assert restarted.status == "client-error-not-possible" and "Resubmit-Job" in restarted.message
        office.process.stop()
        office.process.start()  # it is kept over that
        second = job_id(again(office, first, owner))
        third = job_id(again(office, first, "olga:right", "GROUP job-attributes-tag", "ATTR integer copies 2"))
        assert len({first, second, third}) == 3
        for job in (second, third):
            assert office.wait_for_state(job, JobState.COMPLETED).owner.user_name == owner
        wait_for("three jobs at the printer", lambda: len(printer.jobs()) == 3)
        received = [event.fact.job for event in server.events if isinstance(event.fact, JobReceived)]
        assert [(job.user_name, job.copies) for job in received] == [(owner, 1), (owner, 1), (owner, 2)]
        assert {asked.job.job_id for asked in server.asked} == {job.job_id for job in received}


def test_the_server_has_it_printed_again_once(
    server: ContractServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    server.add_queue("office", printer.uri)
    server.answers_for_jobs = True
    tls = make_certificates(tmp_path / "tls")
    settings = {"certificate": str(tls.certificate), "key": str(tls.key), "keep_documents_h": 1}
    with run_print_server(server.url, **settings) as office:
        office.wait_for_queue("office")
        first = office.wait_for_state(job_id(submit(office)), JobState.COMPLETED)
        assert first.completed_at is not None

        def told_until() -> list[datetime | None]:
            return [fact.document_until for fact in server.facts(first.uuid) if isinstance(fact, JobNoted)]

        wait_for("how long it is kept", lambda: told_until()[-1:] == [first.completed_at + HOUR])
        new = str(uuid.uuid4())
        for _ in range(2):  # as after a crash between the step and its mark
            server.order(ResubmitJob(job_id=first.uuid, by="olga", new_job_id=new))
        # One with a PIN leaves nothing behind.
        secret = job_id(submit(office, operation=WITH_PIN))
        held = office.wait_for_state(secret, JobState.HELD)
        assert about(office, "Release-Job", secret, *WITH_PIN).status == "successful-ok"
        office.wait_for_state(secret, JobState.COMPLETED)
        server.order(ResubmitJob(job_id=held.uuid, by="olga", new_job_id=str(uuid.uuid4())))
        wait_for("why not", lambda: [fact for fact in server.facts(held.uuid) if isinstance(fact, ResubmitFailed)])
        done = [fact for fact in server.facts(first.uuid) if isinstance(fact, JobResubmitted)]
        assert done == [JobResubmitted(new_job_id=new, by="olga")] * 2
        wait_for("three jobs at the printer", lambda: len(printer.jobs()) == 3)
        received = [event.fact.job for event in server.events if isinstance(event.fact, JobReceived)]
        assert sorted(job.job_id for job in received) == sorted([first.uuid, new, held.uuid])
        assert {job.user_name for job in received} == {first.owner.user_name}

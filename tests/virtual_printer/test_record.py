"""What is kept of jobs can be read back, whole, whatever happened while it was written."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.virtual_printer.job import Job, JobState
from everprint.virtual_printer.model import keep_uuid
from everprint.virtual_printer.record import BadRecord, JobFolders, read_job


def a_job(folders: JobFolders, job_id: int = 1) -> Job:
    ticket = Ticket(copies=2, sides=SidesKeyword.TWO_SIDED_LONG_EDGE, page_ranges=((1, 2), (5, 9)))
    return Job(job_id=job_id, key=folders.make(job_id), user_name="anna", job_name="Zeugnis äöü", ticket=ticket)


def test_a_job_is_read_back_as_it_was(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    job = a_job(folders)
    job.state, job.pictures, job.attributes_ipp = JobState.COMPLETED, ["sheet-001-front.png"], b"\x00\x01"
    folders.write(job, durable=True)
    (again,) = folders.read_all()
    assert {name: getattr(again, name) for name in Job.__struct_fields__} == {
        name: getattr(job, name) for name in Job.__struct_fields__
    }


def test_a_record_half_written_leaves_the_one_before(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    job = a_job(folders)
    folders.write(job)
    (folders.of(job) / "job.new").write_text('{"job_id": 1, "ke')
    assert [found.state for found in folders.read_all()] == [JobState.PENDING]


def test_who_reads_while_it_is_written_sees_a_whole_record(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    job = a_job(folders)
    job.attributes = {f"attribute-{number}": "x" * 100 for number in range(1000)}
    folders.write(job)
    over = threading.Event()

    def keep_writing() -> None:
        for _ in range(300):
            folders.write(job)
        over.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    while not over.is_set():
        assert read_job(folders.of(job) / "job.json").job_id == 1
    writer.join()


def test_a_folder_without_a_record_was_never_a_job(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    folders.write(a_job(folders))
    lost = tmp_path / "jobs" / folders.make(2)
    assert len(folders.read_all(sweep=False)) == 1
    assert lost.exists()
    assert len(folders.read_all()) == 1
    assert not lost.exists()


def test_jobs_are_read_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    folders = JobFolders(tmp_path)
    for job_id in (9, 10, 1):  # numbers may begin anew
        folders.write(a_job(folders, job_id))
    assert [job.job_id for job in folders.read_all()] == [9, 10, 1]


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"job_id": "x"}', b"\xff"])
def test_a_record_that_cannot_be_read_is_named(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "job.json").write_bytes(octets)
    with pytest.raises(BadRecord, match=str(tmp_path / "job.json")):
        read_job(tmp_path / "job.json")


def test_a_printers_uuid_is_made_once(tmp_path: Path) -> None:
    first = keep_uuid(tmp_path / "new")
    assert first.startswith("urn:uuid:")
    assert keep_uuid(tmp_path / "new") == first
    assert keep_uuid(tmp_path / "other") != first

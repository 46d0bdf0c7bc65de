"""Old jobs are archived before they are forgotten: whatever is killed or changes meanwhile, nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.server.api.program import program
from tests.server.cli.test_server_commands import everprint, listed
from tests.server.conftest import Database
from tests.server.jobs.test_retention import names, printed
from tests.server.pages.signed_in import administrator
from tests.server.world import PrintServer, long_migrated

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def server() -> PrintServer:
    """Three old jobs and a young one; old ones are to be archived and forgotten."""
    from everprint.server.installation.settings import change_settings

    made = PrintServer(credit="100")
    for number in range(3):
        printed(made, f"Old {number}", 100 - number)
    printed(made, "Young", 1)
    change_settings({"job_details_days": 90, "archive_jobs": True})
    return made


def forget(folder: Path, **how: Any) -> str:
    from everprint.server.jobs.retention import forget_old_details

    return forget_old_details(folder=folder, **how)


def archived(folder: Path) -> list[dict[str, Any]]:
    """The jobs of all archives, as often as they are there."""
    from everprint.server.jobs.archive_files import archives_in, jobs_in

    return [json.loads(line) for archive in archives_in(folder) for line in jobs_in(archive)]


def test_old_jobs_are_archived_whole_and_then_forgotten(server: PrintServer, tmp_path: Path) -> None:
    from everprint.server.jobs.archive_files import archives_in

    said = forget(tmp_path / "archive")
    assert names() == ["", "", "", "Young"]
    (archive,) = archives_in(tmp_path / "archive")
    assert said == f"details of 3 jobs forgotten; they are in {archive.path.name}"
    assert (archive.path.stat().st_mode & 0o777, archive.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert archive.heading.jobs == 3
    assert (archive.heading.last_finished_at - archive.heading.first_finished_at).days in (1, 2)
    jobs = archived(tmp_path / "archive")
    assert [job["document"] for job in jobs] == ["Old 0", "Old 1", "Old 2"]
    job = jobs[0]
    assert (job["user"], job["printer"], job["client_address"], job["job_account_id"]) == (
        "alice", "office", "192.0.2.9", "physics",
    )  # fmt: skip
    assert (job["printed_impressions"], job["charged"], job["state"]) == (3, "0.15", "completed")
    assert [step["text"] for step in job["steps"] if step["event"] == "completed"] == ["printed"]
    assert any("reserved on alice" in step["text"] for step in job["steps"])
    assert forget(tmp_path / "archive") == "", "and not again"


def test_packed_jobs_are_archived_as_others_are(server: PrintServer, tmp_path: Path) -> None:
    from everprint.server.jobs.archive import lines_of
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.packing import pack_what_is_over

    numbers = list(Job.objects.order_by("number").values_list("number", flat=True))
    before = dict(lines_of(numbers))
    long_migrated()
    pack_what_is_over(now=timezone.now() + timedelta(days=2))
    assert Job.objects.filter(history=None).count() == 0
    assert dict(lines_of(numbers)) == before


def test_without_the_setting_there_is_no_archive(server: PrintServer, tmp_path: Path) -> None:
    from everprint.server.installation.settings import change_settings

    change_settings({"archive_jobs": False})
    assert forget(tmp_path / "archive") == "details of 3 jobs forgotten"
    assert not (tmp_path / "archive").exists()


KILLED = """
import os, signal, sys
import django
django.setup()
from pathlib import Path
from everprint.server.jobs import retention
retention.AT_ONCE = 1
asked = 0
def still_ours():
    global asked
    asked += 1
    if asked == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return True
retention.forget_old_details(still_ours, folder=Path(sys.argv[1]))
"""


@pytest.mark.parametrize("at", range(1, 7), ids=lambda at: f"step {at}")
def test_what_is_killed_between_writing_and_forgetting_loses_nothing(
    server: PrintServer, database: Database, tmp_path: Path, at: int
) -> None:
    """Three steps write a job each, three forget a job each; it is killed before one of them."""
    from everprint.server.jobs.archive_files import archives_in

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "everprint.server.settings",
        "EVERPRINT_SERVER_STATE_FOLDER": str(database.state_folder),
        "EVERPRINT_SERVER_DATABASE": database.url,
    }
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(at)]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    was_written = at > 3
    assert len(archives_in(tmp_path)) == was_written, "a file is complete, or it is not there"
    forgotten = names().count("")
    assert forgotten == max(at - 4, 0)
    assert {job["document"] for job in archived(tmp_path)} >= {f"Old {number}" for number in range(forgotten)}

    forget(tmp_path)
    assert names() == ["", "", "", "Young"]
    found = archived(tmp_path)
    by_uuid = {job["uuid"]: job for job in found}
    assert sorted(job["document"] for job in by_uuid.values()) == ["Old 0", "Old 1", "Old 2"]
    assert all(job == by_uuid[job["uuid"]] for job in found), "what is there twice is the same"
    assert len(found) <= 2 * len(by_uuid)
    assert not forget(tmp_path)


def test_a_job_that_changes_meanwhile_is_archived_anew(server: PrintServer, tmp_path: Path) -> None:
    from everprint.server.jobs import retention
    from everprint.server.jobs.models import Job, JobStep

    steps = iter(range(100))

    def told_late() -> bool:
        if next(steps) == 1:  # written, and not forgotten yet
            first = Job.objects.order_by("number")[0]
            JobStep.objects.create(job=first, at=timezone.now(), event="noted", state=first.state, text="late word")
        return True

    assert retention.AT_ONCE >= 3
    assert forget(tmp_path, still_ours=told_late).startswith("details of 2 jobs forgotten")
    assert names() == ["Old 0", "", "", "Young"]
    assert forget(tmp_path).startswith("details of 1 jobs forgotten")
    first = [job for job in archived(tmp_path) if job["document"] == "Old 0"]
    assert [any(step["text"] == "late word" for step in job["steps"]) for job in first].count(True) == 1


def test_what_cannot_be_written_is_not_forgotten(server: PrintServer, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="exists"):
        forget(tmp_path / "archive")
    assert "" not in names()


def test_the_run_that_lost_its_lease_leaves_no_archive_and_forgets_nothing(
    server: PrintServer, tmp_path: Path
) -> None:
    assert forget(tmp_path, still_ours=lambda: False).startswith("details of 0 jobs forgotten, then another")
    assert list(tmp_path.iterdir()) == []
    assert "" not in names()


def test_a_run_archives_so_many_and_the_next_one_goes_on(
    server: PrintServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.jobs import retention

    monkeypatch.setattr(retention, "MOST_IN_AN_ARCHIVE", 2)
    forget(tmp_path)
    assert names() == ["", "", "Old 2", "Young"]
    forget(tmp_path)
    assert [job["document"] for job in archived(tmp_path)] == ["Old 0", "Old 1", "Old 2"]


def test_what_broke_off_long_ago_is_swept_away(server: PrintServer, tmp_path: Path) -> None:
    old, young = tmp_path / ".jobs-old.jsonl.gz.part", tmp_path / ".jobs-young.jsonl.gz.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 90_000,) * 2)
    forget(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive folder of this server's settings."""
    import msgspec

    from everprint.server import settings

    there = msgspec.structs.replace(settings.CONFIGURATION, archive_folder=str(tmp_path))
    monkeypatch.setattr(settings, "CONFIGURATION", there)
    return tmp_path


def test_archives_are_listed_and_exported(server: PrintServer, kept_in: Path) -> None:
    assert "No archives" in everprint("archive", "list").output
    forget(kept_in)
    (archive,) = listed("archive", "list")
    assert (archive["jobs"], archive["path"]) == (3, str(next(kept_in.glob("jobs-*.gz"))))
    assert archive["name"] in everprint("archive", "list").output
    lines = everprint("archive", "export", str(archive["name"])).output.splitlines()
    assert [json.loads(line)["document"] for line in lines] == ["Old 0", "Old 1", "Old 2"]
    target = kept_in / "old.csv"
    said = everprint("archive", "export", str(archive["name"]), "--csv", "--to", str(target)).output
    assert f"3 jobs exported to {target}" in said
    table = target.read_text("utf-8-sig").splitlines()
    assert table[0].startswith("number,uuid,submitted_at,finished_at,state")
    assert ",Old 1,192.0.2.9," in table[2]
    again = everprint("archive", "export", str(archive["name"]), "--to", str(target), fails=True).output
    assert "cannot write" in again
    assert "there is no archive" in everprint("archive", "export", "../secret-key", fails=True).output


def test_a_damaged_archive_is_told_and_not_exported(server: PrintServer, kept_in: Path) -> None:
    forget(kept_in)
    (path,) = kept_in.glob("jobs-*.gz")
    whole = path.read_bytes()
    name = path.name.removesuffix(".jsonl.gz")
    path.write_bytes(whole[:-9])
    assert "is damaged" in everprint("archive", "export", name, "--to", str(kept_in / "out"), fails=True).output
    assert not (kept_in / "out").exists()
    first, *others = gzip.decompress(whole).splitlines(keepends=True)
    path.write_bytes(gzip.compress(first + b"".join(others[:-1])))
    assert "it has 2 of 3 jobs" in everprint("archive", "export", name, fails=True).output
    path.write_bytes(gzip.compress(first.replace(b'"edition":1', b'"edition":2')))
    assert "this release reads edition 1" in everprint("archive", "list", fails=True).output
    path.write_bytes(b"no gzip")
    assert "is no archive of jobs" in everprint("archive", "list", fails=True).output


def test_the_setting_is_on_the_page_and_in_the_api_and_its_folder_is_not() -> None:
    from everprint.server.installation.settings import read_settings

    assert program().done("PATCH", "/settings", {"archive_jobs": True})["archive_jobs"]
    administrator().fill("/settings", archive_jobs=None)
    assert not read_settings().archive_jobs
    assert program().refused("PATCH", "/settings", {"archive_folder": "/tmp"})[1] == "invalid"

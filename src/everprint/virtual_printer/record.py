"""What the printer keeps of a job: `jobs/<number>-<random>/job.json`, beside the document and the pictures.

Invariant: a record is always whole (it is replaced, never written over), never says more sheets than came out, and
is on disk before the job's final state can be seen over IPP. So whoever counts sheets after any kill counts right.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import msgspec

from everprint.virtual_printer.job import Job

RECORD = "job.json"
DOCUMENT = "document"


class BadRecord(Exception):
    """A job.json that cannot be read; the text says where and why."""


def read_job(path: Path) -> Job:
    """The job that a job.json tells of.

    Raises BadRecord.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Job)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadRecord(f"{path}: {error}") from None


class JobFolders:
    """The folders of jobs under a printer's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "jobs"
        self._folder.mkdir(parents=True, exist_ok=True)

    def make(self, job_id: int) -> str:
        """A new, empty folder for a job of that number; its name is the job's key."""
        key = f"{job_id}-{secrets.token_hex(4)}"
        (self._folder / key).mkdir()
        return key

    def of(self, job: Job) -> Path:
        """The job's folder."""
        return self._folder / job.key

    def document(self, job: Job) -> Path:
        """Where the job's document is, or will be."""
        return self._folder / job.key / DOCUMENT

    def remove(self, job: Job) -> None:
        """Forgets the job and all that came out of it."""
        shutil.rmtree(self.of(job), ignore_errors=True)

    def read_all(self, *, sweep: bool = True) -> list[Job]:
        """Every job there is a record of, oldest first; `sweep` removes folders that a kill left without one.

        Raises BadRecord.
        """
        jobs = []
        for folder in self._folder.iterdir():
            if (folder / RECORD).exists():
                jobs.append(read_job(folder / RECORD))
            elif sweep:
                shutil.rmtree(folder, ignore_errors=True)
        return sorted(jobs, key=lambda job: (job.created_at, job.job_id))

    def write(self, job: Job, *, durable: bool = False) -> None:
        """Replaces the job's record. It survives a kill of the process; `durable`, also the end of the machine."""
        folder = self.of(job)
        new = folder / "job.new"
        with new.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(job), indent=1))
            if durable:
                file.flush()
                os.fsync(file.fileno())
        new.rename(folder / RECORD)
        if durable:
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""What is kept of a job's life in CUPS, so that neither a restart nor a second run of the backend prints it twice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CupsJob:
    """One document of a job that CUPS owns."""

    job_id: int  # CUPS's number for it
    job_uuid: str  # the same through every restart of cupsd
    document: int  # CUPS may start the backend once a document: 1 is the first
    options: str  # a digest of all that the job asks for: another one is another job
    pass_at: str  # *time-at-processing* of CUPS's last go at the job
    repeats: int = 1  # the real backend sends the document so many times
    run: str = ""  # the run of the backend that was told to print
    held: bool = False  # we made CUPS hold it, so we release it
    closed: bool = False  # CUPS knows its end: what comes after that is a person's wish to print it again

    @property
    def key(self) -> str:
        """What names it in the registry (jobs.Jobs.by_uuid)."""
        return key_of(self.job_uuid, self.document)


def key_of(job_uuid: str, document: int) -> str:
    """The key of a document of a CUPS job."""
    return f"{job_uuid}#{document}"

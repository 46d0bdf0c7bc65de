"""Forgetting what old jobs say about people, when the installation wants that (setting `job_details_days`).

What was printed, by whom, where and for how much stays: the ledger, statements and reports are as before. What is
taken away is what the document was called, from which machine it came, and what was written about it on the way.

With the setting `archive_jobs` an archive that is complete and on disk has a job before anything of it is taken away,
word for word as it is at that moment: a job that changed since is archived anew. Whatever is killed, nothing is lost;
what was written and not yet forgotten is written again, and a job's uuid says that it is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db.models import QuerySet
from django.utils import timezone

from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.archive import digest, lines_of
from everprint.server.jobs.archive_files import Heading, write_archive
from everprint.server.jobs.kept import forget_packed_texts
from everprint.server.jobs.models import WITH_DETAILS, Job, JobStep, PagePreview
from everprint.server.settings import CONFIGURATION

AT_ONCE = 500
MOST_IN_AN_ARCHIVE = 20_000  # and in a run: the other scheduled work waits for this one


class _TakenOver(Exception):
    """The work is another server's by now."""


def forget_old_details(
    still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None, folder: Path | None = None
) -> str:
    """Takes the details of all that are old enough, a few at a time; in words, of how many. Breaks off when the work
    is another server's."""
    settings = read_settings()
    if not settings.job_details_days:
        return ""
    now = now or timezone.now()
    before = now - timedelta(days=settings.job_details_days)
    if settings.archive_jobs:
        return _archive_and_forget(before, now, still_ours, folder or CONFIGURATION.archive_path)
    forgotten = 0
    while numbers := list(_due(before).values_list("number", flat=True)[:AT_ONCE]):
        if not still_ours():
            return f"details of {forgotten} jobs forgotten, then another server took over"
        forgotten += transact(partial(_forget, numbers))
    return f"details of {forgotten} jobs forgotten" if forgotten else ""


def _archive_and_forget(before: datetime, now: datetime, still_ours: Callable[[], bool], folder: Path) -> str:
    """One archive, and what is in it is forgotten; the rest is for the next time."""
    due = list(_due(before).values_list("number", "finished_at")[:MOST_IN_AN_ARCHIVE])
    if not due:
        return ""
    numbers = [number for number, _ in due]
    written: dict[int, bytes] = {}
    heading = Heading(
        made_at=now, jobs=len(due), first_finished_at=due[0][1] or now, last_finished_at=due[-1][1] or now
    )
    forgotten = 0
    try:
        path = write_archive(folder, heading, _noted(numbers, written, still_ours))
        for piece in _pieces(numbers):
            _check(still_ours)
            forgotten += transact(partial(_forget_as_written, piece, written))
    except _TakenOver:
        return f"details of {forgotten} jobs forgotten, then another server took over"
    return f"details of {forgotten} jobs forgotten; they are in {path.name}"


def _noted(numbers: list[int], written: dict[int, bytes], still_ours: Callable[[], bool]) -> Iterator[bytes]:
    """The jobs' lines; what each was is noted."""
    for piece in _pieces(numbers):
        _check(still_ours)
        for number, line in lines_of(piece):
            written[number] = digest(line)
            yield line


def _check(still_ours: Callable[[], bool]) -> None:
    if not still_ours():
        raise _TakenOver


def _pieces(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))


def _due(before: datetime) -> QuerySet[Job]:
    return Job.objects.filter(WITH_DETAILS, finished_at__lt=before).order_by("finished_at")


def _forget_as_written(numbers: Sequence[int], written: Mapping[int, bytes]) -> int:
    """Those that are still what the archive says; nothing is told about them meanwhile."""
    list(Job.objects.select_for_update().filter(number__in=numbers).order_by("number").values_list("number"))
    return _forget([number for number, line in lines_of(numbers) if digest(line) == written[number]])


def _forget(numbers: Sequence[int]) -> int:
    PagePreview.objects.filter(job__in=numbers).delete()
    JobStep.objects.filter(job__in=numbers).exclude(text="").update(text="")
    forget_packed_texts(Job.objects.filter(number__in=numbers), answers_too=False)
    return Job.objects.filter(number__in=numbers).update(
        name="", client_address="", job_account_id="", job_accounting_user_id="", noted=None
    )

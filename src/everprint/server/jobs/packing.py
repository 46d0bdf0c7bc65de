"""Packs what is kept of jobs that are over since a day: scheduled work, some hundred jobs in a transaction.

A job's time line, the answers about it and what nobody looks for become one column of its row, and their rows go.
What is told of it later is rows again, and is added the next time. Readers go through kept.py and see no difference.

Servers of the release before know nothing of it: what they redact or forget would stay in a packed history. So the
first time the database is told to take no such servers any more, a day after it was migrated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from everprint.server.database import transact
from everprint.server.jobs.history import Step
from everprint.server.jobs.kept import as_step, pack_job
from everprint.server.jobs.models import TO_BE_PACKED, Decision, Job, JobStep
from everprint.server.migrating.compatibility import UPGRADE_TAKES, needs_servers_with

PACKED_AFTER = timedelta(days=1)
AT_ONCE = 250
MOST_A_RUN = 10_000  # the other scheduled work waits for this one
_READ_SINCE = ("jobs", "0014_histories")
READS_IT = 64  # the version of the first server that knows it


def pack_what_is_over(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Packs all that is due, a few jobs at a time; in words, how many. Breaks off when the work is another server's,
    and after so many jobs: the rest is for the next time."""
    if not needs_servers_with(*_READ_SINCE, READS_IT, since=UPGRADE_TAKES):
        return ""
    before = (timezone.now() if now is None else now) - PACKED_AFTER
    packed = 0
    while packed < MOST_A_RUN and (numbers := _due(before) or _told_since(before)):
        if not still_ours():
            return f"histories of {packed} jobs packed, then another server took over"
        packed += transact(lambda numbers=numbers: _pack(numbers, before))  # type: ignore[misc] # bound now
    return f"histories of {packed} jobs packed" if packed else ""


def _due(before: datetime) -> list[int]:
    jobs = Job.objects.filter(TO_BE_PACKED, finished_at__lt=before).order_by("finished_at")
    return list(jobs.values_list("number", flat=True)[:AT_ONCE])


def _told_since(before: datetime) -> list[int]:
    """Packed jobs of which something was told since, and nothing newer."""
    steps = JobStep.objects.filter(job__history__isnull=False, job__finished_at__lt=before, recorded_at__lt=before)
    return list(steps.order_by().values_list("job", flat=True).distinct()[:AT_ONCE])


def _pack(numbers: Sequence[int], before: datetime) -> int:
    jobs = Job.objects.select_for_update().filter(number__in=numbers, finished_at__lt=before)
    due = {job.number: job for job in jobs.order_by("number")}
    steps: dict[int, list[Step]] = {number: [] for number in due}
    for row in JobStep.objects.filter(job__in=due).order_by("pk"):
        steps[row.job_id].append(as_step(row))
    answers: dict[int, dict[int, str]] = {number: {} for number in due}
    for number, attempt, answer in Decision.objects.filter(job__in=due).values_list("job", "attempt", "answer"):
        answers[number][attempt] = answer
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE jobs_job SET history = %s, document = NULL, output = NULL, noted = NULL, media = NULL, "
            "device_job_id = NULL, processing_at = NULL, document_format = '', sides = '', print_color_mode = '' "
            "WHERE number = %s",
            [(pack_job(job, steps[number], answers[number]), number) for number, job in due.items()],
        )
    JobStep.objects.filter(job__in=due).delete()
    Decision.objects.filter(job__in=due).delete()
    return len(due)

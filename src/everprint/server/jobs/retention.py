"""Forgetting what old jobs say about people, when the installation wants that (setting `job_details_days`).

What was printed, by whom, where and for how much stays: the ledger, statements and reports are as before. What is
taken away is what the document was called, from which machine it came, and what was written about it on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.kept import forget_packed_texts
from everprint.server.jobs.models import WITH_DETAILS, Job, JobStep, PagePreview

AT_ONCE = 500


def forget_old_details(still_ours: Callable[[], bool] = lambda: True, now: datetime | None = None) -> str:
    """Takes the details of all that are old enough, a few at a time; in words, of how many. Breaks off when the work
    is another server's."""
    days = read_settings().job_details_days
    if not days:
        return ""
    before = (now or timezone.now()) - timedelta(days=days)
    forgotten = 0
    while numbers := list(_due(before).values_list("number", flat=True)[:AT_ONCE]):
        if not still_ours():
            return f"details of {forgotten} jobs forgotten, then another server took over"
        forgotten += transact(lambda numbers=numbers: _forget(numbers))  # type: ignore[misc] # bound now
    return f"details of {forgotten} jobs forgotten" if forgotten else ""


def _due(before: datetime) -> QuerySet[Job]:
    return Job.objects.filter(WITH_DETAILS, finished_at__lt=before).order_by("finished_at")


def _forget(numbers: list[int]) -> int:
    PagePreview.objects.filter(job__in=numbers).delete()
    JobStep.objects.filter(job__in=numbers).exclude(text="").update(text="")
    forget_packed_texts(Job.objects.filter(number__in=numbers), answers_too=False)
    return Job.objects.filter(number__in=numbers).update(
        name="", client_address="", job_account_id="", job_accounting_user_id="", noted=None
    )

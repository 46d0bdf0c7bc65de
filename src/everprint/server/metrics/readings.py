"""What the database says now, as numbers. Each is found by an index, however long the history is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import Error
from django.db.models import Count
from django.utils import timezone

from everprint.contract.messages import PrinterState
from everprint.monitor.metrics import Gauge, single
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import UNFINISHED_STATES, active
from everprint.server.printers.models import Printer
from everprint.server.providers.queries import enrolled, is_answering
from everprint.server.schedule.models import ScheduledWork
from everprint.server.schedule.works import FAILED, LEDGER_AUDIT, SOUND, WORKS

_UP = ("everprint_database_up", "1 if the database answers; without it nothing else is told of it.")


def read_gauges() -> Iterator[Gauge]:
    """All of them; only that it is away if the database is."""
    try:
        read = [*_jobs(), _printers(), _providers(), *_scheduled_work()]
    except Error:
        yield single(*_UP, 0)
        return
    yield single(*_UP, 1)
    yield from read


def _jobs() -> Iterator[Gauge]:
    rows = active(Job.objects.order_by()).values_list("state").annotate(jobs=Count("pk"))
    yield Gauge(
        "everprint_jobs",
        "Jobs that wait or print, by state.",
        "state",
        dict.fromkeys(UNFINISHED_STATES, 0) | dict(rows),
    )
    in_doubt = active(Job.objects.filter(in_doubt=True)).count()
    yield single(
        "everprint_jobs_in_doubt", "Held jobs of which nobody could say whether they were printed.", in_doubt
    )


def _printers() -> Gauge:
    rows = Printer.objects.filter(is_active=True).order_by().values_list("state").annotate(printers=Count("pk"))
    states = dict.fromkeys((state.value for state in PrinterState), 0)
    return Gauge("everprint_printers", "Printers that are offered, by state.", "state", states | dict(rows))


def _providers() -> Gauge:
    now = timezone.now()
    count = Counter("answering" if is_answering(provider, now) else "silent" for provider in enrolled())
    both = {word: count[word] for word in ("answering", "silent")}
    return Gauge("everprint_providers", "Print servers, by whether they called lately.", "state", both)


def _scheduled_work() -> Iterator[Gauge]:
    now, known = timezone.now(), {work.name for work in WORKS}
    rows = [row for row in ScheduledWork.objects.filter(name__in=known) if row.done_at is not None]
    yield Gauge(
        "everprint_scheduled_work_age_seconds",
        "Since the work was last done, by any server.",
        "work",
        {row.name: (now - row.done_at).total_seconds() for row in rows if row.done_at is not None},
    )
    yield Gauge(
        "everprint_scheduled_work_failed",
        "1 if the work could not be done the last time.",
        "work",
        {row.name: float(row.outcome.startswith(FAILED)) for row in rows},
    )
    for row in rows:
        if row.name == LEDGER_AUDIT:
            is_sound = float(row.outcome.endswith(SOUND))
            yield single("everprint_ledger_sound", "1 if the last audit of the ledger found nothing.", is_sound)

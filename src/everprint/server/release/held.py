"""What somebody who stands at some printers can release there: the list that stations and phones show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import with_expected_costs
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import jobs_waiting_for
from everprint.server.people.models import User
from everprint.server.printers.models import Printer

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held job, what it will cost its owner, and when it ends if nobody releases it."""

    job: Job
    is_own: bool
    cost: Decimal | None
    expires: datetime | None


def at_printers(user: User, printers: Iterable[Printer]) -> QuerySet[Job]:
    """The held jobs of those printers that the user may release, their own and those of others; the newest first."""
    return jobs_waiting_for(user).filter(printer__in=printers)


def waiting_at(user: User, printers: Iterable[Printer]) -> list[Waiting]:
    """The same, with what people want to know before they print."""
    hours = read_settings().hold_hours
    jobs = with_expected_costs(at_printers(user, printers)[:MOST_SHOWN])
    return [Waiting(job, job.owner_id == user.pk, cost, expires_at(job, hours)) for job, cost in jobs]

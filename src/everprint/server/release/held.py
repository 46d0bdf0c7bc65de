"""What somebody who stands at some printers can release there: the list that stations and phones show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from everprint.contract.device_uris import FIND_ME
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import with_expected_costs
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import jobs_waiting_for
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.release.find_me import Place, places_for, printers_for

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held job, where it can be released and for how much, and when it ends if nobody does."""

    job: Job
    is_own: bool
    places: list[Place]  # of one that waits for a printer, that one; of a Find-Me job, those that one stands at
    expires: datetime | None

    @property
    def can_be_printed(self) -> list[Place]:
        """The printers that can do all of it."""
        return [place for place in self.places if not place.misfits]


def at_printers(user: User, printers: Iterable[Printer]) -> QuerySet[Job]:
    """The held jobs that the user may release at those printers, their own and those of others; the newest first.

    Those of Find-Me queues, too, though perhaps none of the printers can print them.
    """
    return jobs_waiting_for(user).filter(Q(printer__in=printers) | Q(printer__device_uri=FIND_ME))


def waiting_at(user: User, printers: Sequence[Printer]) -> list[Waiting]:
    """The same, with what people want to know before they print."""
    hours = read_settings().hold_hours
    found = []
    for job, cost in with_expected_costs(at_printers(user, printers)[:MOST_SHOWN]):
        if job.printer.is_find_me:
            there = {printer.pk for printer in printers}
            places = places_for(job, printers_for(job).filter(pk__in=there))
            if not places:
                continue
        else:
            places = [Place(job.printer, (), cost)]
        found.append(Waiting(job, job.owner_id == user.pk, places, expires_at(job, hours)))
    return found

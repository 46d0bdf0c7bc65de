"""What somebody who stands at some printers can release there: the list that stations and phones show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from everprint.contract.device_uris import FIND_ME
from everprint.server.charging.choice import may_choose
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import with_expected_costs
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import jobs_waiting_for
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.release.find_me import Place, places_for, printers_for
from everprint.server.release.operators import operated_by

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held job, where it can be released and for how much, and when it ends if nobody does."""

    job: Job
    is_own: bool
    places: list[Place]  # of one that waits for a printer, that one; of a Find-Me job, those that one stands at
    expires: datetime | None
    chooses: bool  # whoever asks may choose the account that it is charged to

    @property
    def can_be_printed(self) -> list[Place]:
        """The printers that can do all of it."""
        return [place for place in self.places if not place.misfits]

    @property
    def waits_for_choice(self) -> bool:
        """True if it is asked for its account again however it is released, so that has to be chosen first."""
        return self.chooses and self.job.account_info_needed


def at_printers(user: User, printers: Iterable[Printer]) -> QuerySet[Job]:
    """The held jobs that the user may release at those printers, their own and those of others; the newest first.

    Those of Find-Me queues, too, though perhaps none of the printers can print them; at printers that the user
    operates, everybody's.
    """
    here = Q(printer__in=printers) | Q(printer__device_uri=FIND_ME)
    return jobs_waiting_for(user, also=here & Q(printer__in=operated_by(user))).filter(here)


def waiting_at(user: User, printers: Sequence[Printer]) -> list[Waiting]:
    """The same, with what people want to know before they print."""
    return _waiting(user, printers, at_printers(user, printers)[:MOST_SHOWN])


def waiting_one(user: User, printers: Sequence[Printer], number: int) -> Waiting | None:
    """The job of that number, if it is one of them."""
    return next(iter(_waiting(user, printers, at_printers(user, printers).filter(pk=number))), None)


def _waiting(user: User, printers: Sequence[Printer], jobs: QuerySet[Job]) -> list[Waiting]:
    hours = read_settings().hold_hours
    choices: dict[int, bool] = {}
    found = []
    for job, cost in with_expected_costs(jobs):
        if job.printer.is_find_me:
            there = {printer.pk for printer in printers}
            places = places_for(job, printers_for(job).filter(pk__in=there))
            if not places:
                continue
        else:
            places = [Place(job.printer, (), cost)]
        is_own = job.owner_id == user.pk
        chooses = is_own and _chooses(job, user, choices)
        found.append(Waiting(job, is_own, places, expires_at(job, hours), chooses))
    return found


def _chooses(job: Job, user: User, known: dict[int, bool]) -> bool:
    """As charging.choice.may_choose, which is asked once a printer."""
    if job.account_info_needed:
        return may_choose(job, user)
    if job.printer_id not in known:
        known[job.printer_id] = may_choose(job, user)
    return known[job.printer_id]

"""Questions people ask of the job log: which jobs, and how much was printed when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncHour
from django.utils import timezone

from everprint.contract.job_life import FINAL, JobState
from everprint.server.access.permissions import Permission
from everprint.server.accounts.money import ZERO
from everprint.server.jobs.models import Job
from everprint.server.people.models import User
from everprint.server.release.delegates import named_by
from everprint.server.release.operators import operated_by

UNFINISHED_STATES = sorted(state.value for state in JobState if state not in FINAL)
LARGEST_NUMBER = 2**63 - 1
# Pages and programs look for a text, and sort by what has no index, among so many jobs if nothing else narrows the
# job log.
NEWEST_SEARCHED = 100_000
_INDEXED_ORDERS = frozenset({"number", "submitted_at"})


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs: all that is given must be true of a job. Days are in the installation's zone, both included."""

    text: str = ""  # in the document's or the user's name, or the job's number
    states: tuple[JobState, ...] = ()
    printer: int | None = None
    user: str = ""  # a canonical user name
    first_day: date | None = None
    last_day: date | None = None
    unpaid: bool = False  # printed beyond what the account could pay
    offline: bool = False  # decided by the print server alone


@dataclass(frozen=True, slots=True)
class Printed:
    """How much came out of the printers in some time, and what was charged for it."""

    jobs: int
    impressions: int
    colour_impressions: int
    sheets: int
    charged: Decimal

    @property
    def grey_impressions(self) -> int:
        """Those not in colour."""
        return self.impressions - self.colour_impressions


def jobs_visible_to(user: User) -> QuerySet[Job]:
    """Everybody's for those who may see them, else the user's own and those of the printers that they operate."""
    jobs = Job.objects.select_related("printer", "owner", "provider")
    return jobs if user.may(Permission.VIEW_JOBS) else jobs.filter(_seen_by(user))


def jobs_operated_by(user: User) -> QuerySet[Job]:
    """The jobs that wait or print at the printers that the user operates; the newest first."""
    jobs = Job.objects.select_related("printer", "owner", "provider").filter(printer__in=operated_by(user))
    return active(jobs).order_by("-number")


def jobs_to_release_for_others(user: User) -> QuerySet[Job]:
    """Held jobs of people who let the user release them."""
    return Job.objects.select_related("printer", "owner", "provider").filter(_for_others(user))


def jobs_releasable_by(user: User) -> QuerySet[Job]:
    """Those that the user may see, and those held ones that the user may release for others."""
    if user.may(Permission.VIEW_JOBS):
        return jobs_visible_to(user)
    jobs = Job.objects.select_related("printer", "owner", "provider")
    return jobs.filter(_seen_by(user) | _for_others(user))


def _seen_by(user: User) -> Q:
    """Asked for by ids, of which most people have none: their own jobs are then found by one index."""
    operated = operated_by(user)
    return Q(owner=user) | Q(printer__in=operated) if operated else Q(owner=user)


def jobs_waiting_for(user: User, also: Q | None = None) -> QuerySet[Job]:
    """Held jobs of the user, those of people who let the user release them, and `also` those; the newest first."""
    jobs = Job.objects.select_related("printer", "owner", "provider")
    own = Q(owner=user) if also is None else Q(owner=user) | also
    return jobs.filter((own & Q(state=JobState.HELD.value)) | _for_others(user))


def _for_others(user: User) -> Q:
    return Q(owner__in=named_by(user).values("owner"), state=JobState.HELD.value)


def without_details(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The same jobs for a listing: the large columns stay in the database."""
    return jobs.defer("document", "output")


def active(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those that wait or print."""
    return jobs.filter(state__in=UNFINISHED_STATES)  # not exclude(): this finds them by index


def among_newest(jobs: QuerySet[Job], wanted: JobFilter) -> QuerySet[Job]:
    """Those of everybody's jobs in which a text is looked for, or which are sorted without an index: the newest, and
    the one whose number the text is. All, where something else narrows them (is_cut)."""
    if not is_cut(wanted):
        return jobs
    return jobs.filter(Q(number__gt=_newest() - NEWEST_SEARCHED) | _numbered(wanted.text))


def looks_at_many(wanted: JobFilter, order: str) -> bool:
    """True if no index finds these jobs in the order of that column of the model: then they are among_newest."""
    return bool(wanted.text) or order not in _INDEXED_ORDERS


def is_cut(wanted: JobFilter) -> bool:
    """True if among_newest leaves jobs out: there are more, and nothing is asked for that few have, or some days."""
    unfinished = bool(wanted.states) and not FINAL.intersection(wanted.states)
    few = wanted.user or wanted.printer is not None or wanted.unpaid or wanted.offline or unfinished
    return not (few or wanted.first_day or wanted.last_day) and _newest() > NEWEST_SEARCHED


def matching(jobs: QuerySet[Job], wanted: JobFilter) -> QuerySet[Job]:
    """Those of the jobs that the filter lets through."""
    condition = Q()
    if wanted.text:
        condition &= Q(name__icontains=wanted.text) | Q(user_name__icontains=wanted.text) | _numbered(wanted.text)
    if wanted.states:
        condition &= Q(state__in=[state.value for state in wanted.states])
    if wanted.printer is not None:
        condition &= Q(printer=wanted.printer)
    if wanted.user:
        # By id, so that one index finds both: those of the user, and those of a name that was nobody's then.
        owner = User.objects.filter(name=wanted.user).values_list("pk", flat=True).first()
        nobodys = Q(owner=None, user_name=wanted.user)
        condition &= nobodys if owner is None else Q(owner=owner) | nobodys
    if wanted.first_day:
        condition &= Q(submitted_at__gte=start_of(wanted.first_day))
    if wanted.last_day:
        condition &= Q(submitted_at__lt=start_of(wanted.last_day + timedelta(days=1)))
    if wanted.unpaid:
        condition &= Q(cost_uncollected__gt=0)
    if wanted.offline:
        condition &= Q(offline=True)
    return jobs.filter(condition)


def unpaid_offline(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Those that a print server let through alone, and that could not be paid."""
    return jobs.filter(offline=True, cost_uncollected__gt=0)


def _newest() -> int:
    """The number of the newest job; 0 if there is none."""
    return Job.objects.order_by("-number").values_list("number", flat=True).first() or 0


def _numbered(text: str) -> Q:
    """The job with that number, if the text is one; else no condition that adds anything."""
    is_number = text.isascii() and text.isdigit() and int(text) <= LARGEST_NUMBER
    return Q(number=int(text)) if is_number else Q(pk__in=[])


def start_of(day: date) -> datetime:
    """The first moment of a day in the installation's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def printed_since(moment: datetime, jobs: QuerySet[Job] | None = None) -> Printed:
    """What was finished after that moment, of all jobs or of some."""
    return _printed(
        (Job.objects.all() if jobs is None else jobs)
        .filter(finished_at__gte=moment)
        .aggregate(
            jobs=Count("pk"),
            impressions=Sum("printed_impressions"),
            colour=Sum("printed_colour_impressions"),
            sheets=Sum("printed_sheets"),
            charged=Sum("cost_charged"),
        )
    )


def printed_by_hour(since: datetime) -> dict[datetime, Printed]:
    """What was finished in each hour since then; hours without a job are left out."""
    rows = (
        Job.objects.filter(finished_at__gte=since)
        .order_by()
        .annotate(hour=TruncHour("finished_at"))
        .values("hour")
        .annotate(
            jobs=Count("pk"),
            impressions=Sum("printed_impressions"),
            colour=Sum("printed_colour_impressions"),
            sheets=Sum("printed_sheets"),
            charged=Sum("cost_charged"),
        )
    )
    return {row["hour"]: _printed(row) for row in rows}


def reserved_for(jobs: QuerySet[Job]) -> Decimal:
    """What is held for those of the jobs that were let through."""
    total = active(jobs).aggregate(total=Sum("cost_reserved"))["total"]
    return total if total is not None else ZERO


def _printed(row: Mapping[str, Any]) -> Printed:
    return Printed(
        jobs=row["jobs"],
        impressions=row["impressions"] or 0,
        colour_impressions=row["colour"] or 0,
        sheets=row["sheets"] or 0,
        charged=row["charged"] if row["charged"] is not None else ZERO,
    )

"""What somebody printed in this day, week or month before a job: for limits.

What was let through and is not finished counts with what it is expected to be. Jobs of one person that are decided at
the same moment wait for each other here, so that two do not pass under one limit.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.utils import timezone

from everprint.contract.job_life import FINAL, JobState
from everprint.contract.rules import Limit, Measure, Whose
from everprint.server.accounts.money import ZERO
from everprint.server.jobs.models import Job
from everprint.server.people.models import Group, User
from everprint.server.rules.spans import begin_of

_ENDED = [state.value for state in FINAL]
_UNDER_WAY = [JobState.AUTHORISED.value, JobState.DELIVERING.value, JobState.PRINTING.value]
# What came out, and what is expected to.
_COUNTED = {
    Measure.SHEETS: ("printed_sheets", "sheets"),
    Measure.SIDES: ("printed_impressions", "impressions"),
    Measure.COLOUR_SIDES: ("printed_colour_impressions", "colour_impressions"),
    Measure.COST: ("cost_charged", "cost_reserved"),
}


def printed_before(limit: Limit, job: Job, groups: tuple[str, ...], at: datetime) -> Decimal:
    """What the limit counts before that job: of its owner, or of the group of these that printed the most."""
    earlier = Job.objects.filter(submitted_at__gte=begin_of(limit.span, at), unlogged=False).exclude(pk=job.pk)
    assert job.owner_id is not None, "a job whose owner is not known is not decided by rules"
    if limit.whose is Whose.PERSON:
        User.objects.select_for_update().get(pk=job.owner_id)
        return _sum(limit.measure, earlier.filter(owner=job.owner_id))
    theirs = Group.objects.select_for_update().filter(name__in=groups, members=job.owner_id).order_by("pk")
    members = Group.members.through.objects
    return max(
        (
            _sum(limit.measure, earlier.filter(owner__in=members.filter(group=group).values("user")))
            for group in theirs
        ),
        default=ZERO,
    )


def local_now() -> datetime:
    """Now, by the installation's time zone."""
    return timezone.localtime()


def _sum(measure: Measure, jobs: QuerySet[Job]) -> Decimal:
    under_way = Q(state__in=_UNDER_WAY) | Q(state=JobState.HELD.value, in_doubt=True)
    ended = Q(state__in=_ENDED, printed_impressions__gt=0)
    if measure is Measure.JOBS:
        return Decimal(jobs.filter(under_way | ended).aggregate(number=Count("pk"))["number"])
    came_out, expected = _COUNTED[measure]
    found = jobs.filter(under_way | ended).aggregate(
        ended=Sum(Case(When(state__in=_ENDED, then=F(came_out)))),
        under_way=Sum(Case(When(~Q(state__in=_ENDED), then=F(expected)))),
    )
    return Decimal(found["ended"] or 0) + Decimal(found["under_way"] or 0)

"""Questions people ask of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from everprint.server.audit_log.models import AuditEntry
from everprint.server.jobs.queries import start_of


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which acts: all that is given must be true. Days are in the installation's zone, both included."""

    text: str = ""  # in who acted, what they did, or the name of what it was done to
    actor: str = ""  # a name, whole
    action: str = ""  # user.change, or its beginning such as user
    origin: str = ""
    first_day: date | None = None
    last_day: date | None = None


def entries_matching(wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """Those that the filter lets through, newest first."""
    condition = Q()
    if wanted.text:
        condition &= (
            Q(actor_name__icontains=wanted.text)
            | Q(action__icontains=wanted.text)
            | Q(target_name__icontains=wanted.text)
        )
    if wanted.actor:
        condition &= Q(actor_name=wanted.actor)
    if wanted.action:
        condition &= Q(action=wanted.action) | Q(action__startswith=f"{wanted.action}.")
    if wanted.origin:
        condition &= Q(origin=wanted.origin)
    if wanted.first_day:
        condition &= Q(at__gte=start_of(wanted.first_day))
    if wanted.last_day:
        condition &= Q(at__lt=start_of(wanted.last_day + timedelta(days=1)))
    return AuditEntry.objects.filter(condition).order_by("-pk")

"""What an operator of some printers sees: these printers, and everybody's jobs that wait or print there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from everprint.contract.job_life import JobEvent
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import can
from everprint.server.jobs.queries import jobs_operated_by, without_details
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.printers.models import Printer
from everprint.server.release.operators import operated_by

MOST_SHOWN = 200


@requires(Permission.USE_OWN)
@require_safe
def operated(request: HttpRequest) -> HttpResponse:
    """GET /operated"""
    user = person(request)
    jobs = list(without_details(jobs_operated_by(user))[: MOST_SHOWN + 1])
    context = {
        "now": timezone.now(),
        "printers": Printer.objects.filter(pk__in=operated_by(user)).select_related("provider"),
        "jobs": [(job, _can_release(job), can(job, JobEvent.CANCELLED)) for job in jobs[:MOST_SHOWN]],
        "more": len(jobs) > MOST_SHOWN,
    }
    return render_live(request, "pages/operated.html", "pages/operated_live.html", context)


def _can_release(job: Job) -> bool:
    return can(job, JobEvent.RELEASED) and not job.password_encryption and not job.printer.is_find_me

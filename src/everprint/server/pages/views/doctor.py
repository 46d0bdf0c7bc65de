"""The examination as a page; `everprint server doctor` is the same on a command line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.doctor.examination import examine
from everprint.server.doctor.finding import Level
from everprint.server.settings import CONFIGURATION

_WORST_FIRST = [Level.PROBLEM, Level.ADVICE, Level.OK]


@requires(Permission.MANAGE_SETTINGS)
@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    """GET /doctor: examines now; what is worst comes first."""
    findings = sorted(examine(CONFIGURATION), key=lambda finding: _WORST_FIRST.index(finding.level))
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    return render(request, "pages/doctor.html", {"findings": findings, "problems": problems})

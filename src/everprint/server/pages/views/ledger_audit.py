"""The proof of the ledger as a page; `everprint server audit` is the same on a command line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.audit import audit

MOST_SHOWN = 500


@requires(Permission.MANAGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def ledger_audit(request: HttpRequest) -> HttpResponse:
    """GET and POST /ledger-audit: checks when it is asked to, as a large ledger takes a while."""
    result = audit() if request.method == "POST" else None
    findings = result.findings[:MOST_SHOWN] if result else ()
    more = len(result.findings) - len(findings) if result else 0
    return render(request, "pages/ledger_audit.html", {"result": result, "findings": findings, "more": more})

"""The directory: what its last syncs changed or would, and asking for one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.directory.models import DirectoryRun
from everprint.server.directory.runs import NoDirectory, ask_for_run, directory_settings, in_words
from everprint.server.pages.live import render_live

MOST_SHOWN = 100
RUNS_SHOWN = 20
WHERE = {"ldap": "LDAP", "program": "an external program"}


@requires(Permission.MANAGE_USERS)
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """GET /directory"""
    settings = directory_settings()
    runs = list(DirectoryRun.objects.all()[:RUNS_SHOWN])
    over = [(run, in_words(run)) for run in runs if run.ended_at is not None]
    shown = next((run for run, _ in over if run.changes or run.problems), None)
    context = {
        "where": WHERE.get(settings.directory, ""),
        "every_h": settings.directory_every_h,
        "waiting": [run for run in runs if run.ended_at is None],
        "over": over,
        "shown": shown,
        "rows": [_row(change) for change in shown.changes[:MOST_SHOWN]] if shown else [],
        "more": max(0, shown.made + shown.changed + shown.gone - MOST_SHOWN) if shown else 0,
        "problems": shown.problems[:MOST_SHOWN] if shown else [],
    }
    return render_live(request, "pages/directory.html", "pages/directory_live.html", context)


@requires(Permission.MANAGE_USERS)
@require_POST
def directory_sync(request: HttpRequest) -> HttpResponse:
    """POST /directory/sync: asks for one; `dry_run` only says what it would change."""
    try:
        run = ask_for_run(dry_run="dry_run" in request.POST, let_go="let_go" in request.POST)
    except NoDirectory as error:
        messages.error(request, f"This cannot be: {error}.")
    else:
        what = "What it would change" if run.dry_run else "What it changed"
        messages.success(request, f"The directory is asked within a minute. {what} is shown here then.")
    return redirect("pages:directory")


def _row(change: dict[str, object]) -> tuple[object, object, list[tuple[str, str, str]]]:
    before, after = change["before"], change["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    return change["name"], change["kind"], [(key, _shown(before.get(key)), _shown(after[key])) for key in after]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value or "")

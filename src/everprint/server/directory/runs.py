"""Syncs that are due, or that somebody asked for on a page: done in the background, by one server at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from everprint.server.audit_log.acting import acting_now
from everprint.server.audit_log.note import as_kept, note
from everprint.server.database import transact
from everprint.server.directory.models import DirectoryRun
from everprint.server.directory.people import DirectoryAway
from everprint.server.directory.plan import Kind, TooManyGone
from everprint.server.directory.source import ask_directory
from everprint.server.directory.sync import Synced, plan_sync, sync
from everprint.server.directory_settings import DirectorySettings
from everprint.server.settings import CONFIGURATION

MOST_KEPT = 500  # changes and problems of a run
RUNS_KEPT = 50
ALL = 100  # percent


class NoDirectory(ValueError):
    """There is none to sync with; the text says what to do."""


def directory_settings() -> DirectorySettings:
    """How this server asks its directory."""
    return CONFIGURATION


def ask_for_run(*, dry_run: bool, let_go: bool = False) -> DirectoryRun:
    """A sync that is done within a minute; one that waits already is enough.

    Raises NoDirectory.
    """
    if not CONFIGURATION.directory:
        raise NoDirectory("there is no directory: the server's setting directory says where people come from")
    acting = acting_now()

    def work() -> DirectoryRun:
        run, made = DirectoryRun.objects.get_or_create(
            ended_at=None,
            dry_run=dry_run,
            let_go=let_go,
            defaults={"asked_at": timezone.now(), "asked_by": acting.name[:128] if acting else ""},
        )
        if made:
            note("directory.ask", run, after={"dry_run": dry_run, "let_go": let_go}, name="directory")
        return run

    return transact(work)


def sync_if_due(still_ours: Callable[[], bool] = lambda: True) -> str:
    """Does what was asked for, or what is due by the setting *directory_every_h*; in words, what came of it."""
    run = DirectoryRun.objects.filter(ended_at=None).order_by("pk").first()
    if run is None and _is_due(CONFIGURATION):
        run = transact(lambda: DirectoryRun.objects.create(asked_at=timezone.now()))
    return do_run(run, CONFIGURATION, still_ours) if run is not None else ""


def do_run(run: DirectoryRun, settings: DirectorySettings, still_ours: Callable[[], bool] = lambda: True) -> str:
    """Asks the directory and makes the changes; keeps what came of it, also if that is a failure."""
    try:
        synced = synchronise(settings, dry_run=run.dry_run, let_go=run.let_go, still_ours=still_ours)
    except (DirectoryAway, TooManyGone) as error:
        run.problem = str(error)
    except Exception:
        run.problem = "It broke off by an error that nobody foresaw: the server's log says which."
        _end(run)
        raise
    else:
        if not synced.whole:
            return "another server goes on"
        _keep(run, synced)
    _end(run)
    return in_words(run)


def _end(run: DirectoryRun) -> None:
    run.ended_at = timezone.now()

    def work() -> None:
        run.save()
        newest = DirectoryRun.objects.order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT]
        DirectoryRun.objects.exclude(pk__in=list(newest)).exclude(ended_at=None).delete()

    transact(work)


def synchronise(
    settings: DirectorySettings,
    *,
    dry_run: bool,
    let_go: bool = False,
    still_ours: Callable[[], bool] = lambda: True,
) -> Synced:
    """Asks the directory, and makes the changes or only says them.

    Raises DirectoryAway, TooManyGone.
    """
    answer = ask_directory(settings)
    if dry_run:
        return plan_sync(answer)
    synced = sync(answer, ALL if let_go else settings.directory_most_gone_percent, still_ours)
    numbers = {kind.value: synced.number(kind) for kind in Kind}
    note("directory.sync", "directory", after={"read": synced.read, **numbers}, name="directory")
    return synced


def in_words(run: DirectoryRun) -> str:
    """What came of it."""
    if run.problem:
        return run.problem
    be = "would be " if run.dry_run else ""
    return f"{run.read} in the directory: {run.made} {be}made, {run.changed} {be}changed, {run.gone} {be}disabled"


def _is_due(settings: DirectorySettings) -> bool:
    if not settings.directory or not settings.directory_every_h:
        return False
    last = DirectoryRun.objects.filter(dry_run=False, ended_at__isnull=False).first()
    if last is None or last.ended_at is None:
        return True
    # One that failed is tried again sooner.
    wait = timedelta(hours=settings.directory_every_h) if not last.problem else timedelta(minutes=15)
    return last.ended_at + wait <= timezone.now()


def _keep(run: DirectoryRun, synced: Synced) -> None:
    run.read = synced.read
    run.made = synced.number(Kind.NEW)
    run.changed = synced.number(Kind.CHANGED, Kind.ADOPTED)
    run.gone = synced.number(Kind.GONE)
    run.changes = [
        {
            "kind": change.kind.value,
            "name": change.name,
            "before": as_kept(change.before),
            "after": as_kept(change.after),
        }
        for change in synced.changes[:MOST_KEPT]
    ]
    run.problems = [
        {"where": found.where[:200], "message": found.message[:500]} for found in synced.problems[:MOST_KEPT]
    ]

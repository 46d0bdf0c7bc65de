"""Which servers may serve on a database: two numbers in it, compared with what this server knows.

The version of a database is the number of migrations that were applied to it, that of a server the number of
migrations it knows. A server serves on a database that has all of its own migrations. One that has more is all right
too, as long as this server's version is at least the database's `oldest_server`: migrations only add
(docs/explanation/online-migrations.md), and one that takes something away raises that number first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from django.apps import apps
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from everprint.server.installation.models import DatabaseVersion

OURS = "everprint."
# On a migration that takes something away: the version of the oldest server that may serve afterwards.
OLDEST_SERVER = "oldest_server"
# So long all servers have to be upgraded, before work is done whose outcome those of the release before cannot read.
UPGRADE_TAKES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How this server and the database stand to each other; `objection` says why it may not serve and what to do."""

    server: int
    pending: int = 0  # migrations of ours that the database has not
    further: int = 0  # migrations of the database that are not ours
    oldest_server: int = 0

    @property
    def objection(self) -> str:
        """Empty if this server may serve."""
        if self.pending:
            return f"{self.pending} migrations to do: run everprint server migrate"
        if self.server < self.oldest_server:
            return (
                f"was migrated by a newer release, which needs servers of version {self.oldest_server} or newer, and "
                f"this one is of version {self.server}: upgrade this server"
            )
        return ""

    @property
    def words(self) -> str:
        """For a server that may serve."""
        if self.further:
            return f"answers; it has {self.further} migrations of a newer release, beside which this server may serve"
        return "answers and is migrated"


def standing() -> Standing:
    """How it is now. Raises django.db.Error."""
    known, applied = known_migrations(), set(MigrationRecorder(connection).applied_migrations())
    return Standing(
        server=_own_version(),
        pending=len(known - applied),
        further=len(applied - known),
        oldest_server=_oldest_server() if applied - known else 0,
    )


def is_too_old() -> bool:
    """True if the database needs newer servers by now. Raises django.db.Error."""
    return _own_version() < _oldest_server()


def note_version(migrations: Iterable[Migration] = ()) -> None:
    """Writes what these migrations, about to be applied or just applied, ask of servers; it never goes down again."""
    oldest = max((needed_server(migration) for migration in migrations), default=0)
    DatabaseVersion.objects.get_or_create(pk=1)
    DatabaseVersion.objects.update(oldest_server=Greatest(F("oldest_server"), oldest))


def needs_servers_with(app: str, name: str, version: int, since: timedelta) -> bool:
    """Has the database take only servers of that version and newer, which know that migration, from so long after it
    was applied; True once it did so before: older servers have stopped by the second time that somebody asks.

    The version is said, not counted: a new database was given its migrations in another order than an old one.
    """
    it = MigrationRecorder(connection).applied_migrations().get((app, name))
    if it is None or it.applied > timezone.now() - since:
        return False
    if _oldest_server() >= version:
        return True
    DatabaseVersion.objects.get_or_create(pk=1)
    DatabaseVersion.objects.update(oldest_server=Greatest(F("oldest_server"), version))
    return False


def needed_server(migration: Migration) -> int:
    """The version of the oldest server that may serve beside it; 0 for one that only adds."""
    return int(getattr(migration, OLDEST_SERVER, 0))


def version_of(known: Iterable[tuple[str, str]]) -> int:
    """How many migrations of our own apps those are."""
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}
    return sum(app in ours for app, _ in known)


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """App and name of every migration that this server knows.

    Found as Django's loader finds them, by their files' names, but not imported: a server that starts, and each
    question whether it is ready, would otherwise read all of them.
    """
    found = set()
    for config in apps.get_app_configs():
        folder, _ = MigrationLoader.migrations_module(config.label)
        try:
            package = import_module(folder) if folder else None
        except ModuleNotFoundError:
            continue  # an app without tables
        paths = package.__path__ if package else []
        names = (module.name for module in iter_modules(paths) if not module.ispkg and module.name[0] not in "_~")
        found |= {(config.label, name) for name in names}
    return frozenset(found)


@cache
def _own_version() -> int:
    return version_of(known_migrations())


def _oldest_server() -> int:
    return DatabaseVersion.objects.values_list("oldest_server", flat=True).first() or 0

"""Migrates an SQLite database once in a run of the tests, and gives each server that is set up in it a copy.

All migrations of an empty database keep a core busy for seven seconds, and dozens of worlds begin with them. What
they make is the same each time, so the first world of a run makes it and the others copy. Nothing is kept from one
run to the next: a migration that was changed or added is applied in the next run, and no copy is older than its run.

Only where `keep_copies` says so: the demo and the benchmarks, which use rig too, set their servers up as people do.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from everprint.server.database_url import SQLITE_FILE

FOLDER = "EVERPRINT_RIG_MIGRATED"
"""The variable that names where the copies are taken from; without it each server migrates from nothing."""


@contextmanager
def keep_copies() -> Iterator[None]:
    """Servers set up while the block lasts, by this process or one below it, start on copies. A run within a run has
    those of the outer one.
    """
    if FOLDER in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="everprint-migrated-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def give_migrated_database(command: Callable[[Mapping[str, str]], object], environment: Mapping[str, str]) -> None:
    """Brings the empty database of that server's settings to where `command` (its *migrate*) would bring it; does
    nothing where no copies are kept, or for a database that is no file: those are not copied.
    """
    if not (kept := os.environ.get(FOLDER)):
        return
    if not environment["EVERPRINT_SERVER_DATABASE"]:
        state = Path(environment["EVERPRINT_SERVER_STATE_FOLDER"])
        _copy(Path(kept), state / SQLITE_FILE, command, environment)


def _copy(
    kept: Path, path: Path, command: Callable[[Mapping[str, str]], object], environment: Mapping[str, str]
) -> None:
    template = kept / "sqlite"
    with _only_one(kept):
        if not template.exists():
            making = kept / "sqlite.making"
            shutil.rmtree(making, ignore_errors=True)  # of one who was ended half way
            making.mkdir(mode=0o700)
            command({**environment, "EVERPRINT_SERVER_STATE_FOLDER": str(making)})
            left = sorted(file.name for file in making.iterdir() if file.name.startswith(f"{SQLITE_FILE}-"))
            assert not left, f"{left}: the file alone is not all of the database"
            making.rename(template)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(template / SQLITE_FILE, path)
        path.chmod(0o600)


@contextmanager
def _only_one(kept: Path) -> Iterator[None]:
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

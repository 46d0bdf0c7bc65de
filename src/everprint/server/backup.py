"""Backup and restore of the embedded database. A PostgreSQL has its own (docs/how-to/go-back-to-a-second.md).

A backup is a plain SQLite file of one moment: copied through SQLite's online backup within one read transaction, so
that the server goes on writing meanwhile; checked, synced, and only then given its name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from everprint.server.secret_key import sync_folder

PAGES_AT_ONCE = 2000

Progress = Callable[[int, int], None]  # pages done, pages in all


class CannotBackUp(Exception):
    """There is nothing to back up, or nowhere to put it; the text says what to do."""


class CannotRestore(Exception):
    """The file is no backup of ours, or is damaged; nothing was changed."""


def back_up(database: Path, target: Path, progress: Progress | None = None) -> None:
    """Writes a checked backup to a new file.

    Raises CannotBackUp.
    """
    if not database.exists():
        raise CannotBackUp(f"{database} is not there: `everprint server init` makes it")
    if target.exists():
        raise CannotBackUp(f"{target} is already there: choose another name, or move it away")
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(database, partial, progress)
        if (trouble := damage_of(partial)) is not None:
            raise CannotBackUp(f"the copy is damaged ({trouble}): check the disk, and {database} itself")
        _sync(partial)
        os.link(partial, target)  # unlike a rename, never over a file that came meanwhile
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise CannotBackUp(f"{target}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def restore(backup: Path, database: Path) -> Path | None:
    """Puts a backup in the database's place; where the database that was there is now. No server may run.

    Raises CannotRestore.
    """
    _check(backup)
    incoming = database.with_name(f".{database.name}.incoming")
    try:
        shutil.copyfile(backup, incoming)
        incoming.chmod(0o600)
        _check(incoming)
        _sync(incoming)
        aside = _put_aside(database) if database.exists() else None
        incoming.replace(database)
        sync_folder(database.parent)
    except (OSError, sqlite3.Error) as error:
        raise CannotRestore(f"{backup}: {error}") from error
    finally:
        incoming.unlink(missing_ok=True)
    return aside


def damage_of(database: Path) -> str | None:
    """What SQLite's own check finds wrong; None for a sound database."""
    try:
        with closing(_open(database, "ro")) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found)


def _copy(database: Path, target: Path, progress: Progress | None) -> None:
    with closing(_open(database, "ro")) as source, closing(_open(target, "rw")) as copy:
        # A read transaction held open pins one moment; writers go on and the copy need not begin again.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(
            copy,
            pages=PAGES_AT_ONCE,
            progress=None if progress is None else lambda _, left, total: progress(total - left, total),
        )
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself


def _check(backup: Path) -> None:
    if not backup.is_file():
        raise CannotRestore(f"{backup} is not there")
    if (trouble := damage_of(backup)) is not None:
        raise CannotRestore(f"{backup} is damaged or no backup: {trouble}")
    with closing(_open(backup, "ro")) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"django_migrations", "accounts_entry", "jobs_job"} <= tables:
        raise CannotRestore(f"{backup} is an SQLite database, but not of an Everprint server")


def _put_aside(database: Path) -> Path:
    """Gives the present database another name, whole: what its write-ahead log holds goes into it first."""
    with closing(_open(database, "rw")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for leftover in ("-wal", "-shm"):
        database.with_name(database.name + leftover).unlink(missing_ok=True)
    name = f"{database.name}.before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
    aside, number = database.with_name(name), 1
    while True:
        try:
            os.link(database, aside)
        except FileExistsError:  # of another restore within this second
            number += 1
            aside = database.with_name(f"{name}-{number}")
        else:
            return aside


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=20, isolation_level=None)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())

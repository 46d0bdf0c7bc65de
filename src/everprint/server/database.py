"""One unit of work in one database transaction, tried again when the database says "not now".

The work must be safe to repeat: it reads what it needs inside, and writes under an idempotency key. A connection that
was lost at COMMIT leaves it unknown whether the work was done; repeating it finds out.
"""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from everprint.server.secret_key import sync_folder

log = logging.getLogger(__name__)

Result = TypeVar("Result")

ATTEMPTS = 8
LONGEST_PAUSE_S = 0.5

# PostgreSQL's SQLSTATE: serialization failure and deadlock (40), a concurrent insert of the same key (23505), lock
# not available (55P03), no room (53), a server that shuts down, starts or ends what takes long (57), a fault of its
# disk (58), a lost connection (08), a server that is a standby now (25006).
_PASSING_CLASSES = ("40", "23505", "55P03", "53", "57", "58", "08", "25006")
# SQLite's primary result codes for the same: its files cannot be locked, written or opened now, or memory is short.
_PASSING_CODES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


def transact(work: Callable[[], Result]) -> Result:
    """Runs the work in a transaction of its own, or within the one that is open.

    Raises what the work raises; a passing trouble of the database only when it lasts.
    """
    if connection.in_atomic_block:
        return work()
    for attempt in range(1, ATTEMPTS):
        try:
            with transaction.atomic():
                return work()
        except Error as error:
            if not is_passing(error):
                raise
            log.warning("database said not now attempt=%d error=%s", attempt, str(error).strip())
            connection.close_if_unusable_or_obsolete()
            time.sleep(random.uniform(0.2, 1) * min(LONGEST_PAUSE_S, 0.005 * 2**attempt))  # noqa: S311 - jitter
    with transaction.atomic():
        return work()


def sync_what_a_killed_one_wrote() -> None:
    """A server that was killed may have written a commit to SQLite's file and not synced it. The next one sees it,
    and must not answer on it while the power can take it back. PostgreSQL does this by itself.

    Raises OSError if it cannot be synced.
    """
    if connection.vendor != "sqlite":
        return
    database = Path(str(connection.settings_dict["NAME"]))
    with suppress(FileNotFoundError), database.with_name(f"{database.name}-wal").open("rb") as commits:
        os.fsync(commits.fileno())
    sync_folder(database.parent)


def is_passing(error: Error) -> bool:
    """True if the same work may succeed later: the trouble is the database's or its machine's, not the work's.

    Whoever gives work up must not do so for this: an event that is given up on a full disk would be lost.
    """
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    if state is not None:
        return state.startswith(_PASSING_CLASSES)
    if connection.vendor == "sqlite":
        code: int | None = getattr(error.__cause__, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _PASSING_CODES
    return isinstance(error, OperationalError | InterfaceError)

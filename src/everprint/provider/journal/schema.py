"""The journal's tables and their version. A file from a newer release is refused, never guessed at."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 8
_INCREMENTAL = 2  # PRAGMA auto_vacuum

# job_id and sequence never come twice, even when the newest rows were removed: hence AUTOINCREMENT.
_TABLES = """
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    queue TEXT NOT NULL,
    user_name TEXT NOT NULL,
    authenticated INTEGER NOT NULL,
    client_address TEXT NOT NULL,
    job_name TEXT NOT NULL,
    attributes BLOB NOT NULL,  -- the job template as IPP octets: no option is ever lost
    ticket BLOB NOT NULL,      -- JSON, as are findings, job_state_reasons and output
    created_at TEXT NOT NULL,
    state TEXT NOT NULL,
    document_format TEXT,
    document_octets INTEGER,
    document_name TEXT,
    attempt INTEGER NOT NULL,
    hold_wanted INTEGER NOT NULL,
    findings BLOB,
    device_uri TEXT,
    device_job_id INTEGER,
    cancelled_by TEXT,
    in_doubt INTEGER NOT NULL,
    job_state_reasons BLOB NOT NULL,
    job_state_message TEXT NOT NULL,
    processing_at TEXT,
    completed_at TEXT,
    output BLOB,
    job_password BLOB,         -- JSON: the hash of its PIN
    cups BLOB,                 -- JSON: its life in CUPS
    first_queue TEXT NOT NULL DEFAULT '',
    job_id_unique INTEGER NOT NULL DEFAULT 0,
    by_rules BLOB,             -- JSON: what became of it by rules
    moving BLOB                -- JSON: on its way to another print server
) STRICT;
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    job_uuid TEXT,
    fact BLOB NOT NULL         -- JSON, as contract.messages has it
) STRICT;
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_JOB_IDS = """
CREATE TABLE job_ids (
    first INTEGER PRIMARY KEY, -- every block that the server gave, used or not
    last INTEGER NOT NULL
) STRICT;
"""
_TOLD = """
CREATE TABLE told (            -- the last events that the server took: one that was restored is told them once more
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    job_uuid TEXT,
    fact BLOB NOT NULL
) STRICT;
"""


# What makes a journal of that version one of the next.
_UPGRADES = {
    1: "ALTER TABLE jobs ADD COLUMN job_password BLOB;",
    2: "ALTER TABLE jobs ADD COLUMN cups BLOB;",
    3: "ALTER TABLE jobs ADD COLUMN first_queue TEXT NOT NULL DEFAULT '';",
    # The numbers given so far hold at this provider only. None of them is given again.
    4: _JOB_IDS + "ALTER TABLE jobs ADD COLUMN job_id_unique INTEGER NOT NULL DEFAULT 0;"  # noqa: S608 - ours
    "INSERT OR REPLACE INTO marks (name, value) SELECT 'job-id', seq FROM sqlite_sequence WHERE name = 'jobs';",
    5: "ALTER TABLE jobs ADD COLUMN by_rules BLOB;",
    6: "ALTER TABLE jobs ADD COLUMN moving BLOB;",
    7: _TOLD,
}


class JournalTooNew(Exception):
    """The file was written by a newer release of Everprint."""


def open_journal(path: Path) -> sqlite3.Connection:
    """The journal for its one writer: made if it is not there, upgraded if it is of an older release, with every
    commit synced to disk.

    Raises JournalTooNew, and OSError if it cannot be synced.
    """
    _sync_what_a_killed_one_wrote(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    _let_it_shrink(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # The file grows back to this after a burst; checkpoints cost a sync each, so they are not made too often.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute(f"PRAGMA journal_size_limit = {32 << 20}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(f"BEGIN; {_TABLES} {_JOB_IDS} {_TOLD} PRAGMA user_version = {VERSION}; COMMIT;")
    elif version > VERSION:
        connection.close()
        raise JournalTooNew(
            f"{path} was written by a newer release of Everprint (journal version {version}, this one reads "
            f"{VERSION}): install that release again."
        )
    for old in range(version or VERSION, VERSION):
        connection.executescript(f"BEGIN; {_UPGRADES[old]} PRAGMA user_version = {old + 1}; COMMIT;")
    return connection


def _sync_what_a_killed_one_wrote(path: Path) -> None:
    """A writer that was killed may have written a commit and not synced it. SQLite shows it, and it would be acted
    on, but until the log of commits and its name are on disk, the power can take it back.
    """
    for place in (path.with_name(f"{path.name}-wal"), path.parent):
        with suppress(FileNotFoundError):
            descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _let_it_shrink(connection: sqlite3.Connection) -> None:
    """Has freed pages be given back (writer); a file of an older release is written anew for that, once."""
    if connection.execute("PRAGMA auto_vacuum").fetchone() == (_INCREMENTAL,):
        return
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        # It needs as much room again. Without it the file works as it did.
        log.warning("journal cannot be written anew, and keeps its size reason=%s", error)


def open_read_only(path: Path) -> sqlite3.Connection:
    """The journal for looking at, while the provider runs or not.

    Raises sqlite3.OperationalError if there is none.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)

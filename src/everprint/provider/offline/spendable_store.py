"""What each person can spend, as the server last told it: an SQLite file beside the journal, never all in memory.

Invariant: rows and the cursor that follows them are written in one transaction, synced: after a crash the next page
is the one that was not kept. The file holds nothing that cannot be fetched again, so a damaged one is made anew.
"""

from __future__ import annotations

import logging
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from everprint.contract.failure_modes import Spendable, SpendableAccount, SpendablePage
from everprint.contract.selection import Selection, SelectionMode

log = logging.getLogger(__name__)

# Another release that keeps it in another way takes another name, and fetches anew.
FILE_NAME = "spendable-2.sqlite3"

_TABLES = """
CREATE TABLE people (
    user_name TEXT PRIMARY KEY,
    amount TEXT,              -- decimal; NULL: the account has no floor
    offline_credit TEXT,      -- decimal; NULL: as for everybody
    is_active INTEGER NOT NULL,
    percent TEXT NOT NULL,    -- decimal
    selection TEXT,           -- how the account is selected, MODE:ACCOUNT; NULL: as the queue says
    pass INTEGER NOT NULL     -- the last pass through everybody in which the person was told of
) STRICT, WITHOUT ROWID;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    amount TEXT,
    is_active INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE progress (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    cursor TEXT NOT NULL,
    pass INTEGER NOT NULL,
    in_pass INTEGER NOT NULL, -- a pass through everybody is under way
    complete INTEGER NOT NULL,
    as_of TEXT NOT NULL
) STRICT;
INSERT INTO progress VALUES (1, '', 0, 0, 0, '');
"""
_PUT = (
    "INSERT INTO people (user_name, amount, offline_credit, is_active, selection, percent, pass) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (user_name) DO UPDATE SET amount = excluded.amount, offline_credit = excluded.offline_credit, "
    "is_active = excluded.is_active, selection = excluded.selection, percent = excluded.percent, pass = excluded.pass"
)


class SpendableStore:
    """Open while the provider runs. take() waits for the disk; find() is a look-up by key."""

    def __init__(self, state_folder: Path) -> None:
        self._path = state_folder / FILE_NAME
        try:
            self._writer = _open(self._path)
        except sqlite3.DatabaseError as error:
            log.warning("spendable amounts cannot be read, fetching them anew path=%s error=%s", self._path, error)
            for name in (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
                (state_folder / name).unlink(missing_ok=True)
            self._writer = _open(self._path)
        self._reader = sqlite3.connect(self._path, isolation_level=None)
        self._reader.execute("PRAGMA query_only = ON")

    @property
    def cursor(self) -> str:
        """From where the server goes on; empty before the first page."""
        return str(self._progress("cursor"))

    @property
    def is_complete(self) -> bool:
        """True once the server told of everybody."""
        return bool(self._progress("complete"))

    @property
    def as_of(self) -> datetime | None:
        """When all that had changed was known here last."""
        text = str(self._progress("as_of"))
        return datetime.fromisoformat(text) if text else None

    def find(self, user_name: str) -> Spendable | None:
        """What is known of that person."""
        row = self._reader.execute(
            "SELECT amount, offline_credit, is_active, selection, percent FROM people WHERE user_name = ?",
            (user_name,),
        ).fetchone()
        if row is None:
            return None
        amount, offline_credit, is_active, selection, percent = row
        return Spendable(
            user_name,
            _decimal(amount),
            _decimal(offline_credit),
            bool(is_active),
            _read_selection(selection),
            Decimal(percent),
        )

    def find_account(self, name: str) -> SpendableAccount | None:
        """What is known of that shared account."""
        row = self._reader.execute("SELECT amount, is_active FROM accounts WHERE name = ?", (name,)).fetchone()
        return None if row is None else SpendableAccount(name, _decimal(row[0]), bool(row[1]))

    def take(self, page: SpendablePage) -> None:
        """Keeps a page; it is on disk when this returns. For a thread.

        Raises sqlite3.Error if it cannot be written; then nothing of it was.
        """
        execute = self._writer.execute
        execute("BEGIN IMMEDIATE")
        try:
            number, in_pass, complete, as_of = execute(
                "SELECT pass, in_pass, complete, as_of FROM progress"
            ).fetchone()
            if page.from_start:
                number, in_pass = number + 1, 1
            self._writer.executemany(
                _PUT,
                [
                    (
                        one.user_name,
                        _text(one.amount),
                        _text(one.offline_credit),
                        int(one.is_active),
                        None if one.selection is None else f"{one.selection.mode}:{one.selection.account}",
                        f"{one.percent:f}",
                        number,
                    )
                    for one in page.users
                ],
            )
            if page.accounts is not None:
                execute("DELETE FROM accounts")
                self._writer.executemany(
                    "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)",
                    [(one.name, _text(one.amount), int(one.is_active)) for one in page.accounts],
                )
            if not page.more:
                if in_pass:
                    execute("DELETE FROM people WHERE pass < ?", (number,))
                    in_pass, complete = 0, 1
                as_of = datetime.now(UTC).isoformat()
            execute(
                "UPDATE progress SET cursor = ?, pass = ?, in_pass = ?, complete = ?, as_of = ?",
                (page.next, number, in_pass, complete, as_of),
            )
            execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Closes the file."""
        self._reader.close()
        self._writer.close()

    def _progress(self, column: str) -> str | int:
        (value,) = self._reader.execute(f"SELECT {column} FROM progress").fetchone()  # noqa: S608 - our names
        assert isinstance(value, str | int)
        return value


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {8 << 20}")
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
            connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
        connection.execute("SELECT people.pass, cursor FROM people, progress LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _read_selection(text: str | None) -> Selection | None:
    if text is None:
        return None
    mode, _, account = text.partition(":")
    return Selection(SelectionMode(mode), account)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"

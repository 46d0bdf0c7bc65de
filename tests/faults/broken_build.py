"""Runs a print server or an Application Server that breaks one rule on purpose: what a storm must find out.

usage: broken_build.py {no-fsync|trust-failed-sync|no-idempotency-key|resend-without-asking|server-no-fsync}
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec

from everprint.cli.main import everprint_command
from everprint.contract.client import ServerClient
from everprint.contract.messages import Authorise, Decision
from everprint.provider.delivery.in_doubt import InDoubt
from everprint.provider.job import Job
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.journal import journal
from everprint.provider.spool import SpoolFile, SpoolFull
from everprint.server import database_url


def no_fsync() -> None:
    """Acknowledges what is not on disk."""
    no_fsync_of_journal()
    os.fsync = lambda descriptor: None
    os.O_DSYNC = 0


def no_fsync_of_journal() -> None:
    """SQLite does not sync."""
    opened = journal.open_journal

    def open_without_sync(path: Path) -> sqlite3.Connection:
        connection = opened(path)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    journal.open_journal = open_without_sync  # type: ignore[attr-defined] # where it is called


def trust_failed_sync() -> None:
    """Acknowledges what could not be synced, as programs do that look at no error."""
    fsync, keep = os.fsync, SpoolFile.keep

    def sync(descriptor: int) -> None:
        with suppress(OSError):
            fsync(descriptor)

    def keep_all_the_same(document: SpoolFile) -> None:
        with suppress(SpoolFull):
            keep(document)

    os.fsync = sync
    SpoolFile.keep = keep_all_the_same  # type: ignore[method-assign] # the rule to break
    no_fsync_of_journal()


def no_idempotency_key() -> None:
    """Asks again as if it were another job."""
    authorise, asked = ServerClient.authorise, set[str]()

    async def authorise_anew(client: ServerClient, message: Authorise) -> Decision:
        if message.job.job_id in asked:
            other = msgspec.structs.replace(message.job, job_id=new_job_uuid())
            return await authorise(client, msgspec.structs.replace(message, job=other))
        asked.add(message.job.job_id)
        return await authorise(client, message)

    ServerClient.authorise = authorise_anew  # type: ignore[method-assign, assignment] # the rule to break


def resend_without_asking() -> None:
    """Takes every doubt for a failure."""

    async def resend(in_doubt: InDoubt, job: Job) -> None:
        await in_doubt._endings.nothing_printed(job, "It is sent again, whatever became of it.")

    InDoubt.resolve = resend  # type: ignore[method-assign, assignment] # the rule to break


def server_no_fsync() -> None:
    """The server's SQLite does not sync."""
    entry = database_url._sqlite

    def entry_without_sync(path: Path) -> dict[str, object]:
        found = entry(path)
        options = cast("dict[str, object]", found["OPTIONS"])
        options["init_command"] = f"{options['init_command']};PRAGMA synchronous=OFF"
        return found

    database_url._sqlite = entry_without_sync


BREAK = {
    "no-fsync": no_fsync,
    "trust-failed-sync": trust_failed_sync,
    "no-idempotency-key": no_idempotency_key,
    "resend-without-asking": resend_without_asking,
    "server-no-fsync": server_no_fsync,
}

BREAK[sys.argv[1]]()
part = "server" if sys.argv[1].startswith("server") else "provider"
everprint_command([part, "run"], prog_name="everprint")

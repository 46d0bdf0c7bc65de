"""What the commands of a print server read of its state folder; none of it changes anything there."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import click

from everprint.configuration import read_settings
from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from everprint.provider.provider import JOURNAL, SPOOL
from everprint.provider.settings import ROLE, ProviderSettings

config_option = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file with the settings of role provider (docs/reference/provider-settings.md).",
)


def state_folder(config: Path | None) -> Path:
    """The state folder of the settings; one that is not there is an error for people."""
    folder = Path(read_settings(ROLE, ProviderSettings, config).state_folder)
    if not folder.is_dir():
        raise click.ClickException(f"{folder} is not there: this machine is no print server, or name its --config.")
    return folder


def read_journal(folder: Path) -> tuple[Sequence[Job], int]:
    """The jobs of the journal, oldest first, and how many events wait to be told."""
    path = folder / JOURNAL
    try:
        with closing(open_read_only(path)) as connection:
            (untold,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
            return read_jobs(connection), int(untold)
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error


def is_running(folder: Path) -> bool:
    """True if a provider holds the folder's lock."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def spooled_octets(folder: Path) -> list[int]:
    """The size of each document in the spool."""
    sizes: list[int] = []
    for path in (folder / SPOOL).glob("*"):
        with suppress(FileNotFoundError):  # printed and removed meanwhile
            sizes.append(path.stat().st_size)
    return sizes


def say_whether_it_runs(folder: Path) -> None:
    """The line above a table, so that nobody takes yesterday's state for today's."""
    if is_running(folder):
        click.echo("It runs; this is how it stands now.\n")
    else:
        click.echo("It does not run; this is how it stood when it stopped.\n")

"""`everprint provider drain`, `undrain` and `status`: is it safe to stop this print server, and how is it doing?"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click
import msgspec

from everprint.configuration import read_settings
from everprint.provider.drain import LOOK_EVERY_S, is_wanted, unfinished, wish_drained, wish_undrained
from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from everprint.provider.provider import JOURNAL
from everprint.provider.settings import ROLE, ProviderSettings

_config = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file with the settings of role provider (docs/reference/provider-settings.md).",
)


@click.command()
@_config
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0, 86_400),
    default=300.0,
    show_default=True,
    help="Seconds to wait for jobs to finish.",
)
def drain(config: Path | None, wait_s: float) -> None:
    """Take no new jobs, let those that print finish, and say when it is safe to stop this print server.

    Held jobs, and jobs that wait for the server or for a printer, stay on disk and go on at the next start. Exit
    code 1 if a job is still at a printer when the time is over: stopping loses nothing then either, but the printer
    is asked about it at the next start. It stays drained, also over restarts, until 'everprint provider undrain'.

    \b
    Example:
      everprint provider drain --wait 600 && systemctl stop everprint-provider
    """
    folder = _state_folder(config)
    try:
        wish_drained(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    until = time.monotonic() + wait_s
    if _is_running(folder):
        time.sleep(2 * LOOK_EVERY_S)  # until it has seen the wish, and journaled what came in before
    standing = unfinished(_jobs(folder)[0])
    while not standing.is_drained and _is_running(folder) and time.monotonic() < until:
        time.sleep(min(1.0, max(until - time.monotonic(), 0.0)))
        standing = unfinished(_jobs(folder)[0])
    if standing.at_printer:
        raise click.ClickException(
            f"{standing.at_printer} jobs are still at their printers after {wait_s:g} seconds; wait longer, or stop "
            "and the printers are asked at the next start."
        )
    click.echo(f"Safe to stop: no job is at a printer; {standing.going + standing.parked} wait on disk.")


@click.command()
@_config
def undrain(config: Path | None) -> None:
    """Take jobs again after 'everprint provider drain'.

    \b
    Example:
      everprint provider undrain
    """
    folder = _state_folder(config)
    try:
        wish_undrained(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    click.echo("Jobs are taken again.")


@click.command()
@_config
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of lines.")
def status(config: Path | None, as_json: bool) -> None:
    """Say whether this print server runs, takes jobs, and has told the Application Server everything.

    Reads the state folder without changing it.

    \b
    Example:
      everprint provider status --json
    """
    folder = _state_folder(config)
    jobs, untold = _jobs(folder)
    states = Counter(job.state.value for job in jobs if not job.state.is_final)
    standing = {
        "running": _is_running(folder),
        "drained": is_wanted(folder),
        "unfinished": dict(sorted(states.items())),
        "untold_events": untold,
    }
    if as_json:
        click.echo(msgspec.json.encode(standing))
        return
    click.echo(f"running:        {'yes' if standing['running'] else 'no'}")
    click.echo(f"drained:        {'yes, it takes no new jobs' if standing['drained'] else 'no'}")
    click.echo(
        f"jobs:           {', '.join(f'{count} {state}' for state, count in sorted(states.items())) or 'none'}"
    )
    click.echo(f"untold events:  {untold}")


def _state_folder(config: Path | None) -> Path:
    folder = Path(read_settings(ROLE, ProviderSettings, config).state_folder)
    if not folder.is_dir():
        raise click.ClickException(f"{folder} is not there: this machine is no print server, or name its --config.")
    return folder


def _jobs(folder: Path) -> tuple[Sequence[Job], int]:
    """The jobs of the journal, and how many events wait to be told."""
    path = folder / JOURNAL
    try:
        with closing(open_read_only(path)) as connection:
            (untold,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
            return read_jobs(connection), int(untold)
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error


def _is_running(folder: Path) -> bool:
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

"""`everprint provider drain`, `undrain` and `status`: is it safe to stop this print server, and how is it doing?"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click
import msgspec

from everprint.cli.provider_state import config_option, is_running, read_journal, spooled_octets, state_folder
from everprint.provider.drain import LOOK_EVERY_S, is_wanted, unfinished, wish_drained, wish_undrained
from everprint.provider.standing import read_standing


@click.command()
@config_option
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
    folder = state_folder(config)
    try:
        wish_drained(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    until = time.monotonic() + wait_s
    if is_running(folder):
        time.sleep(2 * LOOK_EVERY_S)  # until it has seen the wish, and journaled what came in before
    standing = unfinished(read_journal(folder)[0])
    while not standing.is_drained and is_running(folder) and time.monotonic() < until:
        time.sleep(min(1.0, max(until - time.monotonic(), 0.0)))
        standing = unfinished(read_journal(folder)[0])
    if standing.at_printer:
        raise click.ClickException(
            f"{standing.at_printer} jobs are still at their printers after {wait_s:g} seconds; wait longer, or stop "
            "and the printers are asked at the next start."
        )
    click.echo(f"Safe to stop: no job is at a printer; {standing.going + standing.parked} wait on disk.")


@click.command()
@config_option
def undrain(config: Path | None) -> None:
    """Take jobs again after 'everprint provider drain'.

    \b
    Example:
      everprint provider undrain
    """
    folder = state_folder(config)
    try:
        wish_undrained(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}") from error
    click.echo("Jobs are taken again.")


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of lines.")
def status(config: Path | None, as_json: bool) -> None:
    """Say whether this print server runs, takes jobs, and has told the Application Server everything.

    Reads the state folder without changing it.

    \b
    Example:
      everprint provider status --json
    """
    folder = state_folder(config)
    jobs, untold = read_journal(folder)
    states = Counter(job.state.value for job in jobs if not job.state.is_final)
    printers = Counter(standing.status.state.value for standing in read_standing(folder).values())
    documents = spooled_octets(folder)
    standing = {
        "running": is_running(folder),
        "drained": is_wanted(folder),
        "unfinished": dict(sorted(states.items())),
        "in_doubt": sum(job.in_doubt for job in jobs if not job.state.is_final),
        "untold_events": untold,
        "printers": dict(sorted(printers.items())),
        "spooled_documents": len(documents),
        "spooled_octets": sum(documents),
    }
    if as_json:
        click.echo(msgspec.json.encode(standing))
        return
    click.echo(f"running:        {'yes' if standing['running'] else 'no; this is how it stood when it stopped'}")
    click.echo(f"drained:        {'yes, it takes no new jobs' if standing['drained'] else 'no'}")
    click.echo(f"jobs:           {_counts(states)}")
    click.echo(f"in doubt:       {standing['in_doubt']}")
    click.echo(f"untold events:  {untold}")
    click.echo(f"printers:       {_counts(printers)}")
    click.echo(f"spool:          {len(documents)} documents, {sum(documents) / 1e6:.1f} MB")


def _counts(states: Counter[str]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"

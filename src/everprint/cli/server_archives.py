"""`everprint server archive`: archives of old jobs on this machine, listed and exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.jobs.archive_files import Archive


@click.group(cls=CommandList)
def archive() -> None:
    """Archives of old jobs: what they said before their details were forgotten."""


@archive.command("list")
@as_json
@with_database
def list_archives(as_json: bool) -> None:
    """List the archives in this server's archive folder, the oldest first."""
    columns = ["name", "made_at", "jobs", "first_finished_at", "last_finished_at", "octets"]
    rows: list[dict[str, object]] = [
        {
            "name": one.name,
            "made_at": one.heading.made_at,
            "jobs": one.heading.jobs,
            "first_finished_at": one.heading.first_finished_at,
            "last_finished_at": one.heading.last_finished_at,
            "octets": one.octets,
            "path": str(one.path),
        }
        for one in _archives()
    ]
    print_rows(rows, columns, as_json=as_json, nothing="No archives.")


@archive.command()
@click.argument("name")
@click.option("--csv", "as_csv", is_flag=True, help="As a table, without the time lines; else JSON Lines with all.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Into this new file, not to the terminal."
)
@with_database
def export(name: str, as_csv: bool, target: Path | None) -> None:
    """Export the archive NAME, one job a line; all of it is checked first.

    \b
    Example:
      everprint server archive export jobs-2026-11-27T191500Z-0a1b2c3d --csv --to old-jobs.csv
    """
    from everprint.server.jobs.archive_files import jobs_in

    chosen = next((one for one in _archives() if one.name == name), None)
    if chosen is None:
        raise click.ClickException(f"there is no archive {name}; `everprint server archive list` names them")
    for _ in jobs_in(chosen):
        pass
    pieces = _as_table(chosen) if as_csv else (line + b"\n" for line in jobs_in(chosen))
    if target is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    try:
        with target.open("xb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror}") from None
    click.echo(f"{chosen.heading.jobs} jobs exported to {target}.")


def _archives() -> list[Archive]:
    from everprint.server.jobs.archive_files import archives_in
    from everprint.server.settings import CONFIGURATION

    return archives_in(CONFIGURATION.archive_path)


def _as_table(chosen: Archive) -> Iterator[bytes]:
    import msgspec

    from everprint.server.jobs.archive import COLUMNS
    from everprint.server.jobs.archive_files import jobs_in
    from everprint.server.pages.csv_export import encode

    records = (msgspec.json.decode(line) for line in jobs_in(chosen))
    return encode(COLUMNS, ([record[column] for column in COLUMNS] for record in records))

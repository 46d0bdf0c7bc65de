"""`everprint server restore-point`: the embedded database of earlier moments, kept elsewhere and proven."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from everprint.cli.command_list import CommandList
from everprint.cli.server_backup import embedded_database, restore_from
from everprint.cli.server_setting_up import config_option, plain_errors

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group("restore-point", cls=CommandList)
def restore_point() -> None:
    """Earlier moments of the embedded database, kept elsewhere, encrypted.

    The settings restore_points, restore_points_key_file and restore_points_keep say where, with which key and how
    many. A timer makes them: docs/how-to/back-up-and-restore.md.
    """


@restore_point.command()
@config_option
def init(config: Path | None) -> None:
    """Make the place of the restore points ready, once."""
    from everprint.server.restore_points.embedded import repository_of

    settings, _ = embedded_database(config)
    with plain_errors():
        repository_of(settings).make_ready()
    click.echo(
        f"{settings.restore_points} is ready. Keep a copy of the key elsewhere: without it nothing can be read."
    )


@restore_point.command()
@config_option
def make(config: Path | None) -> None:
    """Make a restore point of this moment, and remove those that need not be kept. The server may run."""
    from everprint.server.restore_points.embedded import make_restore_point, repository_of

    settings, database = embedded_database(config)
    with plain_errors():
        repository = repository_of(settings)
        make_restore_point(database, repository, settings)
        kept = repository.points()
    click.echo(f"{kept[-1].name} was made; {len(kept)} restore points are kept.")


@restore_point.command("list")
@config_option
@json_option
def list_points(config: Path | None, *, as_json: bool) -> None:
    """List the restore points, the oldest first."""
    from everprint.server.restore_points.embedded import repository_of

    settings, _ = embedded_database(config)
    with plain_errors():
        points = repository_of(settings).points()
    if as_json:
        click.echo(json.dumps([{"name": point.name, "time": point.time.isoformat()} for point in points], indent=2))
        return
    for point in points:
        click.echo(f"{point.name}  {_moment(point.time)}")


@restore_point.command()
@config_option
@click.argument("name", required=False)
@click.option(
    "--scratch",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with room for the database.  [default: the system's for temporary files]",
)
@json_option
def verify(config: Path | None, *, name: str | None, scratch: Path | None, as_json: bool) -> None:
    """Prove that the restore points can be restored. The server may run; nothing of it is touched.

    All that is kept is read and compared with its digests; what is damaged is named. Then NAME, or the newest that is
    sound, is restored into a folder aside and its ledger audited. Exit code 1 if anything is wrong.
    """
    from everprint.server.restore_points.embedded import repository_of
    from everprint.server.restore_points.embedded import verify as verify_points

    settings, _ = embedded_database(config)
    with plain_errors():
        found = verify_points(repository_of(settings), name=name, scratch=scratch)
    wrong = bool(found.packs or found.damaged or found.proof is None or found.proof.findings)
    if as_json:
        said = {
            "sound": [point.name for point in found.sound],
            "damaged": [point.name for point in found.damaged],
            "damaged_files": found.packs,
            "restored": found.point.name if found.point else None,
            "findings": found.proof.findings if found.proof else None,
        }
        click.echo(json.dumps(said, indent=2))
    else:
        for point in found.sound:
            click.echo(f"{point.name}  {_moment(point.time)}  sound")
        for point in found.damaged:
            click.echo(f"{point.name}  {_moment(point.time)}  damaged", err=True)
        for pack in found.packs:
            click.echo(f"damaged file: {pack}", err=True)
        click.echo(f"{found.point.name}, restored aside: {found.proof}" if found.point else "none can be restored")
        for finding in found.proof.findings if found.proof else ():
            click.echo(finding, err=True)
    if wrong:
        raise click.exceptions.Exit(1)


@restore_point.command()
@config_option
@click.argument("name", required=False)
@click.option("--at", "moment", help='The newest that is not after "2026-11-27 08:00+01:00".')
def restore(config: Path | None, *, name: str | None, moment: str | None) -> None:
    """Put the restore point NAME in the database's place. The server must not run.

    What was there is kept beside it under another name, as `everprint server restore` does.
    """
    from everprint.server.restore_points.embedded import choose, repository_of
    from everprint.server.restore_points.restic import FILE
    from everprint.server.running import only_one

    if (name is None) == (moment is None):
        raise click.UsageError("Give the NAME of a restore point, or --at.")
    settings, database = embedded_database(config)
    settings.state_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with plain_errors(), only_one(settings.state_path):
        repository = repository_of(settings)
        point = choose(repository.points(), name=name, moment=_time(moment) if moment else None)
        with tempfile.TemporaryDirectory(prefix="restore-point-", dir=settings.state_path) as folder:
            file = Path(folder) / FILE
            repository.bring(point, file)
            aside = restore_from(file, database, settings)
    click.echo(f"Restored {point.name}, of {_moment(point.time)}.")
    if aside is not None:
        click.echo(f"The database that was there is now {aside}.")


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no moment; write 2026-11-27 08:00+01:00", param_hint="--at") from None
    if time.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no time zone; write 2026-11-27 08:00+01:00", param_hint="--at")
    return time


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(sep=" ", timespec="seconds")

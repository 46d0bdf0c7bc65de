"""`everprint server backup` and `everprint server restore`: the embedded database, safe while running."""

from __future__ import annotations

import os
from pathlib import Path

import click

from everprint.cli.server_setting_up import config_option, plain_errors
from everprint.server.configuration import ServerSettings


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(config: Path | None, file: Path) -> None:
    """Back the database up to FILE, which must not exist yet. The server may run.

    FILE is one SQLite database of one moment, checked and on disk when this returns. It holds names, password hashes
    and accounts: keep it as safe as the server. The secret key is not in it.

    \b
    Example:
      everprint server backup /var/backups/everprint-2026-11-22.sqlite3
    """
    from everprint.server.backup import back_up

    _, database = embedded_database(config)
    with plain_errors(), click.progressbar(length=0, label="Backing up") as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        back_up(database, file, progress)
    click.echo(f"Backed up to {file} ({file.stat().st_size // 1024} KiB).")


@click.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(config: Path | None, file: Path) -> None:
    """Put the backup FILE in the database's place. The server must not run.

    The database that was there is kept beside it under another name. What providers reported after the backup cannot
    come again: each provider's next report is taken from where it stands, and the gap is logged.
    """
    settings, database = embedded_database(config)  # sets Django up: what follows needs that

    from everprint.server.running import only_one

    settings.state_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with plain_errors(), only_one(settings.state_path):
        aside = restore_from(file, database, settings)
    click.echo(f"Restored from {file}.")
    if aside is not None:
        click.echo(f"The database that was there is now {aside}.")


def restore_from(file: Path, database: Path, settings: ServerSettings) -> Path | None:
    """Puts that file in the database's place; where the database that was there is now. No server may run."""
    from django.db import connections

    from everprint.server.backup import restore as restore_database
    from everprint.server.restored import go_on_after_restore

    aside = restore_database(file, database)
    connections.close_all()
    go_on_after_restore(settings)
    return aside


def embedded_database(config: Path | None) -> tuple[ServerSettings, Path]:
    """The settings and the database's file, with Django set up.

    Raises ClickException if the database is no file.
    """
    from django.conf import settings as django_settings

    from everprint.server.start import set_up

    os.umask(0o077)
    settings = set_up(config)
    entry = django_settings.DATABASES["default"]
    if not str(entry["ENGINE"]).endswith("sqlite3"):
        raise click.ClickException(
            "The database is PostgreSQL: docs/how-to/go-back-to-a-second.md says how to back it up and restore it."
        )
    return settings, Path(str(entry["NAME"]))

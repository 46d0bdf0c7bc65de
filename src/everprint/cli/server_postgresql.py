"""`everprint server postgresql`: what its own backup tool cannot do: prove a backup, go on after a restore."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from everprint.cli.command_list import CommandList
from everprint.cli.server_setting_up import config_option, plain_errors


@click.group(cls=CommandList)
def postgresql() -> None:
    """A PostgreSQL that pgBackRest backs up: prove the backup, and go on after a restore.

    docs/how-to/go-back-to-a-second.md says how to set pgBackRest up and how to restore.
    """


@postgresql.command()
@click.option("--stanza", required=True, help="What pgBackRest calls the database.")
@click.option("--database", default="everprint", show_default=True, help="The server's database in it.")
@click.option("--set", "label", help="Restore this backup.  [default: the newest, or the last before --at]")
@click.option("--at", "moment", help='As of that moment: "2026-11-27 08:00:00+00".  [default: the newest]')
@click.option(
    "--scratch",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with room for the whole database.  [default: the system's for temporary files]",
)
@click.option("--pgbackrest-config", type=click.Path(path_type=Path), help="pgBackRest's --config.")
@click.option("--pgbackrest-include", type=click.Path(path_type=Path), help="pgBackRest's --config-include-path.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def verify(
    *,
    stanza: str,
    database: str,
    label: str | None,
    moment: str | None,
    scratch: Path | None,
    pgbackrest_config: Path | None,
    pgbackrest_include: Path | None,
    as_json: bool,
) -> None:
    """Prove that the backup can be restored. The database may run; nothing of it is touched.

    All that is kept is read and compared with its checksums; damaged backups and files are named. Then a copy is
    restored into a folder aside, started there for nobody else, and its ledger audited. Run it as the user postgres,
    often: by a timer. Exit code 1 if anything is wrong.

    \b
    Example:
      everprint server postgresql verify --stanza print
    """
    from everprint.server.restore_points.pgbackrest import PgBackRest
    from everprint.server.restore_points.postgresql_copy import Wanted, prove_backup
    from everprint.server.restore_points.proof import NotProven

    backrest = PgBackRest(stanza, pgbackrest_config, pgbackrest_include)
    proof, failure = None, ""
    try:
        kept = backrest.verify()
    except NotProven as error:
        raise click.ClickException(str(error)) from None
    try:
        proof = prove_backup(backrest, Wanted(database, label, moment), scratch)
    except NotProven as error:
        failure = str(error)
    if as_json:
        said = {"kept": asdict(kept), "copy": asdict(proof) if proof else None, "failure": failure}
        click.echo(json.dumps(said, indent=2))
    else:
        for name in kept.sound:
            click.echo(f"{name}: sound")
        for name in kept.damaged:
            click.echo(f"{name}: damaged", err=True)
        for name in kept.files:
            click.echo(f"damaged or missing: {name}", err=True)
        click.echo(f"write-ahead log: {kept.log_sound} of {kept.log_checked} pieces are sound")
        click.echo(f"the restored copy: {proof}" if proof else f"no copy: {failure}", err=proof is None)
        for finding in proof.findings if proof else ():
            click.echo(finding, err=True)
    if not kept.all_sound or proof is None or proof.findings:
        raise click.exceptions.Exit(1)


@postgresql.command()
@config_option
def resume(config: Path | None) -> None:
    """Tell the server that its PostgreSQL went back to an earlier moment, before it starts again.

    What providers reported after that moment cannot come again: each provider's next report is taken from where it
    stands, and the gap is logged. The server must not run.
    """
    from everprint.server.start import set_up

    settings = set_up(config)

    from everprint.server.restored import go_on_after_restore
    from everprint.server.running import only_one

    settings.state_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with plain_errors(), only_one(settings.state_path):
        go_on_after_restore(settings)
    click.echo("The server may be started.")

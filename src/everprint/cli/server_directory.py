"""`everprint server directory`: people and groups from LDAP, Active Directory or an external program."""

from __future__ import annotations

import click

from everprint.cli.command_list import CommandList
from everprint.cli.server_setting_up import with_database


@click.group(cls=CommandList)
def directory() -> None:
    """Sync users and groups with the directory that the settings name."""


@directory.command()
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--let-go", is_flag=True, help="Also if more people are gone than the settings allow.")
@with_database
def sync(dry_run: bool, let_go: bool) -> None:
    """Make users and groups as the directory says, now.

    \b
    Example:
      everprint server directory sync --dry-run
    """
    from everprint.server.audit_log.acting import only_read
    from everprint.server.directory.plan import Kind
    from everprint.server.directory.runs import directory_settings, synchronise

    if dry_run:
        only_read()
    synced = synchronise(directory_settings(), dry_run=dry_run, let_go=let_go)
    for change in synced.changes:
        what = ", ".join(f"{key} {_shown(value)}" for key, value in change.after.items())
        click.echo(f"{change.kind.value} {change.name}: {what}".rstrip(": "))
    for problem in synced.problems:
        click.echo(f"not taken, {problem.where}: {problem.message}", err=True)
    be = "would be " if dry_run else ""
    click.echo(
        f"{synced.read} in the directory: {synced.number(Kind.NEW)} {be}made, "
        f"{synced.number(Kind.CHANGED, Kind.ADOPTED)} {be}changed, {synced.number(Kind.GONE)} {be}disabled."
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "|".join(str(item) for item in value) if isinstance(value, list) else str(value)

"""`everprint cluster backup`: restore points of VMs, taken, listed and removed. What uses them is in `_restore`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from everprint.cli.cluster_backup_restore import restore, verify
from everprint.cli.cluster_backup_target import TROUBLES, backups_of, via_and_topology, vms_of
from everprint.cli.command_list import CommandList
from everprint.cli.listing import Row, print_rows
from everprint.cluster.backup import pruning
from everprint.cluster.backup.repository import Repository
from everprint.cluster.backup.taking import Taken
from everprint.cluster.backup.taking import take as take_point

_MIB = 1 << 20


@click.group(cls=CommandList)
def backup() -> None:
    """Back up running VMs, prove the backups, and bring VMs back.

    Where backups go and how many are kept is in the topology's table [backup].
    """


@backup.command()
@via_and_topology
def init(topology: Path, *, via: str | None) -> None:
    """Make the target ready, once. It is never done by itself: a folder that is not mounted is no new target.

    \b
    Example: everprint cluster backup init print.toml
    """
    read, hosts, repository = backups_of(topology, via)
    try:
        repository(read, hosts).make()
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        "The target is ready. Without the password nobody reads what comes there: keep a copy of it elsewhere."
    )


@backup.command()
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
@click.option("--full", is_flag=True, help="Copy the whole disks, not only what was written since the last point.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def take(
    ctx: click.Context, topology: Path, vms: tuple[str, ...], *, via: str | None, full: bool, as_json: bool
) -> None:
    """Take a restore point of each VM, or of those named, while they run.

    One that fails does not keep the others from theirs. Exit code 1: at least one has none.

    \b
    Examples:
      everprint cluster backup take print.toml
      everprint cluster backup take print.toml server --full
    """
    read, hosts, _ = backups_of(topology, via)
    report: list[dict[str, object]] = []
    failed = False
    for vm in vms_of(read, vms):
        try:
            taken = take_point(read, hosts, vm, datetime.now(UTC), full=full)
        except TROUBLES as error:
            failed = True
            report.append({"vm": vm.name, "failed": str(error)})
            if not as_json:
                click.secho(f"{vm.name}: no point was taken. {error}", fg="red", err=True)
            continue
        report.append(asdict(taken))
        if not as_json:
            _tell(taken)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    ctx.exit(1 if failed else 0)


def _tell(taken: Taken) -> None:
    click.echo(
        f"{taken.point}: {taken.kind}, {taken.consistency}, {taken.octets / _MIB:.1f} MiB copied on {taken.host}, "
        f"{taken.added / _MIB:.1f} MiB new at the target; the guest stood for {taken.frozen_ms} ms"
    )
    for note in taken.notes:
        click.secho(f"  {note}", fg="yellow")


@backup.command("list")
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_(topology: Path, vms: tuple[str, ...], *, via: str | None, as_json: bool) -> None:
    """List the restore points, the oldest first.

    \b
    Example: everprint cluster backup list print.toml server
    """
    read, hosts, repository = backups_of(topology, via)
    try:
        points = repository(read, hosts).contents(read.name).points
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error
    # Also of VMs that the topology no longer has, if nobody is named.
    shown = [point for point in points if not vms or point.vm in vms]
    if as_json:
        click.echo(json.dumps({"points": [point.as_json() for point in shown]}, indent=2))
        return
    rows: list[Row] = [
        {
            "point": point.name,
            "taken": point.taken.astimezone(),
            "kind": point.kind.value,
            "goes_on_from": point.base or None,
            "consistency": point.consistency.value,
            "copied": f"{point.octets / _MIB:.1f} MiB",
        }
        for point in shown
    ]
    columns = ("point", "taken", "kind", "goes_on_from", "consistency", "copied")
    print_rows(rows, columns, as_json=False, nothing="There is no point.")


@backup.command()
@via_and_topology
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def prune(topology: Path, *, via: str | None, dry_run: bool) -> None:
    """Remove the points that the rules of [backup] do not keep, and give back their room.

    A point that another one needs stays with it.

    \b
    Example: everprint cluster backup prune print.toml --dry-run
    """
    read, hosts, open_repository = backups_of(topology, via)
    try:
        repository: Repository = open_repository(read, hosts)
        plan = pruning.plan_pruning(repository.contents(read.name), repository.settings, datetime.now(UTC))
        if plan.snapshots and not dry_run:
            repository.forget(plan.snapshots)
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error
    for point in plan.points:
        click.echo(point.name)
    images = len(plan.snapshots) - len(plan.points)
    verb = "would go" if dry_run else "are gone"
    click.echo(f"{len(plan.points)} points and {images} images {verb}.")


backup.add_command(verify)
backup.add_command(restore)

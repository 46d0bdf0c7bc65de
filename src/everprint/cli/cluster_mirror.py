"""`everprint cluster mirror`: disks that two hosts mirror."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cli.command_list import CommandList
from everprint.cluster.mirror.forcing import CannotForce, cost_of, force
from everprint.cluster.mirror.listing import CannotTell, list_mirrors
from everprint.cluster.topology.mirror import mirrored_vms
from everprint.monitor.health import worst


@click.group(cls=CommandList)
def mirror() -> None:
    """Disks that two hosts mirror as they are written."""


@mirror.command("list")
@topology_argument
@via_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def list_(ctx: click.Context, topology: Path, *, via: str | None, as_json: bool) -> None:
    """Show for each mirrored disk which copies are good.

    Exit code 0: all are in sync; 1: one is not.

    \b
    Example: everprint cluster mirror list print.toml
    """
    read = topology_of(topology)
    try:
        found = list_mirrors(read, hosts_of(read, via))
    except CannotTell as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
    else:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in ("VM", "state", "detail"):
            table.add_column(column)
        for one in found:
            table.add_row(one.vm, one.state, one.said)
        Console(highlight=False).print(table)
    ctx.exit(0 if worst([one.level for one in found]) == "ok" else 1)


@mirror.command("force")
@topology_argument
@click.argument("vm")
@via_option
@click.option("--host", required=True, metavar="HOST", help="Whose copy is declared good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def force_(topology: Path, vm: str, *, via: str | None, host: str, yes: bool) -> None:
    """Declare one copy good, and give up what only the other one has.

    The last resort, when the host with the good copy is lost for ever. The VM must not run. The engine then starts it
    from that copy.

    \b
    Example: everprint cluster mirror force print.toml print1 --host beta
    """
    read = topology_of(topology)
    hosts = hosts_of(read, via)
    named = next((one for one in mirrored_vms(read) if one.name == vm), None)
    if named is None:
        known = ", ".join(one.name for one in mirrored_vms(read)) or "none"
        raise click.UsageError(f"there is no mirrored VM {vm}; known: {known}")
    try:
        click.echo(cost_of(read, hosts, named, host))
        if not yes:
            click.confirm(f"Start {vm} from {host}'s copy?", abort=True)
        truth = force(read, hosts, named, host)
    except CannotForce as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{host}'s copy of {vm} is the good one (generation {truth.generation}); the engine starts it.")

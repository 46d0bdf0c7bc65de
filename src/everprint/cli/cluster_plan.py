"""`everprint cluster plan`: what would be, before it is."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from everprint.cli.cluster_topology import topology_argument, topology_of
from everprint.cluster.compilation.everything import compiled_files
from everprint.cluster.prediction.outlook import Outlook, if_hosts_fail
from everprint.cluster.prediction.simulator import CannotPredict
from everprint.cluster.topology.model import Topology


@click.command()
@topology_argument
@click.option(
    "--if-fails",
    "failed",
    multiple=True,
    metavar="HOST",
    help="Ask Pacemaker's simulator who would go where if this host failed; again for each further one.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the configuration of Corosync, Pacemaker and libvirt into this folder, to read or to keep.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def plan(ctx: click.Context, topology: Path, *, failed: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """Show what a topology comes to: who would run where, now and when hosts fail.

    Nothing is changed on any host. The answer is Pacemaker's own (crm_simulate), on the configuration that Everprint
    makes. Exit code 1: something would run nowhere.

    \b
    Examples:
      everprint cluster plan print.toml
      everprint cluster plan print.toml --if-fails alpha
      everprint cluster plan print.toml --output compiled
    """
    read = topology_of(topology)
    if read.hypervisor:
        raise click.ClickException("the hypervisor decides who runs where; there is no engine of ours to ask")
    known = [host.name for host in read.hosts]
    for host in failed:
        if host not in known:
            raise click.UsageError(f"there is no host {host}; known: {', '.join(known)}")
    if output:
        _write(read, output)
    try:
        outlook = if_hosts_fail(read, tuple(dict.fromkeys(failed)))
    except CannotPredict as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(outlook.as_json(), indent=2))
    else:
        _tell(outlook)
    if not outlook.fits:
        ctx.exit(1)


def _write(topology: Topology, folder: Path) -> None:
    for name, text in compiled_files(topology).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _tell(outlook: Outlook) -> None:
    if outlook.failed:
        click.echo(f"If {' and '.join(outlook.failed)} failed:")
        for host in outlook.fenced:
            click.echo(f"  {host} would be fenced first.")
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "on", "then on") if outlook.failed else ("name", "on"):
        table.add_column(column)
    for move in outlook.moves:
        now = move.before or "nowhere"
        table.add_row(*((move.name, now, move.after or "NOWHERE") if outlook.failed else (move.name, now)))
    console = Console(highlight=False)
    console.print(table)
    loads = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("host", "memory used", "of", "free"):
        loads.add_column(column, justify="left" if column == "host" else "right")
    for load in outlook.loads:
        free = load.usable_mib - load.memory_mib
        loads.add_row(load.name, f"{load.memory_mib} MiB", f"{load.usable_mib} MiB", f"{free} MiB")
    console.print(loads)
    click.echo("Everything runs." if outlook.fits else f"These would run nowhere: {', '.join(outlook.homeless)}.")

"""`everprint cluster apply` and `destroy`: makes hosts what the topology says, and takes it away again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cluster.check.finding import level_of
from everprint.cluster.check.topology import check_topology
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live import apply as applying
from everprint.cluster.live.changes import Change, plan_changes
from everprint.cluster.live.merge import Unreadable
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.live.status import NoCluster
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level

_TROUBLES = (HostUnreachable, HostRefuses, NoCluster, Unreadable)


@click.command()
@topology_argument
@via_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def diff(topology: Path, *, via: str | None, as_json: bool) -> None:
    """Show what `apply` would change on the hosts, step by step. Nothing is changed.

    \b
    Example: everprint cluster diff print.toml
    """
    read, hosts = _cluster(topology, via)
    try:
        changes = plan_changes(read, hosts)
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([change.as_json() for change in changes], indent=2))
        return
    for change in changes:
        click.secho(change.title, bold=True)
        click.echo(change.diff, nl=False)
    click.echo(f"{len(changes)} steps." if changes else "Nothing to do: the hosts are as the topology says.")


@click.command()
@topology_argument
@via_option
@click.option("--despite", is_flag=True, help="Also with findings that `check` calls fail.")
@click.option(
    "--i-confirm-idle",
    "idle",
    default="",
    metavar="SITE",
    help="Your word that no VM of this cluster was started at the site of [replication], if it does not answer.",
)
def apply(topology: Path, *, via: str | None, despite: bool, idle: str) -> None:
    """Make the hosts what the topology says: files, engine, resources.

    Each step looks first and may be done again: interrupted anywhere, the command goes on when it is called again.
    What others added to Pacemaker's configuration stays. The hosts need Debian's packages corosync, pacemaker,
    resource-agents, fence-agents, and libvirt with QEMU for VMs.

    A cluster whose VMs are replicated starts them only after the other site has said that none runs there; so call
    this also after all hosts were off.

    \b
    Example: everprint cluster apply print.toml
    """
    read, hosts = _cluster(topology, via)
    if idle and (read.replication is None or idle != read.replication.site):
        raise click.UsageError(f"{idle} is not the site of [replication]")
    findings = check_topology(read)
    if level_of(findings) is Level.FAIL and not despite:
        failed = [finding for finding in findings if finding.level is Level.FAIL]
        lines = "".join(f"\n  line {finding.line}: {finding.what}" for finding in failed)
        raise click.ClickException(f"Mend this first (everprint cluster check says how), or say --despite:{lines}")

    def tell(change: Change) -> None:
        click.echo(change.title)

    try:
        count = applying.apply(read, hosts, tell, idle_word=bool(idle))
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Done, {count} steps." if count else "Nothing to do: the hosts are as the topology says.")


@click.command()
@topology_argument
@via_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(topology: Path, *, via: str | None, yes: bool) -> None:
    """Stop all VMs and services and the engine, and remove what `apply` wrote. Disks are not touched.

    \b
    Example: everprint cluster destroy print.toml
    """
    read, hosts = _cluster(topology, via)
    if not yes:
        names = ", ".join(host.name for host in read.hosts)
        click.confirm(f"Stop everything of {read.name} on {names}, and remove the cluster?", abort=True)
    try:
        applying.destroy(read, hosts, click.echo)
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo("Done.")


def _cluster(path: Path, via: str | None) -> tuple[Topology, Hosts]:
    read = topology_of(path)
    if read.hypervisor:
        raise click.UsageError("the hypervisor has these hosts; there is nothing of ours to set up")
    return read, hosts_of(read, via)

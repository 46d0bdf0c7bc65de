"""`everprint cluster status`, `drain` and `undrain`: clusters that run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from everprint.cli.cluster_overview import overview_of
from everprint.cli.cluster_picture import shown
from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.live import drain as draining
from everprint.cluster.live.status import ClusterStatus, NoCluster
from everprint.cluster.prediction.simulator import CannotPredict
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level

_EXIT_CODES = {Level.OK: 0, Level.WARN: 0, Level.FAIL: 1}
_TROUBLES = (NoCluster, HostUnreachable, CannotPredict, draining.CannotDrain)


@click.command()
@topology_argument
@via_option
@click.option("--watch", is_flag=True, help="Show it anew every two seconds, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def status(ctx: click.Context, topology: Path, *, via: str | None, watch: bool, as_json: bool) -> None:
    """Show how the cluster stands: hosts and their fencing, each VM with its health and last fail-over.

    Asks one host after the other until one tells, then each what it noted. Exit code 1: something does not run that
    should, the hosts have no majority, or no host tells.

    \b
    Examples:
      everprint cluster status print.toml
      everprint cluster status print.toml --watch
    """
    read = topology_of(topology)
    if watch:
        _watch(read, via)
        return
    try:
        found = overview_of(read, via)
    except NoCluster as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        Console(highlight=False).print(shown(found))
    ctx.exit(_EXIT_CODES[found.level])


@click.command()
@topology_argument
@click.argument("host")
@via_option
@click.option("--force", is_flag=True, help="Also if something would then run nowhere.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=600,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait until the host is empty.",
)
def drain(topology: Path, host: str, *, via: str | None, force: bool, timeout: int) -> None:
    """Empty a host for work on it: protected VMs move live.

    Pacemaker's simulator is asked first whether everything finds another place; else nothing is done. Ends when the
    host is empty; until `undrain` nothing comes back, also not after a restart of the host.

    \b
    Example: everprint cluster drain print.toml alpha
    """
    read, hosts = _cluster(topology, via)
    _known(read, host)
    shown: set[tuple[str, ...]] = set()

    def tell(found: ClusterStatus) -> None:
        left = found.on(host)
        if left and left not in shown:
            click.echo(f"Still on {host}: {', '.join(left)}")
        shown.add(left)

    try:
        homeless = draining.stopped_by_drain(read, hosts, host)
        if homeless and not force:
            raise click.ClickException(
                f"{', '.join(homeless)} would run nowhere. Make room, or say --force. Nothing was done."
            )
        draining.drain(read, hosts, host, within_s=timeout, tell=tell)
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{host} is empty.")


@click.command()
@topology_argument
@click.argument("host")
@via_option
def undrain(topology: Path, host: str, *, via: str | None) -> None:
    """Let a host run things again after `drain`.

    What runs well elsewhere stays there.

    \b
    Example: everprint cluster undrain print.toml alpha
    """
    read, hosts = _cluster(topology, via)
    _known(read, host)
    try:
        draining.undrain(read, hosts, host)
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{host} may run things again.")


def _cluster(path: Path, via: str | None) -> tuple[Topology, Hosts]:
    read = topology_of(path)
    if read.hypervisor:
        raise click.UsageError("the hypervisor has these VMs; ask it")
    return read, hosts_of(read, via)


def _known(topology: Topology, host: str) -> None:
    names = [one.name for one in topology.hosts]
    if host not in names:
        raise click.UsageError(f"there is no host {host}; known: {', '.join(names)}")


def _watch(topology: Topology, via: str | None) -> None:
    with Live(screen=False, auto_refresh=False) as live:
        while True:
            try:
                live.update(shown(overview_of(topology, via)), refresh=True)
            except NoCluster as error:
                live.update(Text(str(error)), refresh=True)
            time.sleep(2)

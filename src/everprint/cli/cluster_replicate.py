"""`everprint cluster replicate`: replicas of VMs at another site, sent and shown."""

from __future__ import annotations

import json
import signal
import threading
from dataclasses import asdict
from pathlib import Path

import click

from everprint.cli.cluster_backup_target import TROUBLES, via_and_topology, vms_of
from everprint.cli.cluster_topology import hosts_of, topology_of
from everprint.cli.command_list import CommandList
from everprint.cli.listing import Row, print_rows
from everprint.cluster.check.finding import level_of
from everprint.cluster.hosts.carrying import HostsByProgram
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.lag import as_metrics, findings, lags
from everprint.cluster.replication.schedule import Task, keep_on, settings_of
from everprint.cluster.replication.schedule import replicate as replicate_one
from everprint.cluster.replication.sending import Sent
from everprint.cluster.topology.model import Topology
from everprint.monitor.health import Level

_MIB = 1 << 20
_END_WITHIN_S = 5.0


@click.group(cls=CommandList)
def replicate() -> None:
    """Keep replicas of running VMs at another site, for when this one is lost.

    What goes where, and how often, is in the topology's table [replication].
    """


@replicate.command()
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def now(ctx: click.Context, topology: Path, vms: tuple[str, ...], *, via: str | None, as_json: bool) -> None:
    """Send a point of each VM, or of those named, to the other site now.

    What was written since the last point is sent. One that broke off is gone on with. Exit code 1: at least one did
    not arrive; the last whole point of it stays good.

    \b
    Example: everprint cluster replicate now print.toml server
    """
    read, hosts, tasks = opened(topology, via, vms)
    report: list[dict[str, object]] = []
    for task in tasks:
        try:
            sent = replicate_one(read, hosts, task)
        except TROUBLES as error:
            report.append({"vm": task.vm.name, "failed": str(error)})
            if not as_json:
                click.secho(f"{task.vm.name}: no point arrived. {error}", fg="red", err=True)
            continue
        report.append(asdict(sent))
        if not as_json:
            click.echo(told(sent))
    if as_json:
        click.echo(json.dumps(report, indent=2))
    ctx.exit(1 if any("failed" in one for one in report) else 0)


@replicate.command()
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
def run(topology: Path, vms: tuple[str, ...], *, via: str | None) -> None:
    """Replicate each VM at its interval until it is ended: what the systemd unit runs.

    One line for each point that arrived, or why it did not.

    \b
    Example: everprint cluster replicate run /etc/everprint/cluster.toml
    """
    read, hosts, tasks = opened(topology, via, vms)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())

    def tell(vm: str, what: Sent | str) -> None:
        click.echo(told(what) if isinstance(what, Sent) else f"{vm}: no point arrived. {what}")

    keep_on(read, hosts, tasks, tell, ended, _END_WITHIN_S)


@replicate.command("list")
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "--metrics", is_flag=True, help="Print Prometheus's text format, for node_exporter's textfile collector."
)
@click.pass_context
def list_(
    ctx: click.Context, topology: Path, vms: tuple[str, ...], *, via: str | None, as_json: bool, metrics: bool
) -> None:
    """Show how far the other site is behind with each VM, and its points.

    The lag is the age of the newest whole point, by the cluster's clock. Exit code 1: a VM is later than the topology
    allows, or nothing is known of it.

    \b
    Example: everprint cluster replicate list print.toml
    """
    read, hosts, tasks = opened(topology, via, vms)
    settings = settings_of(read)
    named = {task.vm.name for task in tasks}
    found = [lag for lag in lags(read, settings, hosts) if lag.vm in named]
    wrong = list(findings(settings, found))
    if as_json:
        click.echo(
            json.dumps(
                {"vms": [lag.as_json() for lag in found], "findings": [one.as_json() for one in wrong]}, indent=2
            )
        )
    elif metrics:
        click.echo(as_metrics(found), nl=False)
    else:
        rows: list[Row] = [
            {
                "vm": lag.vm,
                "host": lag.host,
                "lag": "-" if lag.lag_s is None else f"{lag.lag_s:.0f} s",
                "points": len(lag.points),
                "newest": lag.points[-1].name if lag.points else None,
                "consistency": lag.points[-1].consistency.value if lag.points else None,
                "clock": "-" if lag.clocks_apart_s is None else f"{lag.clocks_apart_s:+.1f} s",
            }
            for lag in found
        ]
        columns = ("vm", "host", "lag", "points", "newest", "consistency", "clock")
        print_rows(rows, columns, as_json=False, nothing="Nothing is replicated.")
        for lag in found:
            if lag.serving or lag.trouble:
                click.echo(f"{lag.vm}: {lag.said}")
        for one in wrong:
            click.secho(f"{one.what}. {one.why}: {one.advice}", fg="red" if one.level is Level.FAIL else "yellow")
    ctx.exit(1 if level_of(wrong) is Level.FAIL else 0)


def opened(path: Path, via: str | None, vms: tuple[str, ...]) -> tuple[Topology, HostsByProgram, list[Task]]:
    """The topology, its hosts, and the VMs that are replicated, or those of them that are named."""
    read = topology_of(path)
    try:
        settings = settings_of(read)
    except ReplicationError as error:
        raise click.UsageError(str(error)) from error
    tasks = [Task(vm, how) for vm in vms_of(read, vms) if (how := settings.of(vm.name))]
    if missing := set(vms) - {task.vm.name for task in tasks}:
        raise click.UsageError(f"{', '.join(sorted(missing))}: the topology says `replicate = false`")
    return read, hosts_of(read, via), tasks


def told(sent: Sent) -> str:
    """A point that arrived, in a line."""
    facts = [
        f"{sent.kind}, {sent.consistency}",
        f"{sent.octets / _MIB:.1f} MiB from {sent.source} to {sent.target} in {sent.seconds:.1f} s",
        f"the guest stood for {sent.frozen_ms} ms",
        f"{sent.kept} points are there",
        *(["gone on with from where it broke off"] if sent.resumed else []),
        *sent.notes,
    ]
    return f"{sent.point}: {'; '.join(facts)}"

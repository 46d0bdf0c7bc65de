"""`everprint monitor`: plugins for Nagios, Icinga and whatever understands them."""

from __future__ import annotations

import ssl
from pathlib import Path

import click

from everprint.cli.cluster_overview import overview_of
from everprint.cli.cluster_topology import hosts_of, topology_argument, via_option
from everprint.cluster.check.finding import level_of
from everprint.cluster.live.status import NoCluster
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.lag import Lag, findings, lags
from everprint.cluster.replication.schedule import settings_of
from everprint.cluster.standing.overview import Overview
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import read_topology
from everprint.cluster.topology.replication import ReplicationSettings
from everprint.monitor.asking import NoHealth, NotOurs, ask_health
from everprint.monitor.health import Health, Level
from everprint.monitor.plugin import STATE_OF, Figure, Report, State, worst_of


@click.group()
def monitor() -> None:
    """Plugins for Nagios and Icinga: one line of state, performance data, exit code 0 to 3."""


@monitor.command()
@click.argument("url")
@click.option("--warning", type=float, default=2.0, show_default=True, metavar="SECONDS", help="Slower is a warning.")
@click.option("--critical", type=float, default=8.0, show_default=True, metavar="SECONDS", help="Slower is critical.")
@click.option("--timeout", type=float, default=10.0, show_default=True, metavar="SECONDS", help="How long to wait.")
@click.option(
    "--ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Believe certificates of this authority (PEM) instead of the system's.",
)
@click.pass_context
def health(ctx: click.Context, url: str, *, warning: float, critical: float, timeout: float, ca: Path | None) -> None:
    """Is the part at URL well? URL is its /health/ready or /health/live.

    Exit code 0 OK, 1 WARNING, 2 CRITICAL (something fails, it is too slow, or does not answer), 3 UNKNOWN (what
    answers is not Everprint).

    \b
    Example: everprint monitor health https://print.example.org:9192/health/ready
    """
    try:
        tls = ssl.create_default_context(cafile=str(ca)) if ca else None
        answered = ask_health(url, timeout, tls)
    except NoHealth as error:
        report = Report("EVERPRINT", State.CRITICAL, str(error))
    except (NotOurs, OSError) as error:
        report = Report("EVERPRINT", State.UNKNOWN, str(error))
    else:
        report = _of_health(answered.health, Figure("time", answered.seconds, "s", warning, critical))
    click.echo(str(report))
    ctx.exit(report.state)


@monitor.command()
@topology_argument
@via_option
@click.pass_context
def cluster(ctx: click.Context, topology: Path, *, via: str | None) -> None:
    """Does the cluster of the topology file run all that it should?

    Exit code 0 OK, 1 WARNING (less safety than planned: a host or fence device is missing, failures are counted),
    2 CRITICAL (something does not run, no majority, no host tells), 3 UNKNOWN (the file cannot be used).

    \b
    Example: everprint monitor cluster /etc/everprint/print.toml
    """
    try:
        read = read_topology(topology)
    except BadTopology as error:
        report = Report("CLUSTER", State.UNKNOWN, str(error))
    else:
        try:
            report = _of_cluster(overview_of(read, via))
        except NoCluster as error:
            report = Report("CLUSTER", State.CRITICAL, str(error))
    click.echo(str(report))
    ctx.exit(report.state)


@monitor.command()
@topology_argument
@via_option
@click.pass_context
def replicas(ctx: click.Context, topology: Path, *, via: str | None) -> None:
    """Are the replicas at the other site young enough?

    Exit code 0 OK, 1 WARNING (the clocks of the sites differ), 2 CRITICAL (one is too old, there is none, or nothing
    is known of it), 3 UNKNOWN (the file cannot be used).

    \b
    Example: everprint monitor replicas /etc/everprint/print.toml
    """
    try:
        read = read_topology(topology)
        settings = settings_of(read)
    except (BadTopology, ReplicationError) as error:
        report = Report("REPLICAS", State.UNKNOWN, str(error))
    else:
        report = _of_replicas(settings, lags(read, settings, hosts_of(read, via)))
    click.echo(str(report))
    ctx.exit(report.state)


def _of_replicas(settings: ReplicationSettings, found: list[Lag]) -> Report:
    wrong = list(findings(settings, found))
    oldest = max((lag.lag_s for lag in found if lag.lag_s is not None), default=0.0)
    text = "; ".join(one.what for one in wrong) or f"{len(found)} VMs, the oldest point is {oldest:.0f} s old"
    figures = tuple(
        Figure(f"lag_{lag.vm}", lag.lag_s, "s", critical=lag.late_after_s) for lag in found if lag.lag_s is not None
    )
    details = tuple(f"{lag.vm}: {lag.said}" for lag in found)
    return Report("REPLICAS", STATE_OF[level_of(wrong)], text, figures, details)


def _of_health(found: Health, took: Figure) -> Report:
    bad = [check for check in found.checks if check.level is not Level.OK]
    said = "; ".join(f"{check.name}: {check.message}" for check in bad) or f"{len(found.checks)} checks are well"
    if took.state is not State.OK:
        said += f"; it took {took.value:.1f} s to answer"
    counts = tuple(
        Figure(label, sum(check.level is level for check in found.checks))
        for label, level in (("failing", Level.FAIL), ("warning", Level.WARN))
    )
    details = tuple(f"[{check.level}] {check.name}: {check.message}" for check in found.checks)
    state = worst_of([STATE_OF[found.level], took.state])
    return Report("EVERPRINT", state, f"{found.question}: {said}", (took, *counts), details)


def _of_cluster(overview: Overview) -> Report:
    found = overview.status
    down = [one.name for one in found.resources if one.state != "started"]
    away = [f"{host.name} is {host.state}" for host in found.hosts if host.state != "online"]
    failures = sum(one.failures for one in found.resources)
    unguarded = [
        f"{vm.name}: {one.layer} is {one.state}{f' ({one.detail})' if one.detail else ''}"
        for vm in overview.vms
        for one in vm.layers
        if one.level is not Level.OK
    ]
    said = [
        *([] if found.has_quorum else ["no majority"]),
        *(f"{name} does not run" for name in down),
        *away,
        *([f"{failures} failures are counted"] if failures else []),
        *unguarded,
        *(f"{one.layer} cannot be told: {one.detail}" for one in overview.troubles),
    ]
    text = "; ".join(said) or f"{len(found.resources)} resources run on {len(found.hosts)} hosts"
    figures = (
        Figure("hosts_away", len(away)),
        Figure("resources_down", len(down)),
        Figure("failures", failures),
        Figure("layers_weak", len(unguarded) + len(overview.troubles)),
    )
    details = tuple(f"{one.name}: {one.state} on {one.host or 'no host'}" for one in found.resources)
    return Report("CLUSTER", STATE_OF[overview.level], text, figures, details)

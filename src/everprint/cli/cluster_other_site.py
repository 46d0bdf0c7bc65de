"""What `failover` and `failback` have in common: the topology, its other site, and how long a VM may take there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from everprint.cli.cluster_backup_target import via_and_topology
from everprint.cli.cluster_replicate import opened
from everprint.cluster.hosts.carrying import HostsByProgram
from everprint.cluster.replication.schedule import settings_of
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.replication import ReplicationSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def between_sites(command: _Command) -> _Command:
    """The argument TOPOLOGY and the options --via, --site, --within and --json."""
    options = (
        via_and_topology,
        click.option("--site", required=True, metavar="SITE", help="The other site: that of [replication]."),
        click.option(
            "--within",
            type=click.IntRange(5, 7200),
            default=600,
            show_default=True,
            help="Seconds for a VM to be ready.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON for programs. Nobody is asked then."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def opened_for(path: Path, via: str | None, site: str) -> tuple[Topology, HostsByProgram, ReplicationSettings]:
    """The topology, its hosts and its replication, which must go to that site."""
    read, hosts, _ = opened(path, via, ())
    settings = settings_of(read)
    if site != settings.site:
        raise click.UsageError(f"replicas are at {settings.site}, not at {site}")
    return read, hosts, settings


def nobody_is_asked_in_json(*, as_json: bool, would_ask: bool) -> None:
    """Refuses a command that would put a question into its JSON."""
    if as_json and would_ask:
        raise click.UsageError("--json needs --yes: a question has no place in it")

"""What the cluster's commands share: the topology file, and how hosts are reached."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from everprint.cluster.hosts.carrying import HostsByProgram
from everprint.cluster.hosts.ssh import SshHosts
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import read_topology

topology_argument = click.argument("topology", type=click.Path(path_type=Path, dir_okay=False), metavar="TOPOLOGY")
via_option = click.option(
    "--via",
    metavar="PROGRAM",
    help="Reach hosts by this program instead of ssh; it is called with the host's name and the command.",
)


class RefusedTopology(click.ClickException):
    """Each mistake in a line of its own, as compilers say them, so that editors find the place."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        click.echo(self.message, err=True)


def topology_of(path: Path) -> Topology:
    """The topology in the file; exit code 2 and all its mistakes if there are any."""
    try:
        return read_topology(path)
    except BadTopology as error:
        raise RefusedTopology(str(error)) from error


def hosts_of(topology: Topology, via: str | None) -> HostsByProgram:
    """How the topology's hosts are reached."""
    if via is None:
        return SshHosts(topology)
    try:
        program = shlex.split(via)
    except ValueError as error:
        raise click.UsageError(f"--via {via!r} cannot be taken apart: {error}") from error
    if not program:
        raise click.UsageError("--via names no program")
    return HostsVia(program)

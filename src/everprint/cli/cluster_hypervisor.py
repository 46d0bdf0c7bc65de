"""`everprint cluster hypervisor`: VMs on a platform that makes them available itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from everprint.cli.cluster_topology import topology_argument, topology_of
from everprint.cli.command_list import CommandList
from everprint.cluster.hypervisor.capabilities import ask_capabilities
from everprint.cluster.hypervisor.connection import Connection, HypervisorTrouble
from everprint.cluster.topology.model import Topology


@click.group(cls=CommandList)
def hypervisor() -> None:
    """VMs on a platform that makes them available itself: start, stop, look at them. `cluster status` shows them."""


@hypervisor.command()
@topology_argument
@click.argument("vm")
def start(topology: Path, vm: str) -> None:
    """Start a VM.

    \b
    Example: everprint cluster hypervisor start print.toml server
    """
    connection = _connection(topology_of(topology), vm)
    try:
        found = connection.start(vm)
    except HypervisorTrouble as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{vm} is {found.word}.")


@hypervisor.command()
@topology_argument
@click.argument("vm")
@click.option("--force", is_flag=True, help="Cut its power instead of asking it to shut down.")
def stop(topology: Path, vm: str, *, force: bool) -> None:
    """Ask a VM to shut down, or cut its power.

    The platform may start it again: tell it first that this is wanted.

    \b
    Example: everprint cluster hypervisor stop print.toml server
    """
    connection = _connection(topology_of(topology), vm)
    try:
        found = connection.stop(vm, by_force=force)
    except HypervisorTrouble as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{vm} is {found.word}." if found.word == "shut off" else f"{vm} was asked to shut down.")


@hypervisor.command()
@topology_argument
@click.argument("vm")
@click.option(
    "--screen",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a picture of its screen into FILE instead.",
)
def console(topology: Path, vm: str, *, screen: Path | None) -> None:
    """Join this terminal to a VM's console; Ctrl-] leaves it.

    \b
    Example: everprint cluster hypervisor console print.toml server
    """
    connection = _connection(topology_of(topology), vm)
    if screen is None:
        if not sys.stdin.isatty():
            raise click.UsageError("a console needs a terminal; say --screen FILE for a picture")
        command = connection.console_command(vm)
        os.execvp(command[0], command)  # noqa: S606 (virsh itself: it is the terminal's from here on)
    try:
        connection.take_screen(vm, str(screen.absolute()))
    except HypervisorTrouble as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{vm}'s screen is in {screen}.")


@hypervisor.command()
@topology_argument
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def capabilities(topology: Path, *, as_json: bool) -> None:
    """Ask the platform's driver what it can do, and say what follows from what it lacks.

    \b
    Example: everprint cluster hypervisor capabilities print.toml
    """
    read = topology_of(topology)
    connection = _connection(read, read.vms[0].name)
    try:
        found = ask_capabilities(connection, read.vms[0].name)
    except HypervisorTrouble as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
        return
    for one in found:
        click.echo(f"{one.name}: " + ("yes" if one.has else f"NO; {one.without}"))


def _connection(read: Topology, vm: str) -> Connection:
    if read.hypervisor is None:
        raise click.UsageError("this topology has no [hypervisor]: Pacemaker starts and stops its VMs")
    names = [one.name for one in read.vms]
    if vm not in names:
        raise click.UsageError(f"there is no VM {vm}; known: {', '.join(names)}")
    return Connection(read.hypervisor.uri)

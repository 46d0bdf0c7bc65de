"""`everprint cluster lab`: a cluster on this machine to rehearse on."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TypeVar

import click

from everprint.cli.cluster_topology import topology_of
from everprint.cli.command_list import CommandList
from everprint.cluster.compilation.domain import console_log
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster

_CONSOLE_OCTETS = 64 << 10
_Command = TypeVar("_Command", bound=Callable[..., None])


def _folder_option(command: _Command) -> _Command:
    return click.option(
        "--folder",
        type=click.Path(path_type=Path),
        default=Path(".lab/cluster"),
        show_default=True,
        envvar="EVERPRINT_LAB_FOLDER",
        help="Folder of the lab; or the variable EVERPRINT_LAB_FOLDER. Another folder is another lab.",
    )(command)


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except LabError as error:
        raise click.ClickException(str(error)) from None


@click.group(cls=CommandList)
def lab() -> None:
    """Rehearse on this machine: real Corosync, Pacemaker and fence agents on hosts that are namespaces.

    Needs root. Nothing of the machine's network or mounts is touched, and nothing is left after `down`.
    """


@lab.command()
@click.argument("topology", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=False)
@_folder_option
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path("/"),
    show_default=True,
    help="Root file system below every host's own changes: it must have the engine's packages.",
)
@click.option(
    "--image",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of the image (everprint cluster image build) that the topology's VMs start from.",
)
def up(topology: Path | None, folder: Path, root: Path, image: Path | None) -> None:
    """Start the hosts of TOPOLOGY, or three hosts if none is named, and apply it to them.

    With an image, the topology's VMs are started from it; without TOPOLOGY, an Application Server and two print
    servers. Ends when the cluster has formed and runs what is configured.

    \b
    Example:
      everprint cluster lab up && everprint cluster lab kill alpha && everprint cluster lab status
    """
    began = time.monotonic()
    own = resources.files("everprint.cluster.lab").joinpath("mode-1-and-2.toml" if image else "rehearsal.toml")
    if topology is not None:
        topology_of(topology)  # says all mistakes, with the file's own name
    text = own.read_text("utf-8") if topology is None else topology.read_text("utf-8")
    with _said_plainly():
        laboratory = Laboratory(folder)
        laboratory.up(
            text,
            lambda line: click.echo(f"... {line}", err=True),
            root=root.resolve(),
            image=image and image.resolve(),
        )
        name = laboratory.plan().name
    click.echo(f"The cluster {name} runs after {time.monotonic() - began:.1f} s.")


@lab.command()
@_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def status(folder: Path, as_json: bool) -> None:
    """Show each host's power, cables and BMCs, how the engine sees it, and what runs where."""
    with _said_plainly():
        laboratory = Laboratory(folder)
        states = laboratory.states()
    try:
        engine = laboratory.status()
    except NoCluster:
        engine = None
    heard = {} if engine is None else {host.name: host.state for host in engine.hosts}
    rows: list[dict[str, object]] = [
        {
            "host": state.name,
            "power": state.on,
            "plugged": state.plugged,
            "bmcs": state.bmcs,
            "engine": heard.get(state.name, "unknown"),
            "runs": [] if engine is None else list(engine.on(state.name)),
        }
        for state in states
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for state in states:
        words = ["on" if state.on else "off", heard.get(state.name, "unknown")]
        words += [] if state.plugged else ["cables out"]
        words += [] if state.bmcs else ["no BMC answers"]
        runs = () if engine is None else engine.on(state.name)
        click.echo(f"{state.name:12} {', '.join(words):32} {' '.join(runs)}".rstrip())


@lab.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@_folder_option
@click.argument("host")
@click.argument("argv", nargs=-1, type=click.UNPROCESSED)
def run(folder: Path, host: str, argv: tuple[str, ...]) -> None:
    """Run ARGV at HOST as root, or a shell without ARGV.

    Ends as it ended; 255 says that the host is off. It is what --via of the other commands takes.

    \b
    Examples:
      everprint cluster lab run alpha crm_mon -1
      everprint cluster check --via "everprint cluster lab run" topology.toml
    """
    try:
        command = Laboratory(folder).entering(host, argv or ("sh", "-i"))
    except LabError as error:
        click.echo(f"Error: {error}", err=True)
        raise click.exceptions.Exit(255) from None
    os.execvp(command[0], command)  # noqa: S606 - an argv list, and no shell in between


@lab.command()
@_folder_option
@click.argument("vm")
def console(folder: Path, vm: str) -> None:
    """Join this terminal to VM's console, wherever it runs; Ctrl-] leaves it.

    Without a terminal: print the end of what the console has shown at the host that runs it now.

    \b
    Examples:
      everprint cluster lab console server
      everprint cluster lab console server | tail -n 20
    """
    with _said_plainly():
        laboratory = Laboratory(folder)
        vms = [one.name for one in laboratory.topology().vms]
        if vm not in vms:
            raise click.ClickException(f"the lab has no VM {vm}; it has {', '.join(vms) or 'none'}")
        try:
            hosts = [one.host for one in laboratory.status().resources if one.name == vm and one.host]
        except NoCluster as error:
            raise click.ClickException(str(error)) from None
        if not hosts:
            raise click.ClickException(f"{vm} runs nowhere now; `everprint cluster lab status` shows what runs where")
        shown = ["tail", "-c", str(_CONSOLE_OCTETS), console_log(vm)]
        command = laboratory.entering(hosts[0], ["virsh", "console", vm] if sys.stdin.isatty() else shown)
    os.execvp(command[0], command)  # noqa: S606 - an argv list, and no shell in between


@lab.command()
@_folder_option
@click.argument("host")
@click.option("--with-bmc", is_flag=True, help="Its BMCs lose their power, too: nobody can say then that it is off.")
def kill(folder: Path, host: str, with_bmc: bool) -> None:
    """Pull HOST's power plug."""
    with _said_plainly():
        if with_bmc:
            Laboratory(folder).do("bmc-off", host)
        Laboratory(folder).do("off", host)
    click.echo(f"{host} is off.")


@lab.command()
@_folder_option
@click.argument("host")
def start(folder: Path, host: str) -> None:
    """Switch HOST on, and its BMCs if they lost their power. It joins the cluster by itself."""
    with _said_plainly():
        Laboratory(folder).do("bmc-on", host)
        Laboratory(folder).do("on", host)
    click.echo(f"{host} is on.")


@lab.command()
@_folder_option
@click.argument("host")
def freeze(folder: Path, host: str) -> None:
    """Stop every process of HOST where it stands; thaw lets them go on."""
    with _said_plainly():
        Laboratory(folder).do("freeze", host)
    click.echo(f"{host} stands still.")


@lab.command()
@_folder_option
@click.argument("host")
def thaw(folder: Path, host: str) -> None:
    """Let the processes of a frozen HOST go on, if it was not fenced meanwhile."""
    with _said_plainly():
        Laboratory(folder).do("thaw", host)
    click.echo(f"{host} goes on.")


@lab.command()
@_folder_option
@click.argument("host")
@click.option("--link", type=click.IntRange(0, 1), help="Only the cable of the first link (0) or of the second (1).")
def partition(folder: Path, host: str, link: int | None) -> None:
    """Pull all network cables of HOST; it goes on by itself. They stay out, also when it is started again."""
    with _said_plainly():
        laboratory = Laboratory(folder)
        if link is not None and link >= len(laboratory.plan().host(host).addresses):
            raise click.UsageError(f"{host} has no link {link}")
        laboratory.do("unplug", host, *([] if link is None else [str(link)]))
    click.echo(f"{host} is cut off." if link is None else f"{host} has lost link {link}.")


@lab.command()
@_folder_option
@click.argument("host")
def heal(folder: Path, host: str) -> None:
    """Plug the network cables of HOST in again."""
    with _said_plainly():
        Laboratory(folder).do("plug", host)
    click.echo(f"{host} has its cables again.")


@lab.command()
@_folder_option
@click.argument("host")
@click.option("--off", "verb", flag_value="bmc-off", default=True, help="They lose their power.  [default]")
@click.option("--on", "verb", flag_value="bmc-on", help="They have power.")
@click.option("--refuse", "verb", flag_value="bmc-refuse", help="They answer, and do nothing.")
@click.option("--obey", "verb", flag_value="bmc-obey", help="They do again what they are asked for.")
def bmc(folder: Path, host: str, verb: str) -> None:
    """Take the power from HOST's BMCs, or let them refuse: fencing that does not answer, or fails."""
    with _said_plainly():
        Laboratory(folder).do(verb, host)
    click.echo(f"The BMCs of {host}: {verb.removeprefix('bmc-')}.")


@lab.command()
@_folder_option
def down(folder: Path) -> None:
    """End the lab and remove all that it made, also what is left of one that was killed."""
    with _said_plainly():
        Laboratory(folder).down()
    click.echo("Nothing is left of the lab.")

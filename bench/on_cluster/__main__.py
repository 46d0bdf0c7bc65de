"""`make bench-cluster`: a cluster in the lab, and how long it takes when something of it starts, fails or is moved.

One run, in which everything is compared to the boot of the same VM; it leaves nothing behind.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import click

from bench.machine import debian_version, describe_machine
from bench.on_cluster.figure import Figure, not_measured, table_of
from bench.on_cluster.ground import Ground
from bench.on_cluster.measures import MEASURES, TROUBLES, boot_of, take_measures
from bench.progress import say
from bench.report import markdown, write_report
from everprint.cluster.drill.lab_stage import lab_drill, lab_stage
from everprint.cluster.drill.people import Client
from everprint.cluster.image.build import QCOW2, RAW
from everprint.cluster.topology.reader import parse_topology
from rig.vm_lab import FOLDER, Stopped, build_missing_image, lab_with_vms, stop_at_signals, topology_text

_TITLE = "The cluster: what starts, fails, moves and is drained, and how long it takes"
_PACKAGES = {
    "QEMU": "qemu-system-x86",
    "libvirt": "libvirt-daemon",
    "Pacemaker": "pacemaker",
    "Corosync": "corosync",
}
_NOT_USED = ("CUPS", "PostgreSQL")
_PATH = click.Path(path_type=Path)


def _names(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(value.replace(",", " ").split())
    for name in names:
        if name not in MEASURES:
            raise click.BadParameter(f"there is no {name}; there are {', '.join(MEASURES)}")
    return names or tuple(MEASURES)


@click.command()
@click.option("--only", default="", callback=_names, help=f"Of: {', '.join(MEASURES)}. Ratios need boot.  [all]")
@click.option("--times", type=click.IntRange(1, 20), default=1, show_default=True, help="Each failure so often.")
@click.option("--output", type=_PATH, help="Write the table to this file too: .json, or else Markdown.")
@click.option("--image", type=_PATH, default=FOLDER / "image", help="Folder of the image; built if missing.")
@click.option("--folder", type=_PATH, default=FOLDER / "bench", help="Folder of the lab.")
@click.option("--reports", type=_PATH, default=FOLDER / "drills", help="Folder that the drills' reports are kept in.")
@click.option("--patience", type=float, default=600.0, show_default=True, help="Seconds that any step may take.")
@click.option(
    "--health-timeout", type=click.IntRange(1, 600), help="Seconds instead of what the lab's topology says."
)
@click.pass_context
def main(
    ctx: click.Context,
    only: tuple[str, ...],
    times: int,
    output: Path | None,
    image: Path,
    folder: Path,
    reports: Path,
    patience: float,
    health_timeout: int | None,
) -> None:
    """Measures a cluster of three hosts and three VMs in the lab. Needs root."""
    text = topology_text() if health_timeout is None else with_health_timeout(topology_text(), health_timeout)
    machine = {key: value for key, value in describe_machine().items() if key not in _NOT_USED}
    machine |= {name: debian_version(package) for name, package in _PACKAGES.items()}
    figures: list[Figure] = []
    is_whole = False
    stop_at_signals()
    try:
        _measure(figures, text, only, times, image, folder, reports, patience)
        is_whole = True
    except Stopped:
        say("stopped")
    result = table_of(_TITLE, figures, boot_of(figures), notes_of(text))
    click.echo(markdown(machine, [result]))
    if output is not None:
        write_report(output, machine, [result])
    ctx.exit(0 if is_whole and all(figure.is_well for figure in figures) else 1)


def _measure(
    figures: list[Figure],
    text: str,
    names: tuple[str, ...],
    times: int,
    image: Path,
    folder: Path,
    reports: Path,
    patience_s: float,
) -> None:
    """Adds what is measured to the rows. What keeps the lab from coming up is a row, too."""
    try:
        built_s = build_missing_image(image, say)
    except subprocess.CalledProcessError as error:
        figures.append(not_measured("image build", f"it ended with exit code {error.returncode}; it has said why"))
        return
    figures += image_figures(image, built_s)
    began = time.monotonic()
    try:
        with lab_with_vms(folder, image, text, say) as laboratory:
            figures.append(
                Figure("lab: from nothing to three VMs whose services answer", (time.monotonic() - began,))
            )
            say("Setting up a user, a queue at each print server for one printer, and what a side costs")
            with lab_stage(laboratory, patience_s) as stage:
                drill = lab_drill(laboratory, stage, patience_s, say, _nothing)
                take_measures(Ground(laboratory, drill, times, reports, say), names, figures)
    except TROUBLES as error:
        say(f"The lab failed: {error}")
        figures.append(not_measured("lab", error))


def image_figures(image: Path, built_s: float | None) -> list[Figure]:
    """How long the build took if it was built in this run, and what the image weighs."""
    octets = {name: (image / name).stat().st_blocks * 512 for name in (RAW, QCOW2) if (image / name).exists()}
    weights = ", ".join(f"{name} {size / 2**20:.0f} MiB ({size:,} octets)" for name, size in octets.items())
    what = f"image build: {weights} on disk"
    return [Figure(what, said="was there") if built_s is None else Figure(what, (built_s,))]


def with_health_timeout(text: str, seconds: int) -> str:
    """The topology with another time for a service that gives no good answer."""
    changed, count = re.subn(r"(?m)^health_timeout = .*$", f'health_timeout = "{seconds} s"', text)
    assert count == 1, "the lab's topology says it once"
    return changed


def notes_of(text: str) -> list[str]:
    """Without these the table would mislead."""
    timing = parse_topology(text, "topology.toml").timing
    return [
        "Guests are emulated (TCG), and share the machine's processors with each other, the printer and who prints.",
        "Medians, with the least and the greatest if it was done several times. The median of the boots is 1.",
        "Seconds from each failure on. The target of a host kill is what it takes beside a boot.",
        f"A hung application is noticed after the topology's `monitor` ({timing.monitor_ms / 1000:g} s) and "
        f"`health_timeout`, {timing.health_timeout_ms / 1000:g} s here and 6 s where a topology says nothing; on a "
        "host that is short of processors it has three times as long.",
        "Jobs: accepted while it happened; of those not printed, printed more than once, and charged never or twice.",
    ]


def _nothing(_: Client) -> None:
    """Nobody looks on: jobs are in the table."""


if __name__ == "__main__":
    sys.exit(main())

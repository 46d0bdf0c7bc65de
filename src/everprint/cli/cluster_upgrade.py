"""`everprint cluster upgrade`: another image for all VMs, one after the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.live.status import NoCluster
from everprint.cluster.topology.reader import parse_topology
from everprint.cluster.upgrade.boot_table import image_of, with_image, write_topology
from everprint.cluster.upgrade.errors import CannotUpgrade
from everprint.cluster.upgrade.image_at_hosts import check_image
from everprint.cluster.upgrade.rolling import roll


@click.command()
@topology_argument
@click.argument("image", required=False)
@via_option
@click.option("--back", is_flag=True, help="Go back to the image of before; IMAGE is not named then.")
@click.option(
    "--within",
    type=click.IntRange(1, 86_400),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long a VM may take to be ready after its restart.",
)
def upgrade(topology: Path, image: str | None, *, via: str | None, back: bool, within: int) -> None:
    """Bring all VMs to the image in the folder IMAGE on the hosts, one VM at a time.

    Every host must have it, whole. The topology file is changed first; then each VM is restarted and waited for until
    its service is ready. Stops at the first that does not come back. Interrupted, it goes on when called again.

    \b
    Examples:
      everprint cluster upgrade print.toml /srv/everprint/images/2026-12
      everprint cluster upgrade print.toml --back
    """
    if back == (image is not None):
        raise click.UsageError("name an IMAGE, or say --back")
    read = topology_of(topology)
    if read.hypervisor:
        raise click.UsageError("the hypervisor has these VMs; give them the new system disk there")
    hosts = hosts_of(read, via)
    try:
        current = image_of(read.boot)
        wanted = _wanted(image, read.boot.before)
        text = topology.read_text("utf-8")
        before = read.boot.before if wanted == current else current
        changed = with_image(text, wanted, before) if wanted != current else text
        check_image(read, hosts, wanted)
        if changed != text:
            write_topology(topology, changed)
            click.echo(f"{topology} names {wanted} now; before it was {before}.")
        boot = parse_topology(changed, str(topology)).boot
        count = roll(replace(read, boot=boot), hosts, click.echo, ready_within_s=within)
    except (CannotUpgrade, HostRefuses, HostUnreachable, NoCluster, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"All VMs are on {wanted}; {count} were restarted.")


def _wanted(image: str | None, before: str) -> str:
    if image is None:
        if not before:
            raise CannotUpgrade("[boot] names no image of before")
        return before
    if not image.startswith("/"):
        raise click.UsageError("IMAGE is a folder on the hosts: write its whole path")
    return image.rstrip("/")

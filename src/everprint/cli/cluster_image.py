"""`everprint cluster image`: the one VM image, and who a VM is that boots from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import click

from everprint.cli.command_list import CommandList
from everprint.cluster.image.errors import ImageError

_FOLDER = Path(".lab/image")
_CACHE = Path(".lab/cache")
_UNITS_SHOWN = 12
_PATH = click.Path(path_type=Path)


@click.group(cls=CommandList)
def image() -> None:
    """The VM image: one for every role.

    What a VM is (Application Server, print server, database) comes from its seed, a small disk beside the image.
    """


@image.command()
@click.option("--out", type=_PATH, default=_FOLDER, show_default=True, help="Folder that the image is put in.")
@click.option(
    "--cache", type=_PATH, default=_CACHE, show_default=True, help="Folder of what a second build takes again."
)
@click.option("--source", type=_PATH, help="Checkout to install; the one that this command runs from by default.")
@click.option("--fresh", is_flag=True, help="Fetch Debian's packages anew: with all security updates of today.")
@click.option("--twice", is_flag=True, help="Build it twice, and say what differs; exit code 1 if anything does.")
def build(out: Path, cache: Path, source: Path | None, fresh: bool, twice: bool) -> None:
    """Build the image: a raw and a qcow2 disk, the kernel and the initrd. Needs root.

    Debian's packages come from the mirrors that apt uses on this machine.

    \b
    Example:
      everprint cluster image build --out /srv/images/everprint
    """
    from everprint.cluster.image.build import build_image, differences
    from everprint.cluster.image.fitting_out import find_source

    try:
        source = source or find_source()
        image, steps = build_image(out.absolute(), cache.absolute(), source.absolute(), fresh=fresh, say=_say)
        for step in steps:
            click.echo(f"{step.seconds:7.1f} s  {step.name}")
        click.echo(f"{sum(step.seconds for step in steps):7.1f} s  in all")
        click.echo(f"{out}: release {image.release}")
        for name, digest in image.digests.items():
            click.echo(f"  {name:14} {(out / name).stat().st_blocks * 512 / 2**20:6.0f} MiB  sha256 {digest}")
        if twice:
            second = out.absolute().with_name(f"{out.name}-again")
            again, _ = build_image(second, cache.absolute(), source.absolute(), fresh=False, say=_say)
            found = differences(image, again)
            for difference in found:
                click.echo(f"differs: {difference}")
            if found:
                raise click.exceptions.Exit(1)
            click.echo("Both builds are the same, octet for octet.")
    except ImageError as error:
        raise click.ClickException(str(error)) from None


@image.command("try")
@click.option("--image", "folder", type=_PATH, default=_FOLDER, show_default=True, help="Folder of the image.")
@click.option(
    "--role", type=click.Choice(["server", "provider"]), default="server", show_default=True, help="What the VM is."
)
@click.option(
    "--boots", type=click.IntRange(1, 20), default=2, show_default=True, help="How many; the first sets it up."
)
@click.option("--accelerator", default="tcg", show_default=True, help="QEMU's: kvm, or tcg where there is no KVM.")
@click.option("--within", type=click.IntRange(5, 3600), default=300, show_default=True, help="Seconds for each boot.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def try_(folder: Path, role: str, boots: int, accelerator: str, within: int, as_json: bool) -> None:
    """Boot the image here, and show where the seconds go. Needs no root.

    Each boot ends by a power cut once the service says that it is ready. A print server is enrolled at an Application
    Server from the same image, which is booted before. CPU is what QEMU used until then, on all processors: it tells
    more than the clock if the machine has other work.
    """
    from everprint.cluster.image.trial import try_image

    try:
        found = try_image(folder, role=role, boots=boots, accelerator=accelerator, within_s=within, say=_say)
    except ImageError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps([asdict(boot) for boot in found], indent=1))
        return
    for number, boot in enumerate(found, start=1):
        click.echo(f"\nBoot {number}: the {role} was ready {boot.answered_s:.1f} s after QEMU was started,")
        click.echo(f"with {boot.cpu_s:.1f} s of CPU")
        click.echo(f"{'guest':>9} {'':>8} {'CPU':>9}")
        before = 0.0
        for mark in boot.marks:
            click.echo(f"{mark.up_s:7.2f} s  +{mark.up_s - before:5.2f} {mark.cpu_s:7.2f} s  {mark.what}")
            before = mark.up_s
        click.echo(f"{'from':>9} {'took':>9}")
        for unit in boot.units[:_UNITS_SHOWN]:
            click.echo(f"{unit.began_s:7.2f} s {unit.took_s:7.2f} s  {unit.name}")


@image.command()
def code() -> None:
    """Make a code by which one print server can be enrolled, for the seeds of both sides.

    It goes into `codes` of the Application Server's seed and into `enrol` of the print server's.
    """
    from everprint.contract.enrolment_codes import new_code

    click.echo(new_code())


@image.command()
@click.argument("out", type=_PATH)
@click.option("--image", "folder", type=_PATH, default=_FOLDER, show_default=True, help="Folder of the image.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["ova", "vhdx", "qcow2", "raw"]),
    help="ova for VMware, vhdx for Hyper-V, qcow2 (packed) or raw; what OUT ends with by default.",
)
def export(out: Path, folder: Path, kind: str | None) -> None:
    """Write the image to OUT in a hypervisor's own format.

    The VM starts by UEFI firmware without Secure Boot. It wants a second, empty disk for its data, which an OVA
    brings along, and its seed as a CD or a disk.

    \b
    Example:
      everprint cluster image export everprint.ova
    """
    from everprint.cluster.image.export import KINDS, export_image

    kind = kind or out.suffix.removeprefix(".")
    if kind not in KINDS:
        raise click.UsageError(f"{out}: name it .ova, .vhdx, .qcow2 or .raw, or say --format")
    try:
        export_image(folder, kind, out)
    except ImageError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {out.stat().st_size / 2**20:.0f} MiB")


@image.command()
@click.argument("out", type=_PATH)
@click.option("--name", required=True, help="Host name of the VM.")
@click.option("--address", default="", help="Its address with the prefix length, 10.0.0.5/24; DHCP without one.")
@click.option("--gateway", default="", help="Address of its router.")
@click.option("--name-server", "name_servers", multiple=True, help="Address of a DNS server; may be given again.")
@click.option(
    "--everprint",
    "role_file",
    type=click.File("r", encoding="utf-8"),
    required=True,
    help="JSON file with the roles and what they need; - reads standard input.",
)
@click.option("--ssh-key", "ssh_keys", multiple=True, help="A line of authorized_keys for root; may be given again.")
def seed(
    out: Path,
    name: str,
    address: str,
    gateway: str,
    name_servers: tuple[str, ...],
    role_file: TextIO,
    ssh_keys: tuple[str, ...],
) -> None:
    """Write the seed of one VM to OUT: a small disk that says who it is.

    What the VM would refuse is refused here. The file holds passwords: only you can read it.

    \b
    Example:
      everprint cluster image seed north.seed --name north --address 10.0.0.6/24 --everprint north.json
    """
    from everprint.cluster.image.guest.take_role import SeedError, parse
    from everprint.cluster.image.seed import Seed, write_seed

    try:
        everprint = parse(role_file.read(), getattr(role_file, "name", "standard input"))
        write_seed(Seed(name, everprint, address, gateway, name_servers, ssh_keys), out)
    except (ImageError, SeedError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: the seed of {name}. Attach it to the VM as a disk.")


def _say(line: str) -> None:
    click.echo(f"... {line}", err=True)

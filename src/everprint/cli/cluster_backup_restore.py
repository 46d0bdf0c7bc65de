"""`everprint cluster backup verify` and `restore`: restore points in use."""

from __future__ import annotations

import json
from pathlib import Path

import click

from everprint.cli.cluster_backup_target import TROUBLES, backups_of, host_known, via_and_topology, vms_of
from everprint.cluster.backup import restoring
from everprint.cluster.backup.bringing_back import Workshop
from everprint.cluster.backup.point import Point
from everprint.cluster.backup.repository import Contents, Repository
from everprint.cluster.backup.verifying import Proof, chosen
from everprint.cluster.backup.verifying import verify as verify_point
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.topology.model import Topology, VirtualMachine

_host_option = click.option("--host", metavar="HOST", help="Where to do it; the first host that answers by default.")


@click.command()
@via_and_topology
@click.argument("vms", nargs=-1, metavar="[VM]...")
@click.option("--point", "name", default="", metavar="POINT", help="This point; the VM's last by default.")
@click.option("--all", "every", is_flag=True, help="Every point; only the last of each VM is booted.")
@click.option("--no-boot", "no_boot", is_flag=True, help="Only bring the files back and compare their digests.")
@click.option(
    "--within", type=click.IntRange(5, 7200), default=600, show_default=True, help="Seconds for a copy to be ready."
)
@_host_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def verify(
    ctx: click.Context,
    topology: Path,
    vms: tuple[str, ...],
    *,
    via: str | None,
    name: str,
    every: bool,
    no_boot: bool,
    within: int,
    host: str | None,
    as_json: bool,
) -> None:
    """Prove restore points by using them: the last one of each VM, or of those named.

    Each is brought back aside, and every digest compared. The copy is booted on a network of its own until it says
    that it is ready, and an application server's ledger is audited in it. Nothing that runs is touched. Exit code 1:
    something is wrong with a point.

    \b
    Examples:
      everprint cluster backup verify print.toml
      everprint cluster backup verify print.toml server --all --no-boot
    """
    read, hosts, repository = _opened(topology, via, host)
    proofs: list[Proof] = []
    try:
        contents = repository.contents(read.name)
        workshop = Workshop(hosts, repository)
        for vm in vms_of(read, vms):
            last = chosen(contents, vm, name)
            for point in _points(contents, vm, last, every=every):
                boots = not no_boot and point == last
                proof = verify_point(read, vm, workshop, contents, point, boot_within_s=within if boots else 0)
                proofs.append(proof)
                if not as_json:
                    _tell(proof)
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"points": [proof.as_json() for proof in proofs]}, indent=2))
    ctx.exit(0 if all(proof.is_good for proof in proofs) else 1)


def _points(contents: Contents, vm: VirtualMachine, last: Point, *, every: bool) -> list[Point]:
    return contents.of(vm.name) if every else [last]


def _tell(proof: Proof) -> None:
    if proof.damage:
        click.secho(f"{proof.point}: NOT GOOD. {proof.damage}", fg="red")
        return
    facts = [f"every digest of {len(proof.chain)} points is right"]
    if proof.ready_s is not None:
        facts.append(f"the copy was ready after {proof.ready_s:.1f} s")
    if proof.audit:
        facts.append(proof.audit)
    click.secho(f"{proof.point}: good. {proof.consistency}; {'; '.join(facts)}", fg="green")


@click.command()
@via_and_topology
@click.argument("vm")
@click.option("--point", "name", default="", metavar="POINT", help="This point; the VM's last by default.")
@click.option("--into", metavar="FOLDER", help="An empty or new folder on the host, for whole disks or for files.")
@click.option(
    "--in-place", is_flag=True, help="Replace the VM's own disk, which is kept beside. The VM must not run."
)
@click.option(
    "--file", "files", multiple=True, metavar="PATH", help="Only this file or folder of the disk; may be given again."
)
@_host_option
def restore(
    topology: Path,
    vm: str,
    *,
    via: str | None,
    name: str,
    into: str | None,
    in_place: bool,
    files: tuple[str, ...],
    host: str | None,
) -> None:
    """Bring a VM back from a restore point: into a folder, in its own place, or only files of it.

    Every digest is compared first. With --into nothing that runs is touched. --in-place is refused while the VM runs
    anywhere, or while that is not known.

    \b
    Examples:
      everprint cluster backup restore print.toml server --into /srv/restored
      everprint cluster backup restore print.toml server --in-place --point server-20261127T020000Z
      everprint cluster backup restore print.toml server --file /server/everprint.sqlite3 --into /tmp/files
    """
    if in_place == bool(into):
        raise click.UsageError("say either --into FOLDER or --in-place")
    if files and not into:
        raise click.UsageError("files go into a folder: say --into FOLDER")
    if into and not into.startswith("/"):
        raise click.UsageError(f"{into} is on a host: write an absolute path")
    read, hosts, repository = _opened(topology, via, host)
    (one,) = vms_of(read, (vm,))
    try:
        contents = repository.contents(read.name)
        point = chosen(contents, one, name)
        workshop = Workshop(hosts, repository)
        if in_place:
            done = restoring.restore_in_place(read, one, workshop, contents, point)
        elif files:
            done = restoring.restore_files(workshop, contents, point, files, str(into))
        else:
            done = restoring.restore_into(workshop, contents, point, str(into))
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{point.name} is back on {done.host}:")
    for path in done.files:
        click.echo(f"  {path}")
    for path in done.kept:
        click.echo(f"Kept as it was: {path}")


def _opened(path: Path, via: str | None, host: str | None) -> tuple[Topology, Hosts, Repository]:
    read, hosts, reached = backups_of(path, via)
    if host:
        settings = read.backup
        assert settings is not None
        return read, hosts, Repository(hosts, host_known(read, host), settings)
    try:
        return read, hosts, reached(read, hosts)
    except TROUBLES as error:
        raise click.ClickException(str(error)) from error

"""The virtual machines of a lab: all from one image, each with a disk for its data, and a seed that says who it is.

Without an image their disks are empty: firmware runs, which is enough to see VMs start, move and be fenced.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from everprint.cluster.compilation.names import disk_of, seed_of
from everprint.cluster.image.build import INITRD, KERNEL, RAW
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.recipe import COMMAND_LINE
from everprint.cluster.image.seed import Seed, write_seed
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.whereabouts import ADMINISTRATOR, SERVER_PORT, server_url
from everprint.cluster.topology.model import (
    Accelerator,
    GuestBoot,
    Migration,
    Protection,
    Role,
    Storage,
    StorageKind,
    Topology,
    VirtualMachine,
)
from everprint.contract.enrolment_codes import new_code

_FILES = (RAW, KERNEL, INITRD)
_EMPTY_SEED_OCTETS = 1 << 20


def on_namespaces(topology: Topology, *, has_image: bool) -> Topology:
    """The topology with VMs as hosts run them that are namespaces: emulated, moved by TCP, on one machine's folders.

    Without an image no service answers in them, and the engine looks after the VM alone. Raises LabError for VMs that
    the lab cannot make.
    """
    if not topology.vms:
        return topology
    for vm in topology.vms:
        storage = topology.storage_of(vm)
        if not (storage.path and (storage.is_shared or storage.is_mirrored)):
            raise LabError(
                f"{topology.file}: {vm.name} is on {storage.kind} storage; the lab has folders that hosts share, and "
                "mirrors"
            )
        first = topology.vms[0]
        if has_image and topology.storage_of(first).is_mirrored and vm.storage != first.storage:
            raise LabError(f"{topology.file}: {vm.name} cannot reach the image, which is with {first.name}'s disk")
        if has_image and vm.role is Role.DATABASE:
            raise LabError(f"{topology.file}: {vm.name} is a database; the lab's Application Servers have their own")
    path, line = topology.storage_of(topology.vms[0]).path, topology.boot.line
    image = GuestBoot(f"{path}/{KERNEL}", f"{path}/{INITRD}", COMMAND_LINE, f"{path}/{RAW}", line)
    return replace(
        topology,
        vms=topology.vms if has_image else tuple(map(_without_service, topology.vms)),
        boot=image if has_image else GuestBoot("", "", "", "", line),
        accelerator=Accelerator.TCG,
        migration=Migration("qemu+tcp://%s/system", topology.migration.line),
        # Whatever it is on real hosts: here it is one folder of this machine, and libvirt takes our word for that.
        storage=tuple(
            replace(one, kind=StorageKind.SHARED_FOLDER, source="") if one.path and one.is_shared else one
            for one in topology.storage
        ),
    )


def prepare_disks(
    topology: Topology, image: Path | None, storage_folder: Path, password: str, known_codes: Mapping[str, str]
) -> None:
    """Puts the image, and each VM's disk and seed, where the hosts look for them. Raises LabError.

    `known_codes` are print servers' that an Application Server outside of the VMs has made.
    """
    if image is not None:
        for home in _homes(topology.storage_of(topology.vms[0]), storage_folder):
            _put_image(image, home)
    codes = {vm.name: new_code() for vm in topology.vms if vm.role is Role.PRINT_SERVER} | dict(known_codes)
    for vm in topology.vms:
        storage = topology.storage_of(vm)
        homes = [home / Path(disk_of(vm, storage)).name for home in _homes(storage, storage_folder)]
        disk, seed = homes[0], homes[0].with_name(Path(seed_of(vm, storage)).name)
        for home in homes:
            home.parent.mkdir(parents=True, exist_ok=True)
            home.with_name(seed.name).write_bytes(bytes(_EMPTY_SEED_OCTETS))
        _run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), f"{vm.disk_mib}M"])
        if image is None:
            continue
        network = topology.network(vm.network)
        identity = Seed(
            name=vm.name,
            everprint=_identity(topology, vm, codes, password),
            address=f"{vm.address}/{network.addresses.prefixlen}",
            gateway=str(network.gateway or ""),
        )
        try:
            write_seed(identity, seed)
        except ImageError as error:
            raise LabError(f"{vm.name}: {error}") from error
        for home in homes[1:]:
            # Not the disk, which is copied as it is written: this one only says who the VM is, wherever it starts.
            shutil.copy(seed, home.with_name(seed.name))


def _identity(topology: Topology, vm: VirtualMachine, codes: dict[str, str], password: str) -> dict[str, object]:
    if vm.role is Role.APPLICATION_SERVER:
        return {
            "roles": ["server"],
            "administrator": {"name": ADMINISTRATOR, "password": password},
            "server": {"http_listen": [f"*:{SERVER_PORT}"], "own_certificate": False},
            "codes": list(codes.values()),
        }
    enrol = {"server": vm.reports_to or server_url(topology), "code": codes[vm.name], "name": vm.name}
    return {"roles": ["provider"], "enrol": enrol}


def _without_service(vm: VirtualMachine) -> VirtualMachine:
    return replace(vm, protection=Protection.HA) if vm.protection is Protection.APP_HA else vm


def _homes(storage: Storage, storage_folder: Path) -> list[Path]:
    """The storage's folder as this machine has it: the shared one, or each host's own, first that of the disks."""
    if storage.is_mirrored:
        hosts = storage_folder.parent / "hosts"
        return [hosts / host / "upper" / storage.path.lstrip("/") for host in storage.hosts]
    return [storage_folder / storage.name]


def _put_image(image: Path, home: Path) -> None:
    missing = [name for name in _FILES if not (image / name).exists()]
    if missing:
        raise LabError(f"{image} has no {missing[0]}: make an image with `everprint cluster image build`")
    home.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        _put(image / name, home / name)


def _put(source: Path, target: Path) -> None:
    """A second name for the file, which nobody writes; a copy if the image is on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _run(argv: list[str]) -> None:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise LabError(f"{argv[0]} failed: {ended.stderr.strip()}")

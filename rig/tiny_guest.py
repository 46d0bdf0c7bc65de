"""A guest small enough for a test: Debian's kernel, busybox, the guest agent, a data disk, and a health page.

It boots in seconds in software alone. Its kernel is fetched once by apt and kept, its programs are this machine's.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.image import cpio
from rig.debian_kernel import MODULES, NoKernel, debian_kernel

_AGENT = "/usr/sbin/qemu-ga"
_BUSYBOX = "/bin/busybox"

# Mounts the data disk, answers /health/ready, and lets the agent run programs.
_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /bin /proc /sys /dev /data /www/health /var/run /tmp
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read -r module; do insmod /lib/modules/$module; done </lib/modules/order
for number in $(seq 100); do [ -b /dev/vda ] && break; usleep 50000; done
mount -t ext4 /dev/vda /data || { echo "tiny guest: no data"; poweroff -f; }
ip link set lo up; ip link set eth0 up; ip address add ADDRESS dev eth0
[ -s /data/ledger ] && echo ready >/www/health/ready
httpd -p PORT -h /www
echo "tiny guest: up"
until ls /dev/vport*p1 >/dev/null 2>&1; do usleep 100000; done
while :; do qemu-ga -m virtio-serial -p /dev/vport*p1 -t /var/run; sleep 1; done
"""
# Stands where the VM image has them. The audit counts the ledger's lines, so that a damaged one is told from a whole;
# as a print server it tells the jobs that are in a file of its disk.
_RUNUSER = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""
_EVERPRINT = """#!/bin/sh
[ "$1 $2" = "provider jobs" ] && echo "[$(paste -s -d, /data/jobs)]" && exit 0
[ "$(wc -l </data/ledger)" = "$(cat /data/lines)" ] && echo '{"findings": []}' && exit 0
echo '{"findings": ["a line of the ledger is missing"]}'
exit 1
"""


class GuestImpossible(Exception):
    """This machine lacks what a tiny guest is made of. Says what."""


@dataclass(frozen=True)
class TinyGuest:
    """What QEMU starts."""

    kernel: Path
    initrd: Path


def make_tiny_guest(folder: Path, address: str, port: int) -> TinyGuest:
    """Kernel and initrd, in the folder. Raises GuestImpossible."""
    for program, package in ((_AGENT, "qemu-guest-agent"), (_BUSYBOX, "busybox-static")):
        if not Path(program).is_file():
            raise GuestImpossible(f"{package} is not installed")
    try:
        tree = debian_kernel()
    except NoKernel as error:
        raise GuestImpossible(str(error)) from error
    guest = TinyGuest(folder / "vmlinuz", folder / "initrd")
    shutil.copyfile(tree / "vmlinuz", guest.kernel)
    init = _INIT.replace("ADDRESS", address).replace("PORT", str(port))
    folders = (
        "bin",
        "dev",
        "lib",
        "lib64",
        "lib/x86_64-linux-gnu",
        "lib/modules",
        "proc",
        "sys",
        "usr",
        "usr/sbin",
        "opt",
        "opt/everprint",
        "opt/everprint/bin",
    )
    members = [cpio.folder(path) for path in folders]
    members += [
        cpio.file("init", init.encode(), program=True),
        cpio.file("bin/busybox", Path(_BUSYBOX).read_bytes(), program=True),
        cpio.file("usr/sbin/runuser", _RUNUSER.encode(), program=True),
        cpio.file("opt/everprint/bin/everprint", _EVERPRINT.encode(), program=True),
        cpio.file("bin/qemu-ga", Path(_AGENT).read_bytes(), program=True),
    ]
    for library in _libraries(_AGENT):
        members.append(cpio.file(library.lstrip("/"), Path(library).read_bytes(), program=True))
    for name in MODULES:
        members.append(cpio.file(f"lib/modules/{name}.ko", (tree / "modules" / f"{name}.ko").read_bytes()))
    members.append(cpio.file("lib/modules/order", "".join(f"{name}.ko\n" for name in MODULES).encode()))
    guest.initrd.write_bytes(gzip.compress(cpio.archive(members), 1, mtime=0))
    return guest


def make_data_disk(disk: Path, files: dict[str, str], size: str = "64M") -> None:
    """A qcow2 disk with an ext4 file system that holds these files."""
    with tempfile.TemporaryDirectory() as folder:
        content, raw = Path(folder) / "content", Path(folder) / "raw"
        for name, text in files.items():
            path = content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        subprocess.run(
            ["mke2fs", "-q", "-F", "-t", "ext4", "-d", content, raw, size], check=True, stdout=subprocess.DEVNULL
        )
        subprocess.run(["qemu-img", "convert", "-q", "-O", "qcow2", raw, disk], check=True)


def _libraries(program: str) -> list[str]:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", said)

"""A guest that takes documents: an image as small as one can be, for a fault-tolerant VM of the lab.

Its service speaks by lines. `job UUID OCTETS` and so many octets: the document goes to the data disk, the job to the
ledger on it, once however often it is sent; the answer is `accepted UUID SHA256`, after all is on disk. `ledger`: how
often each job was charged.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from everprint.cluster.image import cpio
from everprint.cluster.image.build import INITRD, KERNEL, RAW
from rig.debian_kernel import MODULES, debian_kernel

PORT, HEALTH_PORT = 8080, 8631
_BUSYBOX = Path("/bin/busybox")
_SYSTEM_OCTETS = 1 << 20

# The data disk is the second one: before it is the image's.
_INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
while read -r module; do insmod /lib/modules/$module; done </lib/modules/order
until [ -b /dev/vdb ]; do usleep 50000; done
ip link set lo up
ip address add ADDRESS dev eth0
ip link set eth0 up
mkdir -p /spool /www/health
echo lives >/www/health/live
httpd -p HEALTH_PORT -h /www
ledger=$(dd if=/dev/vdb bs=4096 count=1 2>/dev/null | tr -d '\\0')
echo "$ledger" >/spool/ledger
echo "streaming guest: up"
while :; do nc -ll -p PORT -e /service; sleep 1; done
"""
_SERVICE = """#!/bin/busybox sh
PATH=/bin
while read -r word uuid octets; do
    case $word in
    job)
        head -c "$octets" >/spool/document
        dd if=/spool/document of=/dev/vdb bs=4096 seek=256 conv=fsync,notrunc 2>/dev/null
        if ! grep -q "^$uuid " /spool/ledger; then
            echo "$uuid charged" >>/spool/ledger
            dd if=/spool/ledger of=/dev/vdb bs=4096 conv=fsync,notrunc 2>/dev/null
        fi
        sum=$(dd if=/dev/vdb bs=4096 skip=256 2>/dev/null | head -c "$octets" | sha256sum)
        echo "accepted $uuid ${sum%% *}"
        ;;
    ledger) grep . /spool/ledger; echo end ;;
    esac
done
"""


def make_image(folder: Path, address: str) -> None:
    """The image's files in the folder; the guest has that address (with its prefix length). Raises NoKernel."""
    tree = debian_kernel()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(tree / "vmlinuz", folder / KERNEL)
    (folder / RAW).write_bytes(bytes(_SYSTEM_OCTETS))
    members = [cpio.folder(path) for path in ("bin", "dev", "lib", "lib/modules", "proc")]
    init = _INIT.replace("ADDRESS", address).replace("HEALTH_PORT", str(HEALTH_PORT)).replace("PORT", str(PORT))
    members += [
        cpio.file("init", init.encode(), program=True),
        cpio.file("service", _SERVICE.encode(), program=True),
        cpio.file("bin/busybox", _BUSYBOX.read_bytes(), program=True),
        cpio.file("lib/modules/order", "".join(f"{name}.ko\n" for name in MODULES).encode()),
    ]
    for name in MODULES:
        members.append(cpio.file(f"lib/modules/{name}.ko", (tree / "modules" / f"{name}.ko").read_bytes()))
    (folder / INITRD).write_bytes(cpio.archive(members))

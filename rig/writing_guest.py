"""A guest that writes what it is told, and says so when its disk has it: Debian's kernel, busybox, a data disk.

It is spoken to over its second serial line. A word is appended to the file of records, synced, and then said back;
the word `all` is answered with every record and `end`.
"""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from everprint.cluster.image import cpio
from rig.debian_kernel import MODULES, NoKernel, debian_kernel
from rig.tiny_guest import GuestImpossible, TinyGuest

_BUSYBOX = "/bin/busybox"
_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /bin /proc /sys /dev /data
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
while read -r module; do insmod /lib/modules/$module; done </lib/modules/order
for number in $(seq 100); do [ -b /dev/vda ] && break; usleep 50000; done
mount -t ext4 /dev/vda /data || { echo "no data"; poweroff -f; }
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo up >&3
while read -r word <&3; do
    if [ "$word" = all ]; then cat /data/records >&3; echo end >&3; continue; fi
    echo "$word" | dd of=/data/records oflag=append conv=notrunc,fsync 2>/dev/null && echo "$word" >&3
done
"""


def make_writing_guest(folder: Path) -> TinyGuest:
    """Kernel and initrd, in the folder. Raises GuestImpossible."""
    if not Path(_BUSYBOX).is_file():
        raise GuestImpossible("busybox-static is not installed")
    try:
        tree = debian_kernel()
    except NoKernel as error:
        raise GuestImpossible(str(error)) from error
    guest = TinyGuest(folder / "vmlinuz", folder / "initrd")
    shutil.copyfile(tree / "vmlinuz", guest.kernel)
    members = [cpio.folder(path) for path in ("bin", "dev", "lib", "lib/modules", "proc", "sys")]
    members.append(cpio.file("init", _INIT.encode(), program=True))
    members.append(cpio.file("bin/busybox", Path(_BUSYBOX).read_bytes(), program=True))
    modules = {name: (tree / "modules" / f"{name}.ko").read_bytes() for name in MODULES}
    members += [cpio.file(f"lib/modules/{name}.ko", module) for name, module in modules.items()]
    members.append(cpio.file("lib/modules/order", "".join(f"{name}.ko\n" for name in MODULES).encode()))
    guest.initrd.write_bytes(gzip.compress(cpio.archive(members), 1, mtime=0))
    return guest

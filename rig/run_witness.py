"""A guest that writes down on its own disk that it ran, and a reader that tells from it whether two ever did at once.

Each run of the guest is a *run* with a token that no host gives it: its kernel's boot id. It looks for the first free
slot of its disk, notes how far the run before it had counted, and then counts, ten times a second, each count synced.
So the disk itself tells: what a later run saw at its beginning must still be where the earlier one is, or that one
wrote after the later one had begun. Two that take one slot at once are seen by their claims: a block for each token.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from everprint.cluster.image import cpio
from rig.debian_kernel import debian_kernel
from rig.tiny_guest import GuestImpossible

_BUSYBOX = Path("/bin/busybox")
_MODULES = ("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk")
BLOCK = 512
SLOT_BLOCKS = 32
"""Of a slot: its head, that is overwritten with each count, and claims."""
CLAIMS = 31
SLOTS = 64
DISK_OCTETS = SLOTS * SLOT_BLOCKS * BLOCK

_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /bin /proc /sys /dev
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t devtmpfs dev /dev
while read -r module; do insmod /lib/modules/$module; done </lib/modules/order
for number in $(seq 200); do [ -b /dev/DISK ] && break; usleep 50000; done
token=$(cat /proc/sys/kernel/random/boot_id)
block() { dd if=/dev/DISK bs=512 skip="$1" count=1 iflag=direct 2>/dev/null | tr -d '\\0'; }
put() { printf '%-511s\\n' "$2" | dd of=/dev/DISK bs=512 seek="$1" conv=notrunc,fsync 2>/dev/null; }
slot=0 before=
while head=$(block $((slot * SLOT_BLOCKS))); [ -n "$head" ]; do before=$head; slot=$((slot + 1)); done
set -- $before
before=${3:-0}
put $((slot * SLOT_BLOCKS)) "run $token 0 $before"
claim=$(printf '%s' "$token" | cksum | cut -d ' ' -f 1)
put $((slot * SLOT_BLOCKS + 1 + claim % CLAIMS)) "$token"
echo "run witness: slot $slot, the one before counted to $before"
count=0
while :; do
    count=$((count + 1))
    put $((slot * SLOT_BLOCKS)) "run $token $count $before"
    usleep 100000
done
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the guest, from its slot."""

    slot: int
    token: str
    count: int
    """How far it has counted."""
    before: int
    """How far the run in the slot before had counted when this one began."""
    claims: tuple[str, ...]
    """The tokens of all that took this slot."""


class NoWitness(Exception):
    """The disk cannot be read as one that the guest wrote. Says why."""


def make_witness(folder: Path, disk: str = "vdb") -> None:
    """`vmlinux`, `initrd` and an empty `everprint.raw` in the folder, as an image has. Raises GuestImpossible."""
    if not _BUSYBOX.is_file():
        raise GuestImpossible("busybox-static is not installed")
    tree = debian_kernel()
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(tree / "vmlinuz", folder / "vmlinux")
    (folder / "everprint.raw").write_bytes(bytes(1 << 20))
    words = {"DISK": disk, "SLOT_BLOCKS": str(SLOT_BLOCKS), "CLAIMS": str(CLAIMS)}
    init = _INIT
    for word, value in words.items():
        init = init.replace(word, value)
    members = [cpio.folder(path) for path in ("bin", "dev", "lib", "lib/modules", "proc", "sys")]
    members += [cpio.file("init", init.encode(), program=True)]
    members += [cpio.file("bin/busybox", _BUSYBOX.read_bytes(), program=True)]
    members += [
        cpio.file(f"lib/modules/{name}.ko", (tree / "modules" / f"{name}.ko").read_bytes()) for name in _MODULES
    ]
    members.append(cpio.file("lib/modules/order", "".join(f"{name}.ko\n" for name in _MODULES).encode()))
    (folder / "initrd").write_bytes(gzip.compress(cpio.archive(members), 1, mtime=0))


def read_runs(disk: Path, image_format: str = "qcow2") -> list[Run]:
    """The runs that a disk tells of, in order; it may be in use. Raises NoWitness."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        words = ["qemu-img", "convert", "-q", "-U", "-f", image_format, "-O", "raw", str(disk), str(raw)]
        copied = subprocess.run(words, capture_output=True, text=True, check=False)
        if copied.returncode != 0:
            raise NoWitness(copied.stderr.strip())
        with raw.open("rb") as stream:
            octets = stream.read(DISK_OCTETS)
    return runs_in(octets)


def runs_in(octets: bytes) -> list[Run]:
    """The runs that the beginning of a raw disk tells of. Raises NoWitness."""
    runs = []
    for slot in range(SLOTS):
        texts = [_text(octets, slot * SLOT_BLOCKS + number) for number in range(SLOT_BLOCKS)]
        head, claims = texts[0].split(), tuple(text for text in texts[1:] if text)
        if not head:
            break
        if len(head) != 4 or head[0] != "run" or not (head[2].isdigit() and head[3].isdigit()):
            raise NoWitness(f"slot {slot} has {texts[0]!r}")
        runs.append(Run(slot, head[1], int(head[2]), int(head[3]), claims))
    return runs


def overlaps(runs: list[Run]) -> list[str]:
    """What shows that two runs were there at once, in words; nothing: no two were."""
    found = [
        f"slot {run.slot} was taken by {run.token} and by {', '.join(sorted(set(run.claims) - {run.token}))}"
        for run in runs
        if set(run.claims) - {run.token}  # one that was ended before its claim has none
    ]
    for earlier, later in pairwise(runs):
        if earlier.count != later.before:
            found.append(
                f"run {earlier.token} had counted to {later.before} when run {later.token} began, "
                f"and went on to {earlier.count}"
            )
    return found


def _text(octets: bytes, block: int) -> str:
    return octets[block * BLOCK : (block + 1) * BLOCK].rstrip(b"\0").decode("ascii", "replace").strip()

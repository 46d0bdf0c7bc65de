"""The small guest: an image's kernel and drivers, with a first program of its own in front of them."""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

from everprint.cluster.image import cpio

ADDRESS, PREFIX, PORT = "198.18.0.60", 24, 8080
"""Of the block for tests of networks (RFC 2544); nothing of it leaves the trial's own namespaces."""
MAC = "52:54:00:65:76:60"
BLOCK_OCTETS = 512
"""The guest puts each number that it answers into a block of its own, in sequence."""


def make_initrd(image: Path, out: Path) -> None:
    """The image's initrd with our two programs behind it: of two files of one name the kernel takes the later."""
    folder = resources.files(__package__)
    init = folder.joinpath("guest_init").read_text("utf-8")
    init = init.replace("GUEST_ADDRESS", f"{ADDRESS}/{PREFIX}").replace("GUEST_PORT", str(PORT))
    count = folder.joinpath("guest_count").read_bytes()
    members = [cpio.file("init", init.encode(), program=True), cpio.file("count", count, program=True)]
    out.write_bytes((image / "initrd").read_bytes() + gzip.compress(cpio.archive(members), 6, mtime=0))


def last_number(disk: bytes) -> int:
    """The last number on a copy of the guest's disk, up to which none is missing."""
    number = 0
    while disk[(number + 1) * BLOCK_OCTETS :].startswith(f"{number + 1}\n".encode()):
        number += 1
    return number

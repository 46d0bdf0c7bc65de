"""The kernel's two shapes, the order of drivers, and the archive that the kernel unpacks."""

from __future__ import annotations

import lzma
import struct
import subprocess
from pathlib import Path

import pytest

from everprint.cluster.image import cpio, kernel
from everprint.cluster.image.errors import ImageError

MODULES_DEP = """\
kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/mbcache.ko kernel/fs/jbd2/jbd2.ko
kernel/fs/jbd2/jbd2.ko:
kernel/lib/crc16.ko:
kernel/fs/mbcache.ko:
kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko
kernel/drivers/virtio/virtio_ring.ko:
kernel/drivers/char/hw_random/virtio-rng.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko
"""


def bz_image(payload: bytes) -> bytes:
    """A boot sector that says it has one set-up sector, and the payload 256 octets after it."""
    head = bytearray(1024)
    head[0x1F1] = 1
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 256, len(payload))
    return bytes(head) + bytes(256) + payload + b"what follows"


def test_the_elf_is_taken_out() -> None:
    elf = b"\x7fELF" + bytes(range(256)) * 99
    # Debian appends the size to what xz made.
    packed = lzma.compress(elf, lzma.FORMAT_XZ, check=lzma.CHECK_CRC32) + struct.pack("<I", len(elf))
    assert kernel.elf_of(bz_image(packed)) == elf


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"", "no bzImage"),
        (bytes(4096), "no bzImage"),
        (bz_image(b"something else"), "not xz"),
        (bz_image(lzma.compress(b"no program")), "no ELF"),
    ],
)
def test_something_else_is_refused(image: bytes, said: str) -> None:
    with pytest.raises(ImageError, match=said):
        kernel.elf_of(image)


def test_each_driver_is_loaded_after_what_it_needs() -> None:
    dependencies = kernel.read_dependencies(MODULES_DEP)
    order = [Path(path).stem for path in kernel.loading_order(["virtio_pci", "ext4", "virtio_rng"], dependencies)]
    assert order == ["virtio_ring", "virtio", "virtio_pci", "jbd2", "mbcache", "crc16", "ext4", "virtio-rng"]


def test_what_is_built_in_is_not_loaded() -> None:
    assert kernel.loading_order(["tmpfs"], kernel.read_dependencies(MODULES_DEP)) == []


def test_a_tree_has_one_kernel(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="found 0"):
        kernel.kernel_version(tmp_path)
    folder = tmp_path / "usr/lib/modules/6.1.0-9-amd64"
    folder.mkdir(parents=True)
    (folder / "modules.dep").touch()
    assert kernel.kernel_version(tmp_path) == "6.1.0-9-amd64"


def test_another_program_unpacks_the_archive(tmp_path: Path) -> None:
    packed = cpio.archive(
        [
            cpio.folder("bin"),
            cpio.file("bin/tool", b"#!/bin/sh\n", program=True),
            cpio.file("odd", b"abc"),
            cpio.link("bin/sh", "tool"),
        ]
    )
    subprocess.run(["cpio", "-i", "--quiet", "-d"], input=packed, cwd=tmp_path, check=True)
    assert (tmp_path / "bin/tool").read_bytes() == b"#!/bin/sh\n"
    assert (tmp_path / "bin/tool").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "odd").read_bytes() == b"abc"
    assert (tmp_path / "bin/sh").readlink() == Path("tool")

"""The kernel in two shapes, and its drivers in the order in which they can be loaded.

Firmware starts the compressed one (bzImage). QEMU starts the ELF inside of it at once (the PVH entry): nothing is
unpacked by an emulated processor, which saves most of a second.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from everprint.cluster.image.errors import ImageError

_HEADER_MAGIC = b"HdrS"
_LARGEST = 1 << 28


def elf_of(bz_image: bytes) -> bytes:
    """The ELF image inside a bzImage (Documentation/x86/boot.rst: payload_offset, payload_length).

    Raises ImageError if it is none, or if it is not packed with xz as Debian's are.
    """
    if len(bz_image) < 0x268 or bz_image[0x202:0x206] != _HEADER_MAGIC:
        raise ImageError("the kernel is no bzImage: its header is missing")
    sectors = bz_image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", bz_image, 0x248)
    start = (sectors + 1) * 512 + offset
    unpack = lzma.LZMADecompressor(lzma.FORMAT_XZ)
    try:
        elf = unpack.decompress(bz_image[start : start + length], _LARGEST)
    except lzma.LZMAError as error:
        raise ImageError(f"the kernel's payload is not xz: {error}") from None
    if not elf.startswith(b"\x7fELF"):
        raise ImageError("the kernel's payload is no ELF image")
    return elf


def read_dependencies(modules_dep: str) -> dict[str, tuple[str, list[str]]]:
    """Module name to its path and the paths that it needs, from modules.dep(5)."""
    found = {}
    for line in modules_dep.splitlines():
        path, colon, needs = line.partition(":")
        if colon:
            found[_name(path)] = (path, needs.split())
    return found


def loading_order(wanted: Iterable[str], dependencies: Mapping[str, tuple[str, list[str]]]) -> list[str]:
    """Paths of the wanted modules and of all that they need, each after what it needs.

    A module that the kernel has built in is not in modules.dep and not in the list.
    """
    ordered: dict[str, None] = {}
    for name in wanted:
        path, needs = dependencies.get(name, ("", []))
        # modules.dep lists the needs in the reverse order of loading.
        for needed in reversed(needs):
            ordered[needed] = None
        if path:
            ordered[path] = None
    return list(ordered)


def kernel_version(tree: Path) -> str:
    """The release of the one kernel in a tree.

    Raises ImageError if there is none or more than one.
    """
    found = sorted(path.name for path in (tree / "usr/lib/modules").glob("*") if (path / "modules.dep").exists())
    if len(found) != 1:
        raise ImageError(f"{tree}: expected one kernel, found {len(found)} ({', '.join(found) or 'none'})")
    return found[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].replace("-", "_")

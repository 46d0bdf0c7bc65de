"""One disk for every hypervisor: a GPT with the EFI system partition, and the system as a read-only erofs.

The kernel with its initrd and command line is one EFI program (a unified kernel image, as systemd-stub(7) reads it):
no boot loader, nothing to configure. Every identifier and every time is fixed: the same tree is the same disk.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from everprint.cluster.image import recipe
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import need, run

_MIB = 1 << 20
_FIRST = 1 * _MIB
_EFI_SIZE = 64 * _MIB
_TAIL = 1 * _MIB
_NAMESPACE = uuid.UUID("5f0b7a0e-6f0e-4f57-9a55-6d2b1f2c9d11")
_EFI_TYPE, _ROOT_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
# Where systemd's stub wants its parts in memory: apart from each other and from the stub.
_SECTIONS = ((".osrel", 0x20000), (".cmdline", 0x30000), (".linux", 0x2000000), (".initrd", 0x4000000))
_STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub"


def make_system(tree: Path, out: Path, release: str) -> None:
    """The tree as a file system: packed with lz4, which even an emulated processor unpacks quickly.

    Raises ImageError.
    """
    need("mkfs.erofs")
    run(
        ["mkfs.erofs", "-zlz4", f"-T{recipe.EPOCH}", f"-U{uuid.uuid5(_NAMESPACE, release)}", out, tree],
        environment={"SOURCE_DATE_EPOCH": str(recipe.EPOCH)},
    )


def make_efi_program(tree: Path, scratch: Path, linux: Path, initrd: Path) -> Path:
    """The kernel as firmware starts it. Raises ImageError."""
    need("objcopy")
    command_line = scratch / "cmdline"
    command_line.write_text(recipe.COMMAND_LINE)
    parts = (tree / "usr/lib/os-release", command_line, linux, initrd)
    out = scratch / "BOOTX64.EFI"
    argv: list[str | Path] = ["objcopy", "--enable-deterministic-archives"]
    for (section, address), path in zip(_SECTIONS, parts, strict=True):
        argv += ["--add-section", f"{section}={path}", "--change-section-vma", f"{section}={address:#x}"]
    run([*argv, tree / _STUB, out])
    out.write_bytes(without_time(out.read_bytes()))
    return out


def without_time(program: bytes) -> bytes:
    """An EFI program with the image's moment instead of that at which it was linked, and without a checksum over it.

    Firmware looks at neither (PE format: TimeDateStamp of the COFF header, CheckSum of the optional one; 0 is none).

    Raises ImageError if it is no such program.
    """
    changed = bytearray(program)
    start = int.from_bytes(program[0x3C:0x40], "little")
    if program[:2] != b"MZ" or program[start : start + 4] != b"PE\0\0" or len(program) < start + 92:
        raise ImageError("the kernel's EFI stub is no EFI program: its PE header is missing")
    changed[start + 8 : start + 12] = recipe.EPOCH.to_bytes(4, "little")
    changed[start + 88 : start + 92] = bytes(4)
    return bytes(changed)


def make_disk(system: Path, efi_program: Path, scratch: Path, out: Path, release: str) -> None:
    """The whole disk as a raw file with holes. Raises ImageError."""
    need("mformat", "mcopy", "sfdisk")
    efi = scratch / "efi.fat"
    efi.unlink(missing_ok=True)
    serial = uuid.uuid5(_NAMESPACE, f"{release} efi").hex[:8]
    os.utime(efi_program, (recipe.EPOCH, recipe.EPOCH))
    fixed = {"SOURCE_DATE_EPOCH": str(recipe.EPOCH), "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1"}
    run(["mformat", "-C", "-i", efi, "-T", str(_EFI_SIZE // 512), "-h", "64", "-s", "32", "-F", "-N", serial, "::"])
    run(["mmd", "-i", efi, "::/EFI", "::/EFI/BOOT"], environment=fixed)
    run(["mcopy", "-m", "-i", efi, efi_program, "::/EFI/BOOT/BOOTX64.EFI"], environment=fixed)
    start = _FIRST + _EFI_SIZE
    size = -(-system.stat().st_size // _MIB) * _MIB
    with out.open("wb") as file:
        file.truncate(start + size + _TAIL)
    table = (
        f"label: gpt\nlabel-id: {uuid.uuid5(_NAMESPACE, f'{release} disk')}\n"
        f"start={_FIRST // 512}, size={_EFI_SIZE // 512}, type={_EFI_TYPE}, name=everprint-efi, "
        f"uuid={uuid.uuid5(_NAMESPACE, f'{release} part 1')}\n"
        f"start={start // 512}, size={size // 512}, type={_ROOT_TYPE}, name=everprint-system, "
        f"uuid={uuid.uuid5(_NAMESPACE, f'{release} part 2')}\n"
    )
    run(["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", out], given=table)
    _put(efi, out, _FIRST)
    _put(system, out, start)


def _put(source: Path, disk: Path, offset: int) -> None:
    with source.open("rb") as read, disk.open("r+b") as write:
        position = offset
        while block := read.read(_MIB):
            if block.count(0) != len(block):
                write.seek(position)
                write.write(block)
            position += len(block)

"""The image for hypervisors with formats of their own: OVA for VMware, VHDX for Hyper-V, or one file as it is."""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from everprint.cluster.image import ovf, recipe
from everprint.cluster.image.build import RAW, read_image
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import need, run

_NAME = "everprint"
_PROCESSORS, _MEMORY_MIB = 2, 2048
_DATA_SIZE = 20 << 30


def export_image(folder: Path, kind: str, out: Path) -> None:
    """Writes the image as one file of that kind (a key of KINDS). What is there is replaced by a whole one.

    Raises ImageError.
    """
    need("qemu-img")
    read_image(folder)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out.absolute().parent) as name:
        new = Path(name) / out.name
        try:
            KINDS[kind](folder / RAW, new)
            new.replace(out)
        except OSError as error:
            raise ImageError(f"{out} cannot be written: {error.strerror}") from None


def _raw(disk: Path, out: Path) -> None:
    run(["cp", "--sparse=always", disk, out])


def _convert(format_: str, *options: str) -> Callable[[Path, Path], None]:
    def convert(disk: Path, out: Path) -> None:
        run(["qemu-img", "convert", "-f", "raw", "-O", format_, *options, disk, out])
        run(["qemu-img", "check", "-q", "-f", format_, out])

    return convert


def _ova(disk: Path, out: Path) -> None:
    """A tar archive with the description first, then the digests, then the disk (DSP0243, section 5.3)."""
    packed = out.with_name(f"{_NAME}-system.vmdk")
    _convert("vmdk", "-o", "subformat=streamOptimized")(disk, packed)
    machine = ovf.Machine(
        _NAME, _PROCESSORS, _MEMORY_MIB, packed.name, packed.stat().st_size, disk.stat().st_size, _DATA_SIZE
    )
    described = ovf.describe(machine)
    with packed.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    listed = ovf.manifest([(f"{_NAME}.ovf", hashlib.sha256(described).hexdigest()), (packed.name, digest)])
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in ((f"{_NAME}.ovf", described), (f"{_NAME}.mf", listed)):
            archive.addfile(_entry(name, len(content)), io.BytesIO(content))
        with packed.open("rb") as file:
            archive.addfile(_entry(packed.name, packed.stat().st_size), file)
    packed.unlink()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o644, recipe.EPOCH
    return entry


KINDS: dict[str, Callable[[Path, Path], None]] = {
    "ova": _ova,
    "vhdx": _convert("vhdx", "-o", "subformat=dynamic"),
    "qcow2": _convert("qcow2", "-c"),
    "raw": _raw,
}

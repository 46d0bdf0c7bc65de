"""Building an image, from the machine's own mirror and this checkout to files that a hypervisor starts."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from everprint.cluster.image import disk, fitting_out, initrd, kernel, mirror
from everprint.cluster.image.base_tree import make_base_tree
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import need, run

MANIFEST = "image.json"
RAW, QCOW2, KERNEL, INITRD = "everprint.raw", "everprint.qcow2", "vmlinux", "initrd"


@dataclass(frozen=True)
class Image:
    """A built image: a folder with the disk in two formats, and the kernel and initrd that are in it, too.

    `digests` are SHA-256 of the raw disk, the kernel and the initrd; `packages` the lines "name version" of Debian's.
    """

    folder: Path
    release: str
    digests: dict[str, str]
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """How long a step of the build took."""

    name: str
    seconds: float


def build_image(
    out: Path, cache: Path, source: Path, *, fresh: bool, say: Callable[[str], None]
) -> tuple[Image, list[Step]]:
    """Builds the image into a folder, replacing the image that is there only when the new one is whole.

    Raises ImageError.
    """
    if os.geteuid() != 0:
        raise ImageError("building an image makes a root file system and needs root: run it with sudo")
    need("mmdebstrap", "mkfs.erofs", "mformat", "objcopy", "sfdisk", "qemu-img")
    steps: list[Step] = []

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began = time.monotonic()
        say(name)
        yield
        steps.append(Step(name, time.monotonic() - began))

    cache.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=cache) as name:
        scratch = Path(name)
        new = scratch / "image"
        new.mkdir()
        with step("Debian packages"):
            base = make_base_tree(cache, mirror.read_sources(), fresh=fresh, say=say)
        version = fitting_out.version_of(source, base)
        release = str(version["release"])
        with step("Kernel and initrd"):
            release_of_kernel = kernel.kernel_version(base.path)
            linux = base.path / f"boot/vmlinuz-{release_of_kernel}"
            (new / KERNEL).write_bytes(kernel.elf_of(linux.read_bytes()))
            (new / INITRD).write_bytes(initrd.make_initrd(base.path))
            efi_program = disk.make_efi_program(base.path, scratch, linux, new / INITRD)
        with fitting_out.layered(base, scratch) as tree:
            with step("Everprint and its Python packages"):
                fitting_out.fit_out(tree, source, cache, scratch, version)
            with step("System file system"):
                disk.make_system(tree, scratch / "system.erofs", release)
        with step("Disk"):
            disk.make_disk(scratch / "system.erofs", efi_program, scratch, new / RAW, release)
            run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", new / RAW, new / QCOW2])
            digests = {file: _digest(new / file) for file in (RAW, KERNEL, INITRD)}
        image = Image(out, release, digests, base.packages)
        _write_manifest(new, image)
        _replace(new, out)
    return image, steps


def read_image(folder: Path) -> Image:
    """The image in a folder. Raises ImageError if there is none."""
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Image(folder, found["release"], dict(found["digests"]), tuple(found["packages"]))
    except FileNotFoundError:
        raise ImageError(f"{folder} holds no image: make one with `everprint cluster image build`") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError(f"{folder / MANIFEST} is damaged ({error}): build the image again") from None


def differences(one: Image, other: Image) -> list[str]:
    """What differs between two builds, in words; nothing if they are the same octet for octet."""
    mine, others = (dict(line.split(" ", 1) for line in image.packages) for image in (one, other))
    found = [
        f"package {name}: {mine.get(name, 'none')} and {others.get(name, 'none')}"
        for name in sorted(mine.keys() | others.keys())
        if mine.get(name) != others.get(name)
    ]
    if one.release != other.release and not found:
        found.append("Everprint: the sources or the locked Python packages differ")
    found += [
        f"{file}: {digest[:16]} and {other.digests.get(file, 'none')[:16]}"
        for file, digest in one.digests.items()
        if other.digests.get(file) != digest
    ]
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(folder: Path, image: Image) -> None:
    content = {key: value for key, value in asdict(image).items() if key != "folder"}
    (folder / MANIFEST).write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def _replace(new: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        if not (out / MANIFEST).exists() and any(out.iterdir()):
            raise ImageError(f"{out} holds something else than an image: name another folder with --out")
        out.rename(old)
    shutil.move(new, out)
    shutil.rmtree(old, ignore_errors=True)

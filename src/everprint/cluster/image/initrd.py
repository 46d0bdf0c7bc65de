"""The initrd: one program (busybox), a dozen drivers and a script of a page. Small: it is read at each boot."""

from __future__ import annotations

import gzip
from importlib import resources
from pathlib import Path

from everprint.cluster.image import cpio, kernel, recipe

_PROGRAMS = (
    "cat",
    "chroot",
    "cp",
    "findfs",
    "grep",
    "head",
    "insmod",
    "mkdir",
    "mount",
    "sh",
    "sleep",
    "switch_root",
    "tail",
    "tr",
    "umount",
    "usleep",
    "wc",
)
_FOLDERS = ("bin", "dev", "lib", "lib/modules", "proc", "root", "rw", "seed", "system")
_GROUPS = {
    "qemu": recipe.MODULES_OF_QEMU,
    "seeds": recipe.MODULES_OF_SEEDS,
    "others": recipe.MODULES_OF_OTHERS,
}


def make_initrd(tree: Path) -> bytes:
    """The packed archive, from the busybox and the drivers of a tree.

    Raises ImageError.
    """
    version = kernel.kernel_version(tree)
    modules = tree / "usr/lib/modules" / version
    dependencies = kernel.read_dependencies((modules / "modules.dep").read_text("utf-8"))
    members = [cpio.folder(path) for path in _FOLDERS]
    members += [cpio.file("bin/busybox", (tree / "bin/busybox").read_bytes(), program=True)]
    members += [cpio.link(f"bin/{name}", "busybox") for name in _PROGRAMS]
    packed: dict[str, None] = {}
    for group, wanted in _GROUPS.items():
        paths = [path for path in kernel.loading_order(wanted, dependencies) if path not in packed]
        packed |= dict.fromkeys(paths)
        members += [cpio.file(f"lib/modules/{group}", "".join(f"{Path(path).name}\n" for path in paths).encode())]
    members += [cpio.file(f"lib/modules/{Path(path).name}", (modules / path).read_bytes()) for path in packed]
    script = resources.files("everprint.cluster.image").joinpath("guest/initrd").read_bytes()
    members += [cpio.file("init", script, program=True)]
    return gzip.compress(cpio.archive(members), 6, mtime=0)

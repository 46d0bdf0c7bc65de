"""Debian's kernel for guests of tests: fetched once by apt, unpacked, and kept in a folder that git ignores."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".lab" / "cache" / "kernel"
_META_PACKAGE = "linux-image-cloud-amd64"
# Each after what it needs; the rest is built into the cloud kernel.
MODULES = (
    "virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk", "failover",
    "net_failover", "virtio_net", "virtio_console",
)  # fmt: skip


class NoKernel(Exception):
    """apt does not bring it here. Says why."""


def debian_kernel() -> Path:
    """A folder with `vmlinuz`, and the drivers for QEMU's devices in `modules/`.

    Raises NoKernel.
    """
    if not CACHE.is_dir():
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE.parent) as name:
            made = _fetch(Path(name))
            try:
                made.rename(CACHE)
            except OSError:
                if not CACHE.is_dir():  # else another test was quicker
                    raise
    return CACHE


def _fetch(folder: Path) -> Path:
    said = _run(["apt-cache", "depends", "--important", _META_PACKAGE], folder)
    found = re.search(r"Depends: (linux-image-\S+-cloud-amd64)$", said, re.MULTILINE)
    if not found:
        raise NoKernel(f"apt knows no {_META_PACKAGE}")
    _run(["apt-get", "-qq", "download", found[1]], folder)
    (package,) = folder.glob("*.deb")
    tree, made = folder / "tree", folder / "made"
    _run(["dpkg-deb", "--extract", str(package), str(tree)], folder)
    (made / "modules").mkdir(parents=True)
    for name in MODULES:
        (module,) = (tree / "lib/modules").rglob(f"{name}.ko")
        shutil.copyfile(module, made / "modules" / module.name)
    (image,) = (tree / "boot").glob("vmlinuz-*")
    shutil.copyfile(image, made / "vmlinuz")
    return made


def _run(argv: list[str], folder: Path) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            argv, cwd=folder, check=True, capture_output=True, text=True, timeout=300, env=environment
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoKernel(f"{argv[0]}: {said.strip()[-300:]}") from error
    return done.stdout

"""A provider's state folder on a disk whose plug can be pulled, that can be full, slow, or fail to sync.

The layer itself is disk_layer.c; it sits under one process. After power_loss() the folder holds what had been synced.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("disk_layer.c")


def build(folder: Path) -> Path:
    """Compiles the layer; the library."""
    library = folder / "disk_layer.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-pthread", "-o", library, _SOURCE, "-ldl"], check=True)
    return library


class Disk:
    """The disk below `state`; `folder` keeps its mirror and its control file."""

    def __init__(self, state: Path, folder: Path, library: Path) -> None:
        self._state = state
        self._mirror = folder / "mirror"
        self._mirror.mkdir(parents=True)
        self._control = folder / "control"
        self._control.write_bytes(bytes(8))
        self.environment = {
            "LD_PRELOAD": str(library),
            "EVERPRINT_DISK_STATE": str(state),
            "EVERPRINT_DISK_MIRROR": str(self._mirror),
            "EVERPRINT_DISK_CONTROL": str(self._control),
        }

    def behave(self, *, full: bool = False, sync_fails: bool = False, sync_ms: int = 0) -> None:
        """From now on; behave() alone makes it a good disk again."""
        with self._control.open("r+b") as control:
            control.write(bytes([full, sync_fails]) + sync_ms.to_bytes(2, "little"))

    def lose_power(self) -> None:
        """The state folder becomes what is durable. The process must be dead."""
        shutil.rmtree(self._state)
        self._state.mkdir(mode=0o700)
        self._restore((self._mirror / "root-key").read_text(), self._state)
        # What is there now is durable: the first process that starts says so.
        shutil.rmtree(self._mirror)
        self._mirror.mkdir()

    def _restore(self, key: str, folder: Path) -> None:
        listing = self._mirror / f"folder-{key}"
        if not listing.exists():
            return  # its names were never synced
        for line in listing.read_text().splitlines():
            kind, below, name = line.split(" ", 2)
            if kind == "folder":
                (folder / name).mkdir(mode=0o700)
                self._restore(below, folder / name)
            elif (content := self._mirror / f"file-{below}").exists():
                shutil.copyfile(content, folder / name)
                (folder / name).chmod(0o600)
            else:
                (folder / name).touch(mode=0o600)  # its name was synced, its content not

"""The disk of storms keeps what was synced and nothing else, and forgets what it could not sync, as Linux does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.storm.disk_layer import Disk, build

# Writes to one file in its folder as it is told: each word is a step.
WRITER = """
import os, sys
descriptor = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR | (os.O_DSYNC if "dsync" in sys.argv else 0))
folder = os.open(os.path.dirname(sys.argv[1]), os.O_RDONLY)
control = os.open(os.environ["EVERPRINT_DISK_CONTROL"], os.O_WRONLY)
def attempt(act):
    try:
        act()
    except OSError as error:
        print(error.errno, end=" ")
for step in sys.argv[2:]:
    if step in ("fails", "works"):
        os.pwrite(control, bytes([step == "fails"]), 1)
    elif step == "sync":
        attempt(lambda: os.fsync(descriptor))
    elif step == "folder":
        attempt(lambda: os.fsync(folder))
    elif step != "dsync":
        at, _, text = step.partition(":")
        attempt(lambda: os.pwrite(descriptor, text.encode(), int(at)))
"""


class Bench:
    """One disk, one file."""

    def __init__(self, folder: Path) -> None:
        state = folder / "state"
        state.mkdir()
        self.disk = Disk(state, folder / "disk", build(folder))
        self.file = state / "file"

    def write(self, *steps: str) -> str:
        """What went wrong: the numbers of its errors."""
        return subprocess.run(
            [sys.executable, "-c", WRITER, self.file, *steps],
            env={**os.environ, **self.disk.environment},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def after_power_loss(self) -> str | None:
        """The file's content; None if there is no file."""
        self.disk.lose_power()
        return self.file.read_text() if self.file.exists() else None


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


EIO = "5"


@pytest.mark.parametrize(
    ("steps", "errors", "kept"),
    [
        (["0:kept", "sync", "folder"], "", "kept"),
        (["0:kept", "sync", "folder", "0:gone"], "", "kept"),
        (["0:kept", "sync"], "", None),  # its name was not synced
        (["0:gone", "folder"], "", ""),
        (["dsync", "0:kept", "folder"], "", "kept"),
        (["dsync", "folder", "fails", "0:gone"], EIO, ""),
        # A second sync that succeeds brings nothing back: the pages count as clean since the first.
        (["0:kept", "sync", "folder", "fails", "0:gone", "sync", "works", "sync"], EIO, "kept"),
        (["0:kept", "sync", "folder", "fails", "0:gone", "sync", "works", "0:last", "sync"], EIO, "last"),
        (["0:gone", "fails", "folder", "works"], EIO, None),
    ],
)
def test_what_is_there_after_a_power_loss(bench: Bench, steps: list[str], errors: str, kept: str | None) -> None:
    assert bench.write(*steps) == errors
    assert bench.after_power_loss() == kept


def test_only_the_pages_that_were_lost_are_lost(bench: Bench) -> None:
    first, second = "1" * 4096, "2" * 4096
    bench.write(
        f"0:{first}", f"4096:{second}", "sync", "folder", "fails", "4096:gone", "sync", "works", "0:new", "sync"
    )
    assert bench.after_power_loss() == "new" + first[3:] + second

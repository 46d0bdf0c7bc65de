"""The lab's own topology with VMs from the image, Mode 2 with Mode 1 on three hosts: for the story and benchmarks.

It ends with nothing left, also after Ctrl-C.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from types import FrameType

from everprint.cluster.image.build import RAW
from everprint.cluster.lab.laboratory import Laboratory

FOLDER = Path(__file__).parents[1] / ".lab"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal told us to stop."""


def stop_at_signals() -> None:
    """From now on a signal raises Stopped, the first one only."""
    for number in _SIGNALS:
        signal.signal(number, _stop)


def build_missing_image(image: Path, say: Callable[[str], None]) -> float | None:
    """The seconds that it took; None if it was there. Raises CalledProcessError once the build has said why."""
    if (image / RAW).exists():
        return None
    say("Building the VM image; the next time it is there")
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "everprint", "cluster", "image", "build", "--out", image], check=True)
    return time.monotonic() - began


def topology_text() -> str:
    """The lab's own topology."""
    return resources.files("everprint.cluster.lab").joinpath("mode-1-and-2.toml").read_text("utf-8")


@contextmanager
def lab_with_vms(folder: Path, image: Path, text: str, say: Callable[[str], None]) -> Iterator[Laboratory]:
    """The lab while this is open; also what is left of one that was killed ends. Raises LabError."""
    laboratory = Laboratory(folder)
    laboratory.down()
    try:
        laboratory.up(text, say, image=image.resolve())
        yield laboratory
    finally:
        laboratory.down()
        say("The lab is down; nothing is left of it.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    # What is being stopped is not to be stopped half way by an impatient second Ctrl-C.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped

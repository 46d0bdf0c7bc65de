"""`python -m demo.cluster`: Mode 2 with Mode 1 on three hosts of the lab, people who print, and a host that dies.

It ends with what came of every job, at the printer and at the Application Server, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from types import FrameType

from rich.console import Console

from demo.cluster.story import tell_story
from demo.cluster.teller import Teller
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.people import NotAnswered
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.image.build import RAW
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster

FOLDER = Path(__file__).parents[2] / ".lab"
_ALL = ", ".join(Kind)


class Stopped(BaseException):
    """A signal told us to stop."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every job was printed once and charged once."""
    options = _parse(arguments)
    teller = Teller(Console(highlight=False))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        _build_image(teller, options.image)
        with _lab(teller, options.folder, options.image.resolve()) as laboratory:
            kinds = [Kind(name) for name in options.failures for _ in range(options.times)]
            return tell_story(teller, laboratory, kinds, options.reports, options.patience)
    except Stopped:
        return 1
    except subprocess.CalledProcessError:
        return 1  # it has said why
    except (LabError, NoCluster, HostUnreachable, DrillFailed, NotAnswered) as error:
        teller.say(f"[red]{error}[/]")
        return 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make lab", description="A cluster, people who print, and a failure.")
    parser.add_argument("failures", nargs="*", default=["host"], metavar="FAILURE", help=f"of: {_ALL}")
    parser.add_argument("--image", type=Path, default=FOLDER / "image", help="folder of the image; built if missing")
    parser.add_argument("--folder", type=Path, default=FOLDER / "story", help="folder of the lab")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds that any step may take")
    parser.add_argument("--times", type=int, default=1, help="each failure so often")
    parser.add_argument("--reports", type=Path, default=FOLDER / "drills", help="folder that reports are kept in")
    options = parser.parse_args(arguments)
    for name in options.failures:
        if name not in list(Kind):
            parser.error(f"there is no failure {name}; there are {_ALL}")
    return options


def _build_image(teller: Teller, image: Path) -> None:
    if not (image / RAW).exists():
        teller.say("Building the VM image; the next time it is there")
        subprocess.run([sys.executable, "-m", "everprint", "cluster", "image", "build", "--out", image], check=True)


@contextmanager
def _lab(teller: Teller, folder: Path, image: Path) -> Iterator[Laboratory]:
    """The lab while this is open; also what is left of one that was killed ends."""
    laboratory = Laboratory(folder)
    laboratory.down()
    text = resources.files("everprint.cluster.lab").joinpath("mode-1-and-2.toml").read_text("utf-8")
    try:
        laboratory.up(text, teller.say, image=image)
        yield laboratory
    finally:
        laboratory.down()
        teller.say("The lab is down; nothing is left of it.")


def _stop(_number: int, _frame: FrameType | None) -> None:
    # What is being stopped is not to be stopped half way by an impatient second Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())

"""`python -m demo.cluster`: Mode 2 with Mode 1 on three hosts of the lab, people who print, and a host that dies.

It ends with what came of every job, at the printer and at the Application Server, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.cluster.story import tell_story
from demo.cluster.teller import Teller
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.people import NotAnswered
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.errors import LabError
from everprint.cluster.live.status import NoCluster
from rig.vm_lab import FOLDER, Stopped, build_missing_image, lab_with_vms, stop_at_signals, topology_text

_ALL = ", ".join(Kind)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every job was printed once and charged once."""
    options = _parse(arguments)
    teller = Teller(Console(highlight=False))
    stop_at_signals()
    try:
        build_missing_image(options.image, teller.say)
        with lab_with_vms(options.folder, options.image, topology_text(), teller.say) as laboratory:
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


if __name__ == "__main__":
    sys.exit(main())

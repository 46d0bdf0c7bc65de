"""`make mirror-drill`: two hosts without shared storage, people who print, and twice the host that runs the VMs dies.

Exit code 1 if a job was lost, doubled or mischarged, or a copy that was left behind was not refused. It ends with
nothing left, also after Ctrl-C.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from demo.mirror.acts import Act, lose_the_good_copy, lose_the_host
from demo.mirror.scene import Scene
from demo.mirror.telling import Story, table_of
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.lab_stage import lab_stage
from everprint.cluster.drill.people import NotAnswered
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.errors import LabError
from everprint.cluster.live.status import NoCluster
from rig.vm_lab import FOLDER, Stopped, build_missing_image, lab_with_vms, stop_at_signals

TOPOLOGY = Path(__file__).parent / "pair.toml"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if all promises were kept."""
    options = _parse(arguments)
    story = Story(Console(highlight=False))
    acts: list[Act] = []
    stop_at_signals()
    try:
        build_missing_image(options.image, story.say)
        text = TOPOLOGY.read_text("utf-8")
        with lab_with_vms(options.folder, options.image, text, story.say) as laboratory:
            story.say("Setting up a user, a queue for one printer, and what a side costs")
            with lab_stage(laboratory, options.patience) as stage:
                scene = Scene(laboratory, laboratory.topology(), stage, options.patience, story.say)
                for act in (lose_the_host, lose_the_good_copy):
                    acts.append(act(scene, story, options.jobs, options.clients))
                    for sentence in acts[-1].wrong():
                        story.say(f"WRONG: {sentence}")
    except Stopped:
        return 1
    except subprocess.CalledProcessError:
        return 1  # it has said why
    except (LabError, NoCluster, HostUnreachable, DrillFailed, NotAnswered) as error:
        story.say(f"FAILED: {error}")
        return 1
    finally:
        if acts:
            sys.stdout.write("\n".join(table_of(acts)) + "\n")
    return 1 if any(act.wrong() for act in acts) else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mirror-drill", description=__doc__)
    parser.add_argument("--jobs", type=int, default=500, help="jobs to be accepted in the first act")
    parser.add_argument("--clients", type=int, default=4, help="people who print at the same time")
    parser.add_argument("--image", type=Path, default=FOLDER / "image", help="folder of the image; built if missing")
    parser.add_argument("--folder", type=Path, default=FOLDER / "mirror-drill", help="folder of the lab")
    parser.add_argument("--patience", type=float, default=900.0, help="seconds that any step may take")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

"""The small guest of `rig.streaming_guest`, which takes documents and keeps a ledger: it is there in a second."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from everprint.cluster.lab.laboratory import Laboratory
from rig.streaming_guest import PORT, make_image
from tests.faults.lock_step.guest import LASTING_S, OCTETS, Outcome, People, Said, Say

HERE = Path(__file__).parent
ADDRESS = "10.98.0.51"
SMALL_OCTETS, COST_S = 20_000, 15.0


class SmallGuest:
    """On the three hosts of the lab's own topology."""

    def topology(self) -> str:
        """As `Guest` has it."""
        text = resources.files("everprint.cluster.lab").joinpath("rehearsal.toml").read_text("utf-8")
        return text.replace('protection = "ha"', 'protection = "fault-tolerant"').replace('"1 GiB"', '"64 MiB"')

    def image(self, folder: Path, say: Say) -> Path:
        """As `Guest` has it."""
        make_image(folder / "image", f"{ADDRESS}/24")
        return folder / "image"

    @contextmanager
    def people(self, lab: Laboratory, say: Say) -> Iterator[People]:
        """Its client waits by itself until the guest answers."""
        yield _Streaming(lab)


class _Streaming:
    def __init__(self, lab: Laboratory) -> None:
        self._lab = lab

    def sending(self, name: str) -> list[str]:
        argv = [sys.executable, "-IS", str(HERE / "streaming_client.py"), ADDRESS, str(PORT), name]
        return [*argv, str(OCTETS), str(LASTING_S)]

    def outcome(self, name: str, said: Said) -> Outcome:
        return Outcome(bool(said["whole"]), int(str(said["charged"])), None)

    def cost(self) -> str:
        argv = [sys.executable, "-S", str(HERE / "many_jobs_client.py")]
        argv += [ADDRESS, str(PORT), str(SMALL_OCTETS), str(COST_S)]
        done = subprocess.run(self._lab.beside(argv), capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        return f"{found['jobs_a_second']:.1f} documents a second, {found['median_ms']:.0f} ms each (median)"

    def in_the_end(self) -> str:
        return ""

"""Which worker runs which file of tests, when there are three workers on two cores.

Some tests mostly wait: for a cluster to notice that a host is dead, for a storm's jobs to come in, for a printer that
prints one page after another. Others keep a core busy all the time. Two workers that both wait leave the cores idle,
so a third one runs the files that wait, one after the other, beside two that compute. Whoever has no more of its own
kind goes on with the other's. A file's tests stay on one worker and in order, as with xdist's own *loadfile*.
"""

from __future__ import annotations

from collections.abc import Iterable

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

WAITING = ("tests/acceptance/", "tests/faults/", "tests/cluster/", "tests/rig/")
"""Where the files are whose tests mostly wait; those that last longest come early, not at the end."""

_WORKERS = 3  # fewer have no worker to spare for those that wait


def next_file(files: Iterable[str], *, waiting_first: bool) -> str | None:
    """The file to run next, of those that are left; None if none is."""
    left = list(files)
    waiting = sorted((file for file in left if file.startswith(WAITING)), key=_place)
    computing = (file for file in left if not file.startswith(WAITING))
    first, then = (waiting, computing) if waiting_first else (computing, waiting)
    return next(iter([*first, *then]), None)


def _place(file: str) -> int:
    return next(place for place, folder in enumerate(WAITING) if file.startswith(folder))


class WaitingBesideComputing(LoadFileScheduling):
    """Xdist's *loadfile*, which gives the last of three workers the files that wait."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting_first = len(self.nodes) >= _WORKERS and node is self.nodes[-1]
        if file := next_file(self.workqueue, waiting_first=waiting_first):
            self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)

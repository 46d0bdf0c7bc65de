"""A process that analyses documents for the pool: `python -m everprint.documents.worker PARENT-PID MEMORY-OCTETS`.

It reads tasks from its standard input and writes answers to its standard output until the input ends. It can be
killed at any moment: it keeps nothing. It dies with its parent, has no network and no more memory than it is given.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from everprint.documents import confinement, pcl_row_walk, pclxl_rows, raster_kernel, wire
from everprint.documents.analyse import analyse
from everprint.documents.counting import count_pages
from everprint.documents.languages import import_all
from everprint.documents.pictures import draw_page
from everprint.documents.result import Unreadable

_LARGEST_FILE = 1 << 30  # what comes out of a compressed document, or what Ghostscript, its child, may need


def main(arguments: list[str]) -> None:
    """Serves until the pool closes the pipe."""
    parent, memory_octets = map(int, arguments)
    confinement.die_with_parent(parent)
    tasks, answers = _take_the_pipes()
    confinement.never_gain_privileges()
    confinement.cut_network()
    confinement.limit(memory_octets=memory_octets, file_octets=_LARGEST_FILE)
    _warm_up()
    _send(answers, wire.Ready())
    while task := _receive(tasks):
        _send(answers, _carry_out(task))


def _take_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pool's pipes, out of reach of whatever a library may read or print."""
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return tasks, answers


def _warm_up() -> None:
    """All that the first document would else have to wait for."""
    import_all()
    Image.preinit()
    raster_kernel.compile_now()
    pclxl_rows.compile_now()
    pcl_row_walk.compile_now()


def _receive(tasks: BinaryIO) -> wire.Task | None:
    prefix = tasks.read(wire.LENGTH_OCTETS)
    if len(prefix) < wire.LENGTH_OCTETS:
        return None
    return wire.decode_task(tasks.read(wire.body_length(prefix)))


def _send(answers: BinaryIO, answer: wire.Answer) -> None:
    rest = memoryview(wire.encode(answer))
    while rest:
        rest = rest[answers.write(rest) :]


def _carry_out(task: wire.Task) -> wire.Answer:
    try:
        if isinstance(task, wire.Analyse):
            return wire.Analysed(analyse(Path(task.path), task.claimed_format, task.limits))
        if isinstance(task, wire.CountPages):
            return wire.Counted(count_pages(Path(task.path), task.limits))
        return wire.Drawn(draw_page(Path(task.path), task.number, task.dpi))
    except Unreadable as cannot:
        return wire.Failed(str(cannot))
    except MemoryError:
        return wire.Failed("it needs more memory than it is given")
    except Exception as error:
        # A fault of ours, or a file that went away: this document gets no answer, the next one does.
        return wire.Failed(f"the analyser failed ({type(error).__name__})")


if __name__ == "__main__":
    main(sys.argv[1:])

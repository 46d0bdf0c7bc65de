"""A process that converts one document: `python -m everprint.documents.conversion.worker PARENT-PID MEMORY-OCTETS`.

It reads its task from its standard input and writes frames to its standard output, no faster than they are taken. It
can be killed at any moment: it keeps nothing. It dies with its parent, has no network and no more memory than it is
given.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

from everprint.documents import confinement
from everprint.documents.conversion.convert import convert
from everprint.documents.conversion.frames import Kind, decode_task, prefix
from everprint.documents.conversion.task import ConversionFailed

_LARGEST_FILE = 1 << 30  # a PDF made on the way
_PIECE_OCTETS = 1 << 20
_LONGEST_REASON = 500
# What this machine lacks, whatever the document is.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EROFS})


def main(arguments: list[str]) -> None:
    """Converts and ends."""
    parent, memory_octets = map(int, arguments)
    confinement.die_with_parent(parent)
    task, out = decode_task(sys.stdin.buffer.read()), _take_the_pipe()
    confinement.never_gain_privileges()
    confinement.cut_network()
    confinement.limit(memory_octets=memory_octets, file_octets=_LARGEST_FILE)
    try:
        for piece in convert(Path(task.path), task.conversion):
            for at in range(0, len(piece), _PIECE_OCTETS):
                _send(out, Kind.PIECE, piece[at : at + _PIECE_OCTETS])
    except ConversionFailed as failed:
        _send(out, Kind.FAILED, str(failed).encode()[:_LONGEST_REASON])
    except BrokenPipeError:
        return  # nobody wants it any more
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _send(out, Kind.NO_ROOM, f"the print server has a fault ({os.strerror(error.errno)})".encode())
            return
        # A fault of ours: this document is not converted, and the queue goes on.
        _send(out, Kind.FAILED, f"our converter failed ({type(error).__name__})".encode())
    else:
        _send(out, Kind.END, b"")


def _take_the_pipe() -> BinaryIO:
    """The pipe, out of reach of whatever a library may print."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return out


def _send(out: BinaryIO, kind: Kind, octets: bytes) -> None:
    rest = memoryview(prefix(kind, len(octets)) + octets)
    while rest:
        rest = rest[out.write(rest) :]


if __name__ == "__main__":
    main(sys.argv[1:])

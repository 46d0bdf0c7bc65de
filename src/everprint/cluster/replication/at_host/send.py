"""Writes the files of a point to its output, from where the other site has them: compressed, not faster than asked.

Sent to the host as text. The stream is lines of JSON and pieces: for each file a line with its name, length, digest
and where in it the stream goes on, then its pieces (length and flag in five octets, then the octets), a piece of no
length at its end; a line `{"end": true}` at the end of all. A stream without that line is not whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import zlib
from pathlib import Path
from typing import BinaryIO

_PIECE = 256 << 10
_LEVEL = 1  # the line is the bottleneck, not the processor, and disks compress well at any level


def main(text: str) -> None:
    """Writes the stream. Ends with 1 and a sentence if a file is not there or not as long as it was."""
    order = json.loads(text)
    pace = _Pace(order["limit"])
    out = sys.stdout.buffer
    try:
        for file in order["files"]:
            _send(out, file, pace, compress=order["compression"])
        _line(out, {"end": True})
        out.flush()
    except BrokenPipeError:
        os._exit(1)  # the other side ended first, and says why
    except OSError as error:
        sys.exit(str(error))


class _Pace:
    """Lets so many octets a second through; 0: all."""

    def __init__(self, octets_s: int) -> None:
        self._octets_s = octets_s
        self._began = time.monotonic()
        self._sent = 0

    def wait(self, octets: int) -> None:
        self._sent += octets
        if self._octets_s:
            ahead_s = self._sent / self._octets_s - (time.monotonic() - self._began)
            if ahead_s > 0:
                time.sleep(ahead_s)


def _send(out: BinaryIO, file: dict[str, object], pace: _Pace, *, compress: bool) -> None:
    path, start = Path(str(file["path"])), int(str(file["from"]))
    with path.open("rb") as stream:
        octets = os.fstat(stream.fileno()).st_size
        digest = str(file["sha256"]) or hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(min(start, octets))
        _line(out, {"file": file["name"], "octets": octets, "sha256": digest, "from": min(start, octets)})
        while piece := stream.read(_PIECE):
            small = zlib.compress(piece, _LEVEL) if compress else piece
            is_small = compress and len(small) < len(piece)
            body = small if is_small else piece
            out.write(len(body).to_bytes(4, "big") + bytes([is_small]) + body)
            pace.wait(len(body))
    out.write(bytes(5))


def _line(out: BinaryIO, said: dict[str, object]) -> None:
    out.write(json.dumps(said).encode() + b"\n")

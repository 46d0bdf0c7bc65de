"""The octets of a document: a whole spool file, or the part of one that a wrapper (PJL, an EPS header) points to.

Invariant: nothing outside `start` and `end` is ever read, whatever the document says of itself.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

HEAD_OCTETS = 4096
"""So much of a document's beginning tells what it is."""

_COPY_OCTETS = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Octets `start` (from 0) to `end` (not included) of the file at `path`."""

    path: Path
    start: int
    end: int

    @classmethod
    def whole(cls, path: Path) -> Self:
        """The whole file. Raises OSError."""
        return cls(path, 0, path.stat().st_size)

    @property
    def octets(self) -> int:
        """How many there are."""
        return self.end - self.start

    def part(self, start: int, end: int) -> Source:
        """The octets of the file from `start` to `end`, as far as they are within this source."""
        first = min(max(start, self.start), self.end)
        return Source(self.path, first, min(max(end, first), self.end))

    def head(self, octets: int = HEAD_OCTETS) -> bytes:
        """The first of them. Raises OSError."""
        return self._read(self.start, octets)

    def tail(self, octets: int) -> bytes:
        """The last of them. Raises OSError."""
        return self._read(max(self.start, self.end - octets), octets)

    @contextmanager
    def mapped(self) -> Iterator[mmap.mmap]:
        """The file in memory, read only; the document's octets are at `start` to `end`. Not for an empty file.

        Searching and numpy work on it without a copy, and memory does not grow with the file. Raises OSError.
        """
        with (
            self.path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets,
        ):
            yield octets

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """A file that holds these octets and no others, for tools that want one. Raises OSError."""
        if self.start == 0 and self.end >= self.path.stat().st_size:
            yield self.path
            return
        with tempfile.NamedTemporaryFile(prefix="everprint-part-") as copy:
            with self.path.open("rb") as file:
                file.seek(self.start)
                _copy(file, copy, self.octets)
            copy.flush()
            yield Path(copy.name)

    def _read(self, position: int, octets: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(position)
            return file.read(min(octets, self.end - position))


def _copy(source: IO[bytes], target: IO[bytes], octets: int) -> None:
    left = octets
    while left and (piece := source.read(min(left, _COPY_OCTETS))):
        target.write(piece)
        left -= len(piece)

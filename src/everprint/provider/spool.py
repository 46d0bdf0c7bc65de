"""The spool: documents as files that only this user can read, named by the job's UUID and by nothing a client said.

Invariant: an answer *successful-ok* is given only after the file, its folder entry and the journal entry are on disk
(journal/writer.py syncs all three); a file without a job in the journal is a leftover and is removed at start.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterable, Iterable
from pathlib import Path

# A document up to this size is written in one go by the event loop: a thread would cost more than the write.
_INLINE_OCTETS = 256 << 10
_FREE_SPACE_TTL_S = 0.25


class SpoolFull(Exception):
    """There is no room for the document now; nothing of it was kept."""


class SpoolFile:
    """An open, complete, not yet synced document. Closed by the journal once it is on disk, or by discard()."""

    def __init__(self, path: Path, descriptor: int, octets: int) -> None:
        self.path = path
        self.descriptor = descriptor
        self.octets = octets

    def discard(self) -> None:
        """Removes the document: its job was not accepted."""
        os.close(self.descriptor)
        self.path.unlink(missing_ok=True)


class Spool:
    """The folder of documents."""

    def __init__(self, folder: Path, reserve_octets: int) -> None:
        """`reserve_octets` stay free on the disk, so that accepted jobs can always be journaled to their end."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder = folder
        self._reserve = reserve_octets
        self._free = 0
        self._free_until = 0.0

    def path(self, job_uuid: str) -> Path:
        """Where the job's document is."""
        return self.folder / job_uuid

    def require_space(self, octets: int) -> None:
        """Raises SpoolFull if the disk could not hold so much more and keep its reserve."""
        now = time.monotonic()
        if now > self._free_until:
            disk = os.statvfs(self.folder)
            self._free, self._free_until = disk.f_bavail * disk.f_frsize, now + _FREE_SPACE_TTL_S
        if self._free - octets < self._reserve:
            raise SpoolFull(
                f"The print server's disk is full: {self._free >> 20} MiB are free and {self._reserve >> 20} MiB "
                "are kept for jobs already accepted. Try again later."
            )
        self._free -= octets

    async def receive(self, job_uuid: str, document: AsyncIterable[bytes]) -> SpoolFile:
        """Writes the document as it comes.

        Raises SpoolFull, and whatever the stream raises; in both cases nothing is left behind. FileExistsError says
        that the job's document is here or on its way already.
        """
        self.require_space(0)
        path = self.path(job_uuid)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise
        except OSError as error:
            raise _cannot_store(error) from error
        octets = 0
        waiting: list[bytes] = []
        waiting_octets = 0
        try:
            async for piece in document:
                waiting.append(piece)
                waiting_octets += len(piece)
                if waiting_octets >= _INLINE_OCTETS:
                    self.require_space(waiting_octets)
                    await asyncio.to_thread(_reserve_and_write, descriptor, octets, waiting, waiting_octets)
                    octets += waiting_octets
                    waiting, waiting_octets = [], 0
            if waiting:
                self.require_space(waiting_octets)
                _write(descriptor, waiting)
                octets += waiting_octets
        except BaseException:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        return SpoolFile(path, descriptor, octets)

    def remove(self, job_uuid: str) -> None:
        """Forgets a document."""
        self.path(job_uuid).unlink(missing_ok=True)

    def remove_leftovers(self, wanted: Iterable[str]) -> int:
        """Removes every file whose job is not among the wanted ones; returns how many."""
        keep = set(wanted)
        removed = 0
        for entry in os.scandir(self.folder):
            if entry.name not in keep:
                Path(entry.path).unlink()
                removed += 1
        return removed


def _reserve_and_write(descriptor: int, offset: int, pieces: list[bytes], octets: int) -> None:
    try:
        os.posix_fallocate(descriptor, offset, octets)
    except OSError as error:
        raise _cannot_store(error) from error
    _write(descriptor, pieces)


def _write(descriptor: int, pieces: list[bytes]) -> None:
    rest = memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces))
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise _cannot_store(error) from error


def _cannot_store(error: OSError) -> SpoolFull:
    return SpoolFull(f"The print server cannot store the document: {error.strerror}. Try again later.")

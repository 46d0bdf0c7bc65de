"""The spool: documents as files that only this user can read, named by the job's UUID and by nothing a client said.

Invariant: an answer *successful-ok* is given only after the file, its folder entry and the journal entry are on disk
(journal/writer.py sees to all three); a file without a job in the journal is a leftover and is removed at start.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

# A document up to this size stays in memory until the journal's threads write and sync it in one go.
_SMALL_OCTETS = 256 << 10
_FREE_SPACE_TTL_S = 0.25


class SpoolFull(Exception):
    """There is no room for the document now; nothing of it was kept."""


class ClaimedAlready(Exception):
    """Another request brings that job's document."""


class SpoolFile:
    """A complete document that is not on disk for certain: keep() makes sure, discard() forgets it."""

    def __init__(self, path: str, octets: int, descriptor: int | None, unwritten: bytes) -> None:
        self.octets = octets
        self._path = path
        self._descriptor = descriptor
        self._unwritten = unwritten

    def keep(self) -> None:
        """Writes what is not written, and syncs the file. For a thread: it waits for the disk.

        Raises SpoolFull; then the file is closed and gone.
        """
        try:
            if self._descriptor is None:
                # O_DSYNC: the write itself returns when the octets are on disk. One system call less, each of which
                # would have to wait for the interpreter's lock again.
                self._descriptor = _create(self._path, os.O_DSYNC)
                _write(self._descriptor, self._unwritten)
            else:
                os.fsync(self._descriptor)
        except (SpoolFull, OSError) as error:
            self.discard()
            if isinstance(error, SpoolFull):
                raise
            raise cannot_store(error) from error
        os.close(self._descriptor)

    def discard(self) -> None:
        """Removes the document: its job was not accepted."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            with suppress(FileNotFoundError):
                os.unlink(self._path)  # noqa: PTH108 - a plain string: Path costs more than the call


class Spool:
    """The folder of documents."""

    def __init__(self, folder: Path, reserve_octets: int) -> None:
        """`reserve_octets` stay free on the disk, so that accepted jobs can always be journaled to their end. The
        journal is in the folder above; where that is another disk, it keeps the same reserve."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.folder = folder
        self._prefix = f"{folder}/"
        self._reserve = reserve_octets
        self._free = 0
        self._free_until = 0.0
        self._claimed: set[str] = set()
        # Called when the disk is full: what can go for new jobs goes; True if something did.
        self.make_room: Callable[[], bool] = lambda: False

    def path(self, job_uuid: str) -> Path:
        """Where the job's document is."""
        return self.folder / job_uuid

    def require_space(self, octets: int) -> None:
        """Raises SpoolFull if the disk could not hold so much more and keep its reserve."""
        now = time.monotonic()
        if now > self._free_until:
            self._free = self._look()
            self._free_until = now + _FREE_SPACE_TTL_S
        if self._free - octets < self._reserve and self.make_room():
            self._free = self._look()
        if self._free - octets < self._reserve:
            raise SpoolFull(
                f"The print server's disk is full: {self._free >> 20} MiB are free and {self._reserve >> 20} MiB "
                "are kept for jobs already accepted. Try again later."
            )
        self._free -= octets

    def _look(self) -> int:
        """How much the disks still take."""
        disks = (os.statvfs(self.folder), os.statvfs(self.folder.parent))
        return min(disk.f_bavail * disk.f_frsize for disk in disks)

    @contextmanager
    def claim(self, job_uuid: str) -> Iterator[None]:
        """The right to receive a job's document, until it is kept or not: two clients may send it at once.

        Raises ClaimedAlready.
        """
        if job_uuid in self._claimed:
            raise ClaimedAlready("the job's document is being sent already")
        self._claimed.add(job_uuid)
        try:
            yield
        finally:
            self._claimed.discard(job_uuid)

    def is_claimed(self, job_uuid: str) -> bool:
        """True while a client sends the job's document."""
        return job_uuid in self._claimed

    async def receive(self, job_uuid: str, document: AsyncIterable[bytes]) -> SpoolFile:
        """Takes the document as it comes; a large one is written as it comes.

        Raises SpoolFull, and whatever the stream raises; in both cases nothing is left behind.
        """
        self.require_space(0)
        path = self._prefix + job_uuid
        waiting = bytearray()
        written = 0
        descriptor: int | None = None
        try:
            async for piece in document:
                waiting += piece
                if len(waiting) >= _SMALL_OCTETS:
                    self.require_space(len(waiting))
                    if descriptor is None:
                        descriptor = _create(path)
                    await asyncio.to_thread(_reserve_and_write, descriptor, written, waiting)
                    written += len(waiting)
                    waiting = bytearray()
            self.require_space(len(waiting))
            if descriptor is not None:
                await asyncio.to_thread(_write, descriptor, waiting)
                return SpoolFile(path, written + len(waiting), descriptor, b"")
        except BaseException:
            if descriptor is not None:
                SpoolFile(path, written, descriptor, b"").discard()
            raise
        return SpoolFile(path, len(waiting), None, bytes(waiting))

    def nameless(self) -> IO[bytes]:
        """A file for what is made of a document on the way; it is gone when it is closed, or we are killed.

        Raises SpoolFull.
        """
        self.require_space(0)
        try:
            return tempfile.TemporaryFile(dir=self.folder)
        except OSError as error:
            raise cannot_store(error) from error

    def copy(self, job_uuid: str, to: str, octets: int) -> SpoolFile:
        """The same document as that of another job: a second name of the file, which costs no room.

        Raises SpoolFull.
        """
        path = self._prefix + to
        try:
            os.link(self._prefix + job_uuid, path)
            return SpoolFile(path, octets, os.open(path, os.O_RDWR | os.O_CLOEXEC), b"")
        except OSError as error:
            raise cannot_store(error) from error

    def remove(self, job_uuid: str) -> None:
        """Forgets a document."""
        with suppress(FileNotFoundError):
            os.unlink(self._prefix + job_uuid)  # noqa: PTH108 - a plain string: Path costs more than the call

    def names(self) -> set[str]:
        """The jobs whose documents are there, or parts of them."""
        return {entry.name for entry in os.scandir(self.folder)}

    def remove_leftovers(self, wanted: Iterable[str]) -> int:
        """Removes every file whose job is not among the wanted ones; returns how many."""
        keep = set(wanted)
        removed = 0
        for entry in os.scandir(self.folder):
            if entry.name not in keep:
                Path(entry.path).unlink()
                removed += 1
        return removed


def _create(path: str, how: int = 0) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | how, 0o600)
    except OSError as error:
        raise cannot_store(error) from error


def _reserve_and_write(descriptor: int, offset: int, octets: bytearray) -> None:
    try:
        os.posix_fallocate(descriptor, offset, len(octets))
    except OSError as error:
        raise cannot_store(error) from error
    _write(descriptor, octets)


def _write(descriptor: int, octets: bytes | bytearray) -> None:
    rest = memoryview(octets)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        raise cannot_store(error) from error


def cannot_store(error: OSError) -> SpoolFull:
    """What a write that failed means to whoever sent the document."""
    return SpoolFull(f"The print server cannot store the document: {error.strerror}. Try again later.")

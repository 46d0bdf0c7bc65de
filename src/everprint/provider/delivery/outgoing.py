"""The document as its device gets it: the spool's file as it is, or what is made of it on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from everprint.documents.conversion.converter import Converted
from everprint.provider.spool import Spool, cannot_store

_PIECE_OCTETS = 256 << 10


class Outgoing(Protocol):
    """A document to send. `octets` is its size, None while nobody knows it."""

    @property
    def document_format(self) -> str:
        """What it is called."""
        ...

    async def octets(self) -> int | None:
        """Its size, None while nobody knows it. Raises OSError."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """All of it, once. Raises OSError, ConversionFailed."""
        ...

    def measured(self) -> AbstractAsyncContextManager[tuple[Outgoing, int]]:
        """The same with its size, for a device that wants to know that first.

        Raises OSError, ConversionFailed, SpoolFull.
        """
        ...


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A file."""

    path: Path
    document_format: str

    async def octets(self) -> int:
        """The file's size. Raises OSError."""
        return (await asyncio.to_thread(self.path.stat)).st_size

    async def pieces(self) -> AsyncIterator[bytes]:
        """Piece by piece. Raises OSError."""
        with self.path.open("rb") as file:
            async for piece in _pieces(file):
                yield piece

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[tuple[Outgoing, int]]:
        """It, and the file's size."""
        yield self, await self.octets()


@dataclass(frozen=True, slots=True)
class Made:
    """What a converter makes, as it makes it."""

    converted: Converted
    document_format: str
    spool: Spool

    async def octets(self) -> int | None:
        """Nobody knows."""
        return None

    def pieces(self) -> AsyncIterator[bytes]:
        """Raises ConversionFailed."""
        return self.converted.pieces()

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[tuple[Outgoing, int]]:
        """It is kept whole, in a file of the spool that has no name and is gone with the block, or with us."""
        with self.spool.nameless() as file:
            size = 0
            async for piece in self.pieces():
                self.spool.require_space(len(piece))
                try:
                    size += await asyncio.to_thread(file.write, piece)
                    await asyncio.to_thread(file.flush)
                except OSError as error:
                    raise cannot_store(error) from error
            yield _Kept(file, size, self.document_format), size


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was made, whole."""

    file: IO[bytes]
    size: int
    document_format: str

    async def octets(self) -> int | None:
        return self.size

    async def pieces(self) -> AsyncIterator[bytes]:
        self.file.seek(0)
        async for piece in _pieces(self.file):
            yield piece

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[tuple[Outgoing, int]]:
        yield self, self.size


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    piece = file.read(_PIECE_OCTETS)
    while piece:
        yield piece
        piece = await asyncio.to_thread(file.read, _PIECE_OCTETS) if len(piece) == _PIECE_OCTETS else b""

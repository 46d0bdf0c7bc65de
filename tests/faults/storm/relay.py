"""A wire between two parts that a test can cut, or on which answers get lost.

*Cut* is what a dead network is like: connections stay, nothing arrives, and new ones are not answered. *Lose answers*
passes requests on and hangs up before the first octet of what comes back: the work was done, and nobody was told.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from enum import StrEnum
from typing import Self

_PIECE = 64 << 10


class Wire(StrEnum):
    """How it is."""

    SOUND = "sound"
    CUT = "cut"
    LOSES_ANSWERS = "loses-answers"


class Relay:
    """Listens on a port of its own and passes on to `port`; a context manager."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self._wire = Wire.SOUND
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def become(self, wire: Wire) -> None:
        """From now on it is like that."""
        self._loop.call_soon_threadsafe(self._become, wire)

    def _become(self, wire: Wire) -> None:
        self._wire = wire
        if wire is Wire.CUT:
            self._passable.clear()
        else:
            self._passable.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over, self._passable = asyncio.Event(), asyncio.Event()
        self._passable.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passable.wait()
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        try:
            await asyncio.gather(self._pass(reader, to_there), self._pass(there, writer, answers=True))
        except (OSError, asyncio.CancelledError):
            return  # broken, or the relay is over
        finally:
            writer.transport.abort()
            to_there.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool = False) -> None:
        while octets := await source.read(_PIECE):
            await self._passable.wait()
            if answers and self._wire is Wire.LOSES_ANSWERS:
                raise ConnectionResetError("the answer is lost")
            sink.write(octets)
            await sink.drain()
        with suppress(OSError):
            sink.write_eof()

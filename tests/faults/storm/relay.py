"""A wire between two parts that a test can cut, on which answers get lost, and that can strike as a message passes.

*Cut* is what a dead network is like: connections stay, nothing arrives, and new ones are not answered. *Lose answers*
passes requests on and hangs up before the first octet of what comes back: the work was done, and nobody was told.
A *strike* hits a part at one precise moment of one exchange: as a commit is on its way, or its answer is.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from rig.network import THIS_MACHINE, Machine

_PIECE = 64 << 10


class Wire(StrEnum):
    """How it is."""

    SOUND = "sound"
    CUT = "cut"
    LOSES_ANSWERS = "loses-answers"


class Moment(StrEnum):
    """When in an exchange something strikes."""

    BEFORE_IT_ARRIVES = "before-it-arrives"  # the request never gets there
    AS_IT_ARRIVES = "as-it-arrives"
    BEFORE_THE_ANSWER = "before-the-answer"  # the work was done, and the answer is lost
    AFTER_THE_ANSWER = "after-the-answer"


@dataclass(slots=True)
class Strike:
    """Waits for a request that holds these octets; then `hit` is called once, in the relay's thread."""

    octets: bytes
    moment: Moment
    hit: Callable[[], None]
    happened: threading.Event = field(default_factory=threading.Event)

    def strike(self) -> None:
        """Now."""
        self.hit()
        self.happened.set()


@dataclass(slots=True)
class _Exchange:
    """One connection: what will hit it."""

    strike: Strike | None = None


class Relay:
    """Listens at the machine's address and passes on to `port` of its loopback; a context manager."""

    def __init__(self, port: int, machine: Machine = THIS_MACHINE, own_port: int = 0) -> None:
        """`own_port` is where it listens; 0: at any port that is free."""
        self._target = port
        self._machine = machine
        self.host = machine.address
        self.port = own_port
        self._wire = Wire.SOUND
        self._strike: Strike | None = None
        self._ways: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30), "the relay does not listen"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def become(self, wire: Wire) -> None:
        """From now on it is like that."""
        self._loop.call_soon_threadsafe(self._become, wire)

    def prepare(self, strike: Strike | None) -> None:
        """The next request that fits is struck; None: no more."""
        self._loop.call_soon_threadsafe(self._prepare, strike)

    def _become(self, wire: Wire) -> None:
        self._wire = wire
        if wire is Wire.CUT:
            self._passable.clear()
        else:
            self._passable.set()

    def _prepare(self, strike: Strike | None) -> None:
        self._strike = strike

    def _live(self) -> None:
        with self._machine.inside():
            asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._over, self._passable = asyncio.Event(), asyncio.Event()
        self._passable.set()
        server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._ways.add(task)
        try:
            await self._serve_one(reader, writer)
        finally:
            self._ways.discard(task)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passable.wait()
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        exchange = _Exchange()
        ways = [
            asyncio.create_task(self._pass_requests(exchange, reader, to_there)),
            asyncio.create_task(self._pass_answers(exchange, there, writer)),
        ]
        self._ways.update(ways)  # the event loop itself keeps only weak references
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._ways.difference_update(ways)
            writer.transport.abort()
            to_there.transport.abort()

    async def _pass_requests(
        self, exchange: _Exchange, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while octets := await source.read(_PIECE):
            await self._passable.wait()
            if self._strike is not None and self._strike.octets in octets:
                exchange.strike, self._strike = self._strike, None
            strike = exchange.strike
            if strike is not None and strike.moment is Moment.BEFORE_IT_ARRIVES:
                strike.strike()
                raise ConnectionResetError("the request is lost")
            sink.write(octets)
            await sink.drain()
            if strike is not None and strike.moment is Moment.AS_IT_ARRIVES:
                exchange.strike = None
                strike.strike()
        with suppress(OSError):
            sink.write_eof()

    async def _pass_answers(
        self, exchange: _Exchange, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        while octets := await source.read(_PIECE):
            await self._passable.wait()
            strike = exchange.strike
            if strike is not None and strike.moment is Moment.BEFORE_THE_ANSWER:
                strike.strike()
                raise ConnectionResetError("the answer is lost")
            if self._wire is Wire.LOSES_ANSWERS:
                raise ConnectionResetError("the answer is lost")
            sink.write(octets)
            await sink.drain()
            if strike is not None and strike.moment is Moment.AFTER_THE_ANSWER:
                exchange.strike = None
                strike.strike()
        with suppress(OSError):
            sink.write_eof()

"""Asks agents, by pysnmp, in a thread and an event loop of its own.

Loading pysnmp takes a second, and taking apart what an agent sent is work in plain Python: neither holds up a job
that way. The thread is started when the first printer with SNMP is looked at. Each set of credentials has an engine
of its own, so that two printers with the same user name and other keys do not get into each other's way.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from everprint.contract.snmp import PORT, Snmp
from everprint.provider.snmp.engine import Engine
from everprint.provider.snmp.values import Agent, Oid, SnmpFailed, Values

log = logging.getLogger(__name__)

_ASK_S = 15.0
_MOST_ENGINES = 64
_STOP_S = 5.0

Found = TypeVar("Found")


class SnmpSession:
    """All agents that this print server asks. A values.Asks."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._engines: OrderedDict[Snmp, Engine] = OrderedDict()  # by credentials; the thread's own

    async def get(self, agent: Agent, oids: Sequence[Oid]) -> Values:
        """See Asks."""
        return await self._in_thread(lambda: self._engine(agent.snmp).get(agent, oids), agent)

    async def rows(self, agent: Agent, columns: Sequence[Oid], most: int) -> list[Values]:
        """See Asks."""
        return await self._in_thread(lambda: self._engine(agent.snmp).rows(agent, columns, most), agent)

    def close(self) -> None:
        """Ends the thread; whoever waits for an answer gets SnmpFailed or is cancelled."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_STOP_S)
            self._loop = self._thread = None

    async def _in_thread(self, work: Callable[[], Awaitable[Found]], agent: Agent) -> Found:
        async def bounded() -> Found:
            async with asyncio.timeout(_ASK_S):
                return await work()

        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(bounded(), self._started()))
        except SnmpFailed:
            raise
        except TimeoutError:
            raise SnmpFailed(f"The SNMP agent at {agent.host} takes too long to answer.") from None
        except Exception as error:
            # What the library makes of an answer that no agent should give is one more way to say nothing.
            log.debug("snmp answer cannot be used host=%s", agent.host, exc_info=True)
            raise SnmpFailed(
                f"The SNMP agent at {agent.host} cannot be understood ({type(error).__name__})."
            ) from error

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(_note)
            self._thread = threading.Thread(target=self._serve, args=(self._loop,), name="snmp", daemon=True)
            self._thread.start()
        return self._loop

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()
        for engine in self._engines.values():
            engine.close()
        self._engines.clear()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        with contextlib.suppress(RuntimeError):
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def _engine(self, snmp: Snmp) -> Engine:
        credentials = msgspec.structs.replace(snmp, port=PORT, check_counter=False)
        engine = self._engines.get(credentials)
        if engine is None:
            if len(self._engines) >= _MOST_ENGINES:
                self._engines.popitem(last=False)[1].close()
            engine = self._engines[credentials] = Engine(credentials)
        self._engines.move_to_end(credentials)
        return engine


def _note(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """A datagram that broke the library is no more than that: the request that it answered runs into its limit."""
    log.debug("snmp datagram ignored reason=%s", context.get("exception") or context.get("message"))

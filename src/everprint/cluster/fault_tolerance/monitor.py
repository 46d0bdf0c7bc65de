"""QEMU's monitor (QMP), with a limit to every question: a twin whose peer is gone may never answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from qemu.qmp import EventListener, ExecuteError, QMPClient, QMPError
from qemu.qmp.message import Message

_ANSWER_S = 30.0


class MonitorError(Exception):
    """QEMU refused, did not answer in time, or is gone. Says what was asked and why not."""


class Monitor:
    """One QEMU's monitor. Made by `connected`."""

    def __init__(self, client: QMPClient, name: str) -> None:
        self._client = client
        self._name = name
        self._events: dict[str, list[Message]] = {}
        self._heard = asyncio.Condition()

    async def do(self, command: str, arguments: Mapping[str, object] | None = None) -> object:
        """What QEMU answers.

        Raises MonitorError.
        """
        return await self._ask(command, arguments, at_once=False)

    async def type(self, line: str) -> None:
        """A line of the monitor for people, for what QMP has no command for.

        Raises MonitorError, also for what it prints: it prints nothing but errors to these.
        """
        said = await self.do("human-monitor-command", {"command-line": line})
        if said not in ("", "OK\r\n"):
            raise MonitorError(f"{self._name}: {line.partition(' ')[0]}: {str(said).strip()}")

    async def yank(self, instances: Sequence[object]) -> None:
        """Cuts connections at once, even while QEMU's main loop hangs in one of them.

        Raises MonitorError.
        """
        await self._ask("yank", {"instances": list(instances)}, at_once=True)

    async def wait_for(self, event: str, within_s: float) -> Message:
        """The first event of that name since the connection, or the next one.

        Raises MonitorError.
        """
        try:
            async with asyncio.timeout(within_s), self._heard:
                await self._heard.wait_for(lambda: self._events.get(event))
        except TimeoutError:
            raise MonitorError(f"{self._name}: no {event} within {within_s:.0f} s") from None
        return self._events[event][0]

    def events(self, name: str) -> list[Message]:
        """Those of that name since the connection."""
        return self._events.get(name, [])

    async def listen(self, listener: EventListener) -> None:
        """Notes what QEMU tells, until it is cancelled."""
        async for event in listener:
            async with self._heard:
                self._events.setdefault(str(event["event"]), []).append(event)
                self._heard.notify_all()

    async def _ask(self, command: str, arguments: Mapping[str, object] | None, *, at_once: bool) -> object:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._client.execute(command, arguments, oob=at_once)
        except TimeoutError:
            raise MonitorError(f"{self._name}: no answer to {command} within {_ANSWER_S:.0f} s") from None
        except ExecuteError as error:
            raise MonitorError(f"{self._name}: {command}: {error}") from None
        except QMPError as error:
            raise MonitorError(f"{self._name}: {command}: QEMU is gone ({error})") from None


@asynccontextmanager
async def connected(socket: Path, name: str, within_s: float = 20.0) -> AsyncIterator[Monitor]:
    """The monitor behind the socket, as soon as QEMU has made it.

    Raises MonitorError.
    """
    client = QMPClient(name)
    listener = EventListener()
    client.register_listener(listener)
    try:
        async with asyncio.timeout(within_s):
            while True:
                try:
                    await client.connect(str(socket))
                    break
                except (QMPError, OSError):
                    await asyncio.sleep(0.1)
    except TimeoutError:
        raise MonitorError(f"{name}: QEMU made no monitor within {within_s:.0f} s") from None
    monitor = Monitor(client, name)
    listening = asyncio.create_task(monitor.listen(listener))
    try:
        yield monitor
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        # Not the polite way: a QEMU that hangs would never hang up.
        await asyncio.gather(asyncio.wait_for(client.disconnect(), 2), return_exceptions=True)

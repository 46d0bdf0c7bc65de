"""QEMU's monitor (QMP), with a limit to every question: a twin whose peer is gone may never answer.

QMP is lines of JSON (docs/interop/qmp-spec.txt of QEMU's source). It is spoken here with Python's own library:
resource agents run on hosts that have nothing else.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Message = Mapping[str, object]

_ANSWER_S = 30.0
_LONGEST_LINE_OCTETS = 4 << 20
_MOST_EVENTS = 2000


class MonitorError(Exception):
    """QEMU refused, did not answer in time, or is gone. Says what was asked and why not."""


class Monitor:
    """One QEMU's monitor. Made by `connected`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
        self._reader, self._writer = reader, writer
        self._name = name
        self._number = 0
        self._asked: dict[str, asyncio.Future[Message]] = {}
        self._events: dict[str, deque[Message]] = {}
        self._heard = asyncio.Condition()
        self._is_gone = False

    async def do(
        self, command: str, arguments: Mapping[str, object] | None = None, within_s: float = _ANSWER_S
    ) -> object:
        """What QEMU answers.

        Raises MonitorError.
        """
        return await self._ask("execute", command, arguments, within_s)

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
        await self._ask("exec-oob", "yank", {"instances": list(instances)}, _ANSWER_S)

    async def wait_for(self, event: str, within_s: float) -> Message:
        """The first event of that name since the connection, or the next one.

        Raises MonitorError.
        """
        try:
            async with asyncio.timeout(within_s), self._heard:
                await self._heard.wait_for(lambda: self._is_gone or self._events.get(event))
        except TimeoutError:
            raise MonitorError(f"{self._name}: no {event} within {within_s:.0f} s") from None
        if not self._events.get(event):
            raise MonitorError(f"{self._name}: no {event}: QEMU is gone")
        return self._events[event][0]

    def events(self, name: str) -> list[Message]:
        """The latest of that name since the connection."""
        return list(self._events.get(name, ()))

    @property
    def is_gone(self) -> bool:
        """Has QEMU hung up?"""
        return self._is_gone

    async def listen(self) -> None:
        """Notes what QEMU says, until it hangs up or this is cancelled."""
        # One that hangs up while it is written to, or says what is no JSON, is as good as gone.
        with suppress(OSError, ValueError):
            while line := await self._reader.readline():
                message = json.loads(line)
                if "event" in message:
                    async with self._heard:
                        self._events.setdefault(message["event"], deque(maxlen=_MOST_EVENTS)).append(message)
                        self._heard.notify_all()
                elif (asked := self._asked.pop(message.get("id", ""), None)) and not asked.done():
                    asked.set_result(message)
        self._is_gone = True
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(ConnectionError("it hung up"))
        async with self._heard:
            self._heard.notify_all()

    async def _ask(self, how: str, command: str, arguments: Mapping[str, object] | None, within_s: float) -> object:
        self._number += 1
        number = str(self._number)
        answered = asyncio.get_running_loop().create_future()
        request: dict[str, object] = {how: command, "id": number}
        if arguments is not None:
            request["arguments"] = dict(arguments)
        try:
            if self._is_gone:
                raise ConnectionError("it hung up")
            self._asked[number] = answered
            self._writer.write(json.dumps(request).encode() + b"\n")
            async with asyncio.timeout(within_s):
                await self._writer.drain()
                answer = await answered
        except TimeoutError:
            raise MonitorError(f"{self._name}: no answer to {command} within {within_s:.0f} s") from None
        except OSError as error:
            raise MonitorError(f"{self._name}: {command}: QEMU is gone ({error})") from None
        finally:
            self._asked.pop(number, None)
        refused = answer.get("error")
        if isinstance(refused, dict):
            raise MonitorError(f"{self._name}: {command}: {refused.get('desc')}")
        return answer.get("return")


@asynccontextmanager
async def connected(socket: Path, name: str, within_s: float = 20.0) -> AsyncIterator[Monitor]:
    """The monitor behind the socket, as soon as QEMU has made it.

    Raises MonitorError.
    """
    try:
        async with asyncio.timeout(within_s):
            while True:
                try:
                    reader, writer = await asyncio.open_unix_connection(str(socket), limit=_LONGEST_LINE_OCTETS)
                    break
                except OSError:
                    await asyncio.sleep(0.1)
    except TimeoutError:
        raise MonitorError(f"{name}: QEMU made no monitor within {within_s:.0f} s") from None
    monitor = Monitor(reader, writer, name)
    listening: asyncio.Task[None] | None = None
    try:
        await _greeted(reader, name, within_s)
        listening = asyncio.create_task(monitor.listen())
        await monitor.do("qmp_capabilities", {"enable": ["oob"]})
        yield monitor
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        # Not the polite way: a QEMU that hangs would never hang up.
        writer.transport.abort()


async def _greeted(reader: asyncio.StreamReader, name: str, within_s: float) -> None:
    """QEMU talks to one at a time at a socket, and greets whose turn it is."""
    try:
        async with asyncio.timeout(within_s):
            if not await reader.readline():
                raise MonitorError(f"{name}: QEMU is gone")
    except TimeoutError:
        raise MonitorError(f"{name}: its monitor does not greet within {within_s:.0f} s") from None
    except OSError as error:
        raise MonitorError(f"{name}: QEMU is gone ({error})") from None

"""A transport that sends what is written within one step of the event loop in one go.

uvicorn writes the header of an answer and its body one after the other: two system calls and two packets for a
short answer. Joined they are one of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

# Larger pieces go out at once, behind what is held: joining them would only copy them.
_LARGE = 64 << 10


class JoinedWrites(asyncio.Transport):
    """The transport of a connection, as its protocol sees it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Holds the data until the step ends."""
        if len(data) >= _LARGE:
            self._flush()
            self._transport.write(data)
            return
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """As write, for each."""
        for data in list_of_data:
            self.write(data)

    def close(self) -> None:
        """Sends what is held, then closes."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once; what is held is lost."""
        self._held.clear()
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        """What is not sent yet."""
        return self._transport.get_write_buffer_size() + sum(map(len, self._held))

    def _flush(self) -> None:
        if self._held:
            data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
            self._held.clear()
            self._transport.write(data)

    # All else is the transport's own.

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio's own
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def is_reading(self) -> bool:
        return self._transport.is_reading()

    def can_write_eof(self) -> bool:
        return False

"""The provider's end of the talk with one backend: lines of JSON, a document of known length, and descriptors.

Plain sockets, because asyncio's streams cannot hand over a descriptor.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

_MOST_MESSAGE_OCTETS = 1 << 20  # options may be long
_PIECE = 256 << 10


class Gone(Exception):
    """The backend, and the real one that it started, are not there any more."""


def uid_of(connection: socket.socket) -> int:
    """Who is at the other end, as the kernel says (unix(7), SO_PEERCRED)."""
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", said)
    return int(uid)


class Channel:
    """One connection. Only one task may hear; anybody may say."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._loop = asyncio.get_running_loop()
        self._rest = bytearray()

    async def hear(self) -> bytes:
        """The next message, not decoded. Raises Gone."""
        while b"\n" not in self._rest:
            if len(self._rest) > _MOST_MESSAGE_OCTETS:
                raise Gone("it says more than it may")
            self._rest += await self._receive()
        line, _, rest = self._rest.partition(b"\n")
        self._rest = rest
        return bytes(line)

    async def document(self, octets: int) -> AsyncIterator[bytes]:
        """So many octets. Raises Gone."""
        while octets:
            piece = bytes(self._rest[:octets]) if self._rest else b""
            if piece:
                del self._rest[: len(piece)]
            else:
                piece = await self._receive()
                if len(piece) > octets:
                    self._rest += piece[octets:]
                    piece = piece[:octets]
            octets -= len(piece)
            yield piece

    async def say(self, **message: object) -> None:
        """Raises Gone."""
        try:
            await self._loop.sock_sendall(self._socket, msgspec.json.encode(message) + b"\n")
        except OSError as error:
            raise Gone(str(error)) from error

    def hand_over(self, *descriptors: int, **message: object) -> None:
        """Says it with open files. Raises Gone; then it was not said."""
        octets = msgspec.json.encode(message) + b"\n"
        try:
            # A few octets on a local socket: all of them or none.
            socket.send_fds(self._socket, [octets], descriptors)
        except OSError as error:
            raise Gone(str(error)) from error

    def close(self) -> None:
        """Hangs up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    async def _receive(self) -> bytes:
        try:
            octets = await self._loop.sock_recv(self._socket, _PIECE)
        except OSError as error:
            raise Gone(str(error)) from error
        if not octets:
            raise Gone("it hung up")
        return octets

"""Does the other host still take what is written? Asked of the very server that has the copy, by its own protocol.

An open port proves nothing: a server that stands still has one. So it is asked to flush, which it answers when its
disk has done so. The NBD protocol: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from everprint.cluster.ocf.mirror.places import AUTHORITY

_OPTION_MAGIC = 0x49484156454F5054
_OPTION_REPLY_MAGIC = 0x3E889045565A9
_REQUEST_MAGIC = 0x25609513
_REPLY_MAGIC = 0x67446698
_START_TLS, _GO = 5, 7
_ACK, _INFO = 1, 3
_INFO_EXPORT = 0
_FLUSH = 3
_MOST_OPTION_OCTETS = 64 << 10
_PAUSE_S = 0.5


class NoTarget(Exception):
    """The copy's server is not there, or is none that may be trusted. Says why."""


class Target:
    """A connection of its own to the copy's server."""

    def __init__(self, address: str, port: int, name: str, export: str, certificates: Path, within_s: float) -> None:
        """Connects, proves who both are, and asks for the copy's size. Raises NoTarget."""
        try:
            plain = socket.create_connection((address, port), timeout=within_s)
            self._socket: socket.socket = plain
            try:
                self._begin(name, export, certificates)
            except BaseException:
                self._socket.close()
                raise
        except (OSError, ValueError, struct.error) as error:
            raise NoTarget(f"{name} ({address}:{port}) does not have the copy: {error}") from error

    def flush(self, within_s: float) -> None:
        """Returns when the copy's disk has all that was written. Raises NoTarget."""
        try:
            self._socket.settimeout(within_s)
            self._socket.sendall(struct.pack(">IHHQQI", _REQUEST_MAGIC, 0, _FLUSH, 1, 0, 0))
            magic, trouble, _ = struct.unpack(">IIQ", self._exactly(16))
        except (OSError, ValueError) as error:
            raise NoTarget(f"no answer: {error}") from error
        if magic != _REPLY_MAGIC or trouble:
            raise NoTarget(f"its disk does not take what is written (error {trouble})")

    def close(self) -> None:
        """Lets go of the connection."""
        self._socket.close()

    def _begin(self, name: str, export: str, certificates: Path) -> None:
        if self._exactly(16) != b"NBDMAGICIHAVEOPT":
            raise ValueError("what listens there is no NBD server")
        self._exactly(2)
        self._socket.sendall(struct.pack(">I", 3))  # fixed newstyle, no zeroes
        self._ask(_START_TLS, b"")
        trusted = ssl.create_default_context(cafile=str(certificates / AUTHORITY))
        trusted.load_cert_chain(certificates / "client-cert.pem", certificates / "client-key.pem")
        self._socket = trusted.wrap_socket(self._socket, server_hostname=name)
        called = export.encode()
        self.size = self._ask(_GO, struct.pack(">I", len(called)) + called + struct.pack(">H", 0))

    def _ask(self, option: int, data: bytes) -> int:
        """The export's size, if the server tells it."""
        size = 0
        self._socket.sendall(struct.pack(">QII", _OPTION_MAGIC, option, len(data)) + data)
        while True:
            magic, _, kind, length = struct.unpack(">QIII", self._exactly(20))
            if magic != _OPTION_REPLY_MAGIC or length > _MOST_OPTION_OCTETS:
                raise ValueError("what listens there is no NBD server")
            said = self._exactly(length)
            if kind == _ACK:
                return size
            if kind != _INFO:
                raise ValueError(said.decode("utf-8", "replace") or f"refused with {kind:#x}")
            if struct.unpack(">H", said[:2])[0] == _INFO_EXPORT:
                (size,) = struct.unpack(">Q", said[2:10])

    def _exactly(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            piece = self._socket.recv(count - len(got))
            if not piece:
                raise ValueError("it hung up")
            got += piece
        return got


class Heartbeat:
    """Asks all the time, in a thread of its own: how long ago was the last good answer?

    A server that comes back within that time, as after a restart, is as good as one that was never away.
    """

    def __init__(self, connect: Callable[[], Target], within_s: float) -> None:
        self._connect = connect
        self._within_s = within_s
        self._last = time.monotonic()
        self._ended = threading.Event()
        self.complaint = ""
        """What came instead of the last answer."""
        threading.Thread(target=self._beat, daemon=True).start()

    def is_lost(self) -> bool:
        """No good answer for too long."""
        return time.monotonic() - self._last > self._within_s

    def end(self) -> None:
        """No more questions."""
        self._ended.set()

    def _beat(self) -> None:
        target: Target | None = None
        while not self._ended.wait(_PAUSE_S):
            try:
                target = target or self._connect()
                target.flush(self._within_s)
                self._last, self.complaint = time.monotonic(), ""
            except NoTarget as error:
                self.complaint = str(error)
                if target:
                    target.close()
                target = None
        if target:
            target.close()

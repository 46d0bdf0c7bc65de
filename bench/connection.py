"""One keep-alive HTTP connection of a load client: non-blocking, its requests encoded beforehand.

The clients must not be the bottleneck, so there is no HTTP library: an answer is a head with a Content-Length and a
body, or the run ends with an error.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping

_IPP = re.compile(rb"\r\ncontent-type:[ \t]*application/ipp", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


class WrongAnswer(Exception):
    """Something other than HTTP 2xx with a length, or IPP that is not successful."""


class Connection:
    """Send one request, then call `receive` whenever the socket can be read until it returns the answer."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = bytearray()

    def fileno(self) -> int:
        """For select."""
        return self.socket.fileno()

    def send(self, request: bytes) -> None:
        """Sends all of it; on the loopback the kernel takes a 30 kB request at once."""
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """The body of the answer once it is there whole."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise WrongAnswer(f"the connection was closed; until then: {bytes(self._received[:200])!r}")
        if not self._received:
            body = _whole_answer(chunk)
            if body is not None:
                return body
        self._received += chunk
        body = _whole_answer(bytes(self._received))
        if body is not None:
            self._received.clear()
        return body

    def ask(self, request: bytes) -> bytes:
        """Sends a request and waits for its answer."""
        self.send(request)
        while (answer := self.receive()) is None:
            continue
        return answer

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()


def _whole_answer(received: bytes) -> bytes | None:
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    if received[9:10] != b"2":
        raise WrongAnswer(received[:400].decode("utf-8", "replace"))
    length = _LENGTH.search(received, 0, end)
    if length is None:
        raise WrongAnswer(f"an answer without Content-Length: {received[:end].decode('utf-8', 'replace')}")
    start, size = end + 4, int(length[1])
    if len(received) < start + size:
        return None
    if _IPP.search(received, 0, end) and received[start + 2 : start + 4] > b"\x00\xff":
        raise WrongAnswer(f"an IPP status that is not successful: {received[start : start + 300]!r}")
    return received[start : start + size]


def http_post(host: str, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole POST request; its body is IPP unless the headers say otherwise. `host` is the Host header."""
    fields = {"Host": host, "Content-Type": "application/ipp", "Content-Length": str(len(body)), **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

"""HTTP by hand, for what no client library will do: stop half way, dawdle, break the rules."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from types import TracebackType

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawConnection:
    """One connection; a context manager."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        plain = socket.create_connection(address, timeout=PATIENCE_S)
        self._socket = tls.wrap_socket(plain, server_hostname=address[0]) if tls else plain
        self._received = b""

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, octets: bytes) -> None:
        """Sends it all."""
        self._socket.sendall(octets)

    def end_sending(self) -> None:
        """Closes our half."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Goes away."""
        self._socket.close()

    def read_line(self) -> bytes:
        """The next line, without its end; empty at the end of the connection."""
        while b"\r\n" not in self._received:
            if not self._receive():
                return b""
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def read_answer(self) -> Answer:
        """The next whole answer (with a Content-Length)."""
        status_line = self.read_line()
        assert status_line.startswith(b"HTTP/1.1 "), f"the connection ended, or this is no HTTP: {status_line!r}"
        headers = {}
        while line := self.read_line():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", "0"))
        while len(self._received) < length:
            assert self._receive(), "the connection ended within an answer"
        body, self._received = self._received[:length], self._received[length:]
        return Answer(int(status_line.split()[1]), headers, body)

    def is_closed_by_server(self) -> bool:
        """Waits for the end of the connection; False if octets come, or nothing happens in time."""
        try:
            return not self._received and not self._receive()
        except TimeoutError:
            return False

    def _receive(self) -> bool:
        try:
            octets = self._socket.recv(1 << 16)
        except ConnectionError:
            return False
        self._received += octets
        return bool(octets)


def post(
    body: bytes,
    *headers: str,
    path: str = "/ipp/print",
    media_type: str = "application/ipp",
    length: int | None = None,
) -> bytes:
    """A POST request; *length* lies about the body, -1 leaves Content-Length out."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Type: {media_type}", *headers]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunk(octets: bytes) -> bytes:
    """One piece of a chunked body; an empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(octets), octets)

"""Streams one document to the guest of `rig.streaming_guest` by one connection, and tells how long it ever paused.

Run by itself, where people are: ADDRESS PORT UUID OCTETS SECONDS. Prints JSON lines: which part is on its way, again
and again; at the end what was answered. A pause that buffers hide is seen by what the kernel has acknowledged.
"""

from __future__ import annotations

import hashlib
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator

_WAITING, _ACKED = 24, 120  # tcpi_unacked and tcpi_bytes_acked in struct tcp_info (linux/tcp.h)
_CHUNK_OCTETS = 4096
_PATIENCE_S = 120.0


def main(address: str, port: int, uuid: str, octets: int, seconds: float) -> None:
    document = hashlib.shake_256(uuid.encode()).digest(octets)
    with connected(address, port) as connection:
        connection.sendall(f"job {uuid} {octets}\n".encode())
        watch = Watch(connection)
        watch.start()
        for piece in pieces(document, seconds):
            connection.sendall(piece)
        with connection.makefile("rb") as answers:
            accepted = answers.readline().decode().split()
            connection.sendall(b"ledger\n")
            ledger = []
            while (line := answers.readline().decode().strip()) != "end":
                if not line:
                    raise SystemExit("the guest closed the connection")
                ledger.append(line)
    whole = accepted == ["accepted", uuid, hashlib.sha256(document).hexdigest()]
    tell({"whole": whole, "charged": ledger.count(f"{uuid} charged"), "paused_s": round(watch.longest_s, 2)})


def connected(address: str, port: int) -> socket.socket:
    """The one connection; the guest may be booting still."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection = socket.create_connection((address, port), timeout=_PATIENCE_S)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
        else:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection


def pieces(document: bytes, seconds: float) -> Iterator[bytes]:
    """The document a little at a time, over so many seconds; tells after each piece how much is on its way."""
    begun = time.monotonic()
    for start in range(0, len(document), _CHUNK_OCTETS):
        time.sleep(max(begun + seconds * start / len(document) - time.monotonic(), 0))
        yield document[start : start + _CHUNK_OCTETS]
        tell({"part": min((start + _CHUNK_OCTETS) / len(document), 1)})


class Watch(threading.Thread):
    """The longest time in which something was on its way and nothing was acknowledged."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self.longest_s = 0.0

    def run(self) -> None:
        """Looks all the time, until the connection is closed."""
        seen, since = 0, time.monotonic()
        while self._connection.fileno() >= 0:
            try:
                info = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192)
            except OSError:
                return
            (acknowledged,), (waiting,) = (
                struct.unpack_from("Q", info, _ACKED),
                struct.unpack_from("I", info, _WAITING),
            )
            now = time.monotonic()
            if acknowledged != seen or not waiting:
                seen, since = acknowledged, now
            self.longest_s = max(self.longest_s, now - since)
            time.sleep(0.02)


def tell(what: dict[str, object]) -> None:
    """A line for whoever started this."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    _, to, at, name, length, lasting = sys.argv
    main(to, int(at), name, int(length), float(lasting))

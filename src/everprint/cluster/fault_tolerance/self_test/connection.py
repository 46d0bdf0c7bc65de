"""The client's one connection, which must live through it all: it sends lines, and tells when each is answered."""

from __future__ import annotations

import json
import socket
import sys
import time


def main(address: str, port: int, seconds: float) -> None:
    """Counts with the guest for so many seconds, or until nothing is answered; prints what it saw as JSON lines, one
    for each answer (`[seconds on the monotonic clock, number]`), flushed."""
    end = time.monotonic() + seconds
    connection = _connect(address, port, end)
    connection.settimeout(60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as answers:
        while time.monotonic() < end:
            connection.sendall(b"next\n")
            line = answers.readline()
            if not line:
                raise SystemExit("the guest closed the connection")
            sys.stdout.write(json.dumps([time.monotonic(), int(line)]) + "\n")
            sys.stdout.flush()
            time.sleep(0.01)


def _connect(address: str, port: int, end: float) -> socket.socket:
    while True:
        try:
            return socket.create_connection((address, port), timeout=1)
        except OSError:
            if time.monotonic() > end:
                raise SystemExit("the guest never answered") from None
            time.sleep(0.1)


if __name__ == "__main__":
    _, to, at, for_s = sys.argv
    main(to, int(at), float(for_s))

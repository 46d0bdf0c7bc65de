"""An end to a conversation over a socket, however lively: a socket's own time-out begins anew with each octet."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def ends_after(seconds: float, connected: socket.socket) -> Iterator[threading.Event]:
    """Ends what is said over the socket after so long. The event says whether that was needed."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()

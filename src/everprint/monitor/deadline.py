"""An end to a conversation over a socket, however lively: a socket's own time-out begins anew with each octet."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult


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


@contextmanager
def conversation(
    url: SplitResult, seconds: float, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[http.client.HTTPConnection, threading.Event]]:
    """Connects to a web service, ends what is said after so long, and lets go of the connection.

    `tls` says whom to trust; without it whom this machine trusts. Raises OSError, http.client.HTTPException or
    ValueError, as what is said over the connection does.
    """
    connection: http.client.HTTPConnection
    if url.scheme == "https":
        trusted = tls or ssl.create_default_context()
        connection = http.client.HTTPSConnection(url.netloc, timeout=seconds, context=trusted)
    else:
        connection = http.client.HTTPConnection(url.netloc, timeout=seconds)
    try:
        connection.connect()
        with ends_after(seconds, connection.sock) as is_over:
            yield connection, is_over
    finally:
        connection.close()

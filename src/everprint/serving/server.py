"""Serves one application on several listeners until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from email.utils import formatdate

from uvicorn.server import ServerState

from everprint.serving.admission import Admission
from everprint.serving.asgi import ASGIApp
from everprint.serving.deadlines import Deadlines
from everprint.serving.listener import Listener
from everprint.serving.open_files import connections_that_fit
from everprint.serving.protocol import BoundedProtocol, protocol_config
from everprint.serving.renewed_certificate import RenewedCertificate

logger = logging.getLogger(__name__)

_BACKLOG = 1024
_STOP_POLL_S = 0.02


async def serve(
    application: ASGIApp,
    listeners: Sequence[Listener],
    *,
    deadlines: Deadlines | None = None,
    stop: asyncio.Event,
    on_listening: Callable[[list[tuple[str, int]]], None] | None = None,
    on_stopping: Callable[[], None] | None = None,
) -> None:
    """Serves until *stop* is set; then takes no more, finishes what is under way within `stop_s` and returns.

    *on_listening* is told the address and port of each listener, in their order, once all of them are open;
    *on_stopping* is called before requests under way are waited for, so that it can end those that only wait.
    The application gets no lifespan events: what it needs is started before and stopped after this call.
    Raises CannotListen.
    """
    deadlines = deadlines or Deadlines()
    config = protocol_config(application, deadlines)
    state = ServerState()
    _set_date(state)
    admission = Admission(connections_that_fit(deadlines.max_connections), deadlines.max_connections_per_address)

    def new_connection() -> BoundedProtocol:
        return BoundedProtocol(config, state, deadlines, admission)

    async with contextlib.AsyncExitStack() as stack:
        # Certificates and sockets first: nothing is served before everything can be.
        opened = [(listener, listener.tls_context(), listener.open_socket()) for listener in listeners]
        servers = [
            await stack.enter_async_context(_listening(new_connection, tls, listening, deadlines))
            for _, tls, listening in opened
        ]
        addresses = [server.sockets[0].getsockname()[:2] for server in servers]
        for (listener, _, _), (host, port) in zip(opened, addresses, strict=True):
            logger.info(
                "listening scheme=%s host=%s port=%d", "https" if listener.certificate else "http", host, port
            )
        if on_listening is not None:
            on_listening(addresses)
        renewed = [RenewedCertificate(listener, tls) for listener, tls, _ in opened if tls is not None]
        await _sweep_until(stop, state, deadlines, renewed)
        if on_stopping is not None:
            on_stopping()
    await _finish(state, deadlines)


@contextlib.asynccontextmanager
async def _listening(
    new_connection: Callable[[], BoundedProtocol],
    tls: ssl.SSLContext | None,
    listening: socket.socket,
    deadlines: Deadlines,
) -> AsyncIterator[asyncio.Server]:
    patience = None if tls is None else deadlines.header_s
    server = await asyncio.get_running_loop().create_server(
        new_connection,
        sock=listening,
        ssl=tls,
        backlog=_BACKLOG,
        ssl_handshake_timeout=patience,
        ssl_shutdown_timeout=patience,
    )
    try:
        yield server
    finally:
        server.close()


async def _sweep_until(
    stop: asyncio.Event, state: ServerState, deadlines: Deadlines, renewed: Sequence[RenewedCertificate]
) -> None:
    """Looks at every connection a few times within the shortest deadline, and at the certificates as often."""
    shortest = min(deadlines.header_s, deadlines.body_idle_s, deadlines.answer_idle_s, deadlines.drain_s)
    period = min(1.0, shortest / 4)
    clock = asyncio.get_running_loop().time
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(period):
                await stop.wait()
        _set_date(state)
        for certificate in renewed:
            certificate.look()
        now = clock()
        for connection in list(state.connections):
            if isinstance(connection, BoundedProtocol):
                connection.close_if_late(now)


def _set_date(state: ServerState) -> None:
    state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]


async def _finish(state: ServerState, deadlines: Deadlines) -> None:
    """Lets requests under way end, and cuts off what takes longer."""
    for connection in list(state.connections):
        connection.shutdown()
    end = time.monotonic() + deadlines.stop_s
    while (state.connections or state.tasks) and time.monotonic() < end:  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(_STOP_POLL_S)
    for task in list(state.tasks):
        task.cancel("the server stops")
    for connection in list(state.connections):
        connection.transport.abort()
    if state.tasks:
        await asyncio.wait(list(state.tasks), timeout=deadlines.stop_s)

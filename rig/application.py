"""Any of our ASGI applications behind the real server, on a port of its own, in a thread of the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from everprint.serving import Deadlines, Listener, run, serve
from everprint.serving.asgi import ASGIApp

LOOPBACK = Listener("127.0.0.1", 0)


@contextmanager
def run_application(
    application: ASGIApp, listener: Listener = LOOPBACK, deadlines: Deadlines | None = None
) -> Iterator[tuple[str, int]]:
    """Serves the application until the block ends; gives its address and port."""
    listening = threading.Event()
    told: list[tuple[str, int]] = []
    control: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        stop = asyncio.Event()
        control.append((asyncio.get_running_loop(), stop))

        def on_listening(addresses: list[tuple[str, int]]) -> None:
            told.extend(addresses)
            listening.set()

        await serve(application, [listener], deadlines=deadlines, stop=stop, on_listening=on_listening)

    thread = threading.Thread(target=lambda: run(main()), daemon=True)
    thread.start()
    assert listening.wait(10), "the server did not start"
    try:
        yield told[0]
    finally:
        loop, stop = control[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        assert not thread.is_alive(), "the server did not stop"

"""The printer's port for IPP: it is there while the printer has power, and nobody else gets it meanwhile.

Without power the port is closed, connections are cut and new ones are refused: to clients, what a printer without
power is. The page and the control endpoint have a port of their own, or nobody could switch it on again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from everprint.serving import Deadlines, Listener, serve
from everprint.serving.asgi import ASGIApp
from everprint.virtual_printer.changes import Changes
from everprint.virtual_printer.printer import Printer

# Who has lost power says no goodbye.
DEADLINES = Deadlines(stop_s=0.0)


class Port:
    """Serves the application while the printer has power."""

    def __init__(self, printer: Printer, listener: Listener, application: ASGIApp) -> None:
        self._printer = printer
        self._application = application
        # Bound and never listening: it keeps the port for us while the power is off.
        self._reservation = listener.open_socket()
        self.listener = replace(listener, port=self._reservation.getsockname()[1])

    async def serve(self, stop: asyncio.Event) -> None:
        """Opens and closes with the power until *stop* is set.

        Raises CannotListen.
        """
        changes = self._printer.changes
        try:
            while not stop.is_set():
                await _first_of(stop.wait(), changes.until(lambda: self._printer.device is not None))
                if self._printer.device is not None and not stop.is_set():
                    await self._serve_until_power_goes(changes, stop)
        finally:
            self._reservation.close()

    async def _serve_until_power_goes(self, changes: Changes, stop: asyncio.Event) -> None:
        device, gone = self._printer.device, asyncio.Event()

        async def watch() -> None:
            await _first_of(stop.wait(), changes.until(lambda: self._printer.device is not device))
            gone.set()

        def on_listening(_addresses: list[tuple[str, int]]) -> None:
            self._printer.port_is_open = True
            changes.announce()

        watching = asyncio.create_task(watch())
        try:
            await serve(self._application, [self.listener], deadlines=DEADLINES, stop=gone, on_listening=on_listening)
        finally:
            watching.cancel()
            self._printer.port_is_open = False
            changes.announce()


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()

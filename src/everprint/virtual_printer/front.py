"""What stands between the network and the printer: slow answers, nonsense for answers, and power that goes."""

from __future__ import annotations

import asyncio
import os

from everprint.serving.asgi import ASGIApp, Event, Receive, Scope, Send
from everprint.virtual_printer.printer import Printer

MEDIA_TYPE = b"application/ipp"
# 0x0f begins no attribute group, so that no luck makes a message of it.
GARBAGE_HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01\x0f"
GARBAGE_OCTETS = 200


class Front:
    """The application behind the printer's port: IPP as the printer's troubles let it."""

    def __init__(self, printer: Printer, ipp: ASGIApp) -> None:
        self._printer = printer
        self._ipp = ipp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request (ASGI)."""
        if scope["type"] != "http":
            return
        device, task = self._printer.device, asyncio.current_task()
        assert task is not None
        try:
            if device is not None:
                await self._answer(scope, receive, send)
                return
        except asyncio.CancelledError:
            if self._printer.device is device:
                raise
            task.uncancel()
        # The power went: no answer, and the connection goes with the port.
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        troubles = self._printer.troubles
        if scope["method"] != "POST":
            await self._ipp(scope, receive, send)
            return
        if troubles.answer_delay_s:
            await asyncio.sleep(troubles.answer_delay_s)
        if not troubles.garbage:
            await self._ipp(scope, receive, send)
            return
        # Worse than a printer that does nothing: it does what it was asked and nobody can read what it says.
        await self._ipp(scope, receive, _say_nothing)
        body = GARBAGE_HEAD + os.urandom(GARBAGE_OCTETS)
        headers = [(b"content-type", MEDIA_TYPE), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _say_nothing(_event: Event) -> None:
    pass

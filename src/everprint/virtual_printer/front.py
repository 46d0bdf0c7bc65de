"""What stands between the network and the printer: no power, slow answers, nonsense for answers.

A real printer without power answers nothing, on any connection. Here its page and its control endpoint still do, or
nobody could switch it on again.
"""

from __future__ import annotations

import asyncio
import os

from everprint.serving.asgi import ASGIApp, Event, Receive, Scope, Send
from everprint.serving.protocol import ABORT
from everprint.virtual_printer.printer import Printer

MEDIA_TYPE = b"application/ipp"
GARBAGE_OCTETS = 200


class Front:
    """The printer's ASGI application: IPP as the printer's troubles let it, everything else straight to `pages`."""

    def __init__(self, printer: Printer, ipp: ASGIApp, pages: ASGIApp) -> None:
        self._printer = printer
        self._ipp = ipp
        self._pages = pages
        self._in_hand: set[asyncio.Task[None]] = set()
        printer.on_power_off = self._cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request (ASGI)."""
        if scope["type"] != "http":
            return
        if not _is_ipp(scope):
            await self._pages(scope, receive, send)
            return
        device, task = self._printer.device, asyncio.current_task()
        assert task is not None
        self._in_hand.add(task)
        try:
            if device is not None:
                await self._answer(scope, receive, send)
                return
        except asyncio.CancelledError:
            if self._printer.device is device:
                raise
            task.uncancel()
        finally:
            self._in_hand.discard(task)
        await _drop_connection(scope, receive)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        troubles = self._printer.troubles
        if troubles.answer_delay_s:
            await asyncio.sleep(troubles.answer_delay_s)
        if not troubles.garbage:
            await self._ipp(scope, receive, send)
            return
        # Worse than a printer that does nothing: it does what it was asked and nobody can read what it says.
        await self._ipp(scope, receive, _say_nothing)
        headers = [(b"content-type", MEDIA_TYPE), (b"content-length", b"%d" % GARBAGE_OCTETS)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": os.urandom(GARBAGE_OCTETS)})

    def _cut(self) -> None:
        for task in self._in_hand:
            task.cancel()


def _is_ipp(scope: Scope) -> bool:
    content_types = [value for name, value in scope["headers"] if name == b"content-type"]
    return scope["method"] == "POST" and any(value.startswith(MEDIA_TYPE) for value in content_types)


async def _say_nothing(_event: Event) -> None:
    pass


async def _drop_connection(scope: Scope, receive: Receive) -> None:
    """Ends the connection without a word, and waits until it has ended."""
    scope["extensions"][ABORT]["call"]()
    while (await receive())["type"] != "http.disconnect":
        pass

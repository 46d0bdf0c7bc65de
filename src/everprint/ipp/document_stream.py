"""The document data that follows the attributes of a request, read as it arrives and never held whole."""

from __future__ import annotations

import asyncio

from everprint.ipp.asgi import Receive
from everprint.ipp.errors import DocumentIncomplete, DocumentStalled, DocumentTooLarge
from everprint.ipp.limits import Limits


class DocumentStream:
    """An asynchronous iterator of pieces of the document, in order; it ends where the document ends.

    Whoever iterates gets the whole document or one of DocumentTooLarge, DocumentStalled and DocumentIncomplete:
    an iteration that ends by itself is a document that is whole. Reading is what lets the client go on sending.
    """

    def __init__(
        self, receive: Receive, limits: Limits, first: bytes, more: bool, declared_octets: int | None
    ) -> None:
        self.octets = 0  # read so far
        self.declared_octets = declared_octets  # what the client announced, if it did
        self._receive = receive
        self._limits = limits
        self._first = first
        self._more = more
        self._waited_s = 0.0

    def __aiter__(self) -> DocumentStream:
        return self

    async def __anext__(self) -> bytes:
        if self.declared_octets is not None and self.declared_octets > self._limits.max_document_octets:
            raise DocumentTooLarge(self._limits.max_document_octets)
        piece, self._first = self._first, b""
        while not piece:
            if not self._more:
                raise StopAsyncIteration
            piece = await self._next_piece()
        self.octets += len(piece)
        if self.octets > self._limits.max_document_octets:
            raise DocumentTooLarge(self._limits.max_document_octets)
        return piece

    @property
    def is_complete(self) -> bool:
        """True if nothing more is to come over the connection."""
        return not self._more

    async def _next_piece(self) -> bytes:
        limits = self._limits
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(limits.body_idle_s):
                event = await self._receive()
        except TimeoutError:
            raise DocumentStalled(
                f"nothing came for {limits.body_idle_s:g} s after {self.octets} octets of the document"
            ) from None
        self._waited_s += clock() - began
        if event["type"] == "http.disconnect":
            raise DocumentIncomplete(self.octets)
        piece: bytes = event.get("body", b"")
        self._more = event.get("more_body", False)
        arrived = self.octets + len(piece)
        if self._more and self._waited_s > limits.body_idle_s and arrived < self._waited_s * limits.min_octets_per_s:
            raise DocumentStalled(f"the document comes slower than {limits.min_octets_per_s:g} octets a second")
        return piece

"""Answers that are sent while they are made: long listings, and pages that say how far they are.

A page that is long in the making is sent as far as the place of what it finds; then comes, line by line, how far it
is, and at last what was found. It needs no script, and whoever goes away ends the work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string

# Stands in the page's template where the pieces go; no page has such a text by chance.
_PLACE = "<!-- streamed -->"


async def in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is made in the request's own thread, where its database connection lives."""
    while (piece := await sync_to_async(lambda: next(pieces, None), thread_sensitive=True)()) is not None:
        yield piece


def streamed_page(
    request: HttpRequest, template: str, context: Mapping[str, object], pieces: Iterator[str]
) -> StreamingHttpResponse:
    """The page, with the pieces in the place of its comment `streamed`, each sent as soon as it is there."""
    before, _, after = render_to_string(template, dict(context), request).partition(_PLACE)

    def all_of_it() -> Iterator[bytes]:
        yield before.encode()
        for piece in pieces:
            yield piece.encode()
        yield after.encode()

    response = StreamingHttpResponse(in_turn(all_of_it()))
    response["Cache-Control"] = "no-store"
    return response

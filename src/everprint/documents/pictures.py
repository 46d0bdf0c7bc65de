"""One page of a document as a picture (PNG), for people to look at. Each language's module draws its own."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from everprint.documents.analyse import analyse_source
from everprint.documents.detect import recognise
from everprint.documents.languages import WRAPPERS, Opener, counter, drawer, opener
from everprint.documents.limits import MOST_WRAPPERS, Limits
from everprint.documents.result import Unreadable
from everprint.documents.source import Source

LEAST_DPI, MOST_DPI = 10, 600


def draw_page(path: Path, number: int, dpi: int) -> bytes:
    """Page `number` (from 1) at about `dpi`, as PNG of 8 bits a channel, grey or in colour.

    Raises Unreadable if there is no such page, the language cannot be drawn or the dpi are out of bounds.
    """
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise Unreadable(f"pages cannot be drawn at {dpi} dpi, only at {LEAST_DPI} to {MOST_DPI}")
    if number < 1:
        raise Unreadable(f"there is no page {number}")
    picture = _draw(Source.whole(path), number, dpi, depth=0)
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _draw(source: Source, number: int, dpi: int, depth: int) -> Image.Image:
    detected = recognise(source)
    if detected.wrapper in WRAPPERS and depth < MOST_WRAPPERS:
        return _draw_within(opener(detected.wrapper), source, number, dpi, depth)
    draw = drawer(detected.language)
    if draw is None:
        raise Unreadable(f"pages of {detected.name} cannot be drawn")
    return draw(source, number, dpi)


def _draw_within(open_wrapper: Opener, source: Source, number: int, dpi: int, depth: int) -> Image.Image:
    """A page of one of the documents in a wrapper; those before it are counted to know which."""
    limits, left = Limits(), number
    with open_wrapper(source, limits) as contents:
        for part in contents.parts[:-1]:
            pages = _count(part.source, limits)
            if left <= pages:
                return _draw(part.source, left, dpi, depth + 1)
            left -= pages
        if not contents.parts:
            raise Unreadable("there is no document in it")
        return _draw(contents.parts[-1].source, left, dpi, depth + 1)


def _count(source: Source, limits: Limits) -> int:
    count = counter(recognise(source).language)
    return count(source, limits) if count else len(analyse_source(source, limits).pages)

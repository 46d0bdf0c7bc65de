"""A page of a raster file as a picture. Unpacks strip by strip, and makes each smaller before the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from everprint.documents.limits import MAX_PICTURE_PIXELS
from everprint.documents.media import MM_PER_INCH
from everprint.documents.raster_pages import Begin, RasterHeader, opened
from everprint.documents.raster_rows import Octets, Order, as_light, chunky
from everprint.documents.raster_stream import EndsEarly, PageFound, RasterStream
from everprint.documents.result import Unreadable
from everprint.documents.source import Source

_STRIP_PIXELS = 1 << 20


def draw_raster_page(source: Source, begin: Begin, number: int, dpi: int) -> Image.Image:
    """Page `number`, at most at `dpi`: pixels that are not there are not invented.

    Raises Unreadable.
    """
    with opened(source) as stream:
        try:
            read, _ = begin(stream)
            for before in range(1, number + 1):
                if not stream.has_more():
                    raise Unreadable(f"there is no page {number}: it has {before - 1}")
                header = read(stream)
                if before < number:
                    stream.look_at_page(header.stored, header.colours, PageFound())
        except EndsEarly:
            raise Unreadable(f"it ends before page {number}") from None
        return _draw(stream, header, dpi)


def _draw(stream: RasterStream, header: RasterHeader, dpi: int) -> Image.Image:
    stored = header.stored
    if stored.order is Order.PLANAR and stored.channels > 1:
        raise Unreadable("its colours are stored plane by plane, which is not drawn")
    blank = as_light(np.zeros((1, 1, stored.channels), np.uint8), header.colours)
    if blank is None:
        raise Unreadable("its colours are inks without names, which cannot be drawn")
    factor = (
        _factor(stored.width / header.width_mm * MM_PER_INCH, dpi),
        _factor(stored.height / header.height_mm * MM_PER_INCH, dpi),
    )
    size = (-(-stored.width // factor[0]), -(-stored.height // factor[1]))
    if size[0] * size[1] > MAX_PICTURE_PIXELS:
        raise Unreadable(f"a picture of {size[0]} by {size[1]} pixels is too large")
    picture = Image.new("L" if blank.ndim == 2 else "RGB", size, "white")
    drawn = 0
    for strip in _strips(_light(stream, header), max(1, _STRIP_PIXELS // stored.width // factor[1]) * factor[1]):
        small = Image.fromarray(strip).reduce(factor)
        picture.paste(small, (0, drawn))
        drawn += small.height
    return picture


def _factor(has_dpi: float, wanted_dpi: int) -> int:
    return max(1, int(has_dpi / wanted_dpi + 0.01))  # 299.99 dpi are 300


def _strips(pieces: Iterator[Octets], strip_rows: int) -> Iterator[Octets]:
    """The same rows, so many at a time."""
    rows: list[Octets] = []
    for piece in pieces:
        for start in range(0, len(piece), strip_rows):
            rows.append(piece[start : start + strip_rows])
            if sum(map(len, rows)) >= strip_rows:
                strip = np.concatenate(rows)
                yield strip[:strip_rows]
                rows = [strip[strip_rows:]]
    if sum(map(len, rows)):
        yield np.concatenate(rows)


def _light(stream: RasterStream, header: RasterHeader) -> Iterator[Octets]:
    """Rows as light; what is missing at the end stays white."""
    try:
        for rows in stream.rows(header.stored):
            light = as_light(chunky(rows, header.stored), header.colours)
            assert light is not None
            yield light
    except EndsEarly:
        return

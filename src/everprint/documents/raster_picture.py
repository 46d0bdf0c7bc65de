"""A page of a raster file as a picture. Unpacks strip by strip, and makes each smaller before the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PIL import Image

from everprint.documents.limits import MAX_PICTURE_PIXELS
from everprint.documents.media import MM_PER_INCH
from everprint.documents.raster_pages import RasterHeader, ReadHeader
from everprint.documents.raster_stream import EndsEarly, PageFound, PixelFormat, Window, walk_page
from everprint.documents.result import Unreadable
from everprint.documents.source import Source

_STRIP_ROWS = 64  # of the picture

# Pillow's image mode and raw mode by channels and by what white is made of.
_MODES = {(1, 255): ("L", "L"), (1, 0): ("L", "L;I"), (3, 255): ("RGB", "RGB"), (4, 0): ("CMYK", "CMYK")}
_BIT_MODES = {255: ("1", "1"), 0: ("1", "1;I")}


def draw_raster_page(
    source: Source, begin: Callable[[Window], int], read: ReadHeader, number: int, dpi: int
) -> Image.Image:
    """Page `number`, at most at `dpi`: pixels that are not there are not invented.

    Raises Unreadable.
    """
    with source.as_file() as path, path.open("rb") as file:
        window = Window(file)
        try:
            begin(window)
            for before in range(1, number + 1):
                if not window.need(1):
                    raise Unreadable(f"there is no page {number}: it has {before - 1}")
                header = read(window)
                if before < number:
                    walk_page(window, header.row_pixels, header.height, header.pixel, PageFound())
        except EndsEarly:
            raise Unreadable(f"it ends before page {number}") from None
        return _draw(window, header, dpi)


def _draw(window: Window, header: RasterHeader, dpi: int) -> Image.Image:
    mode, raw_mode = _modes(header)
    factor = (
        _factor(header.width / header.width_mm * MM_PER_INCH, dpi),
        _factor(header.height / header.height_mm * MM_PER_INCH, dpi),
    )
    size = (-(-header.width // factor[0]), -(-header.height // factor[1]))
    if size[0] * size[1] > MAX_PICTURE_PIXELS:
        raise Unreadable(f"a picture of {size[0]} by {size[1]} pixels is too large")
    picture = Image.new("RGB" if header.pixel.channels > 1 else "L", size, "white")
    drawn = 0
    for strip in _strips(_rows(window, header), header.height, _STRIP_ROWS * factor[1]):
        rows = b"".join(strip)
        image = Image.frombytes(mode, (header.width, len(strip)), rows, "raw", raw_mode)
        small = image.convert(picture.mode).reduce(factor)
        picture.paste(small, (0, drawn))
        drawn += small.height
    return picture


def _modes(header: RasterHeader) -> tuple[str, str]:
    if header.bits_per_pixel == 1:
        return _BIT_MODES[header.pixel.white]
    try:
        return _MODES[header.pixel.channels, header.pixel.white]
    except KeyError:
        raise Unreadable("its colours are inks without names, which cannot be drawn") from None


def _factor(has_dpi: float, wanted_dpi: int) -> int:
    return max(1, int(has_dpi / wanted_dpi + 0.01))  # 299.99 dpi are 300


def _strips(rows: Iterator[bytes], height: int, strip_rows: int) -> Iterator[list[bytes]]:
    strip: list[bytes] = []
    for _, row in zip(range(height), rows, strict=False):
        strip.append(row)
        if len(strip) == strip_rows:
            yield strip
            strip = []
    if strip:
        yield strip


def _rows(window: Window, header: RasterHeader) -> Iterator[bytes]:
    """Each row's octets, 8 bits a channel; what is missing at the end stays white."""
    pixel = header.pixel
    depth = 1 if header.bits_per_pixel == 1 else pixel.octets // pixel.channels
    while window.need(1 + header.row_pixels * (pixel.octets + 1)):
        repeated = window.data[window.position] + 1
        window.position += 1
        row = _unpack_row(window, header.row_pixels, pixel)
        if row is None:
            return
        for _ in range(repeated):
            yield row[::depth]


def _unpack_row(window: Window, pixels: int, pixel: PixelFormat) -> bytes | None:
    """None if the file ends in this row."""
    data, position, octets = window.data, window.position, pixel.octets
    row, full = bytearray(), pixels * octets
    while len(row) < full:
        if position >= len(data):
            return None
        code = data[position]
        position += 1
        if code < 128:
            row += data[position : position + octets] * (code + 1)
            position += octets
        elif code > 128:
            row += data[position : position + (257 - code) * octets]
            position += (257 - code) * octets
        else:
            row += bytes((pixel.white,)) * (full - len(row))
        if position > len(data):
            return None
    window.position = position
    return bytes(row[:full])

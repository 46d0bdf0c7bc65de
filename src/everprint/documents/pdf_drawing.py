"""A page of a PDF as it would print, drawn by pdfium: annotations with their print flag, optional content in its
print state (ISO 32000-1 sections 8.11.4 and 12.5.3).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from everprint.documents.colour import Looks
from everprint.documents.pdf_pictures import MOST_FORMS
from everprint.documents.pixels import look_at_pixels

SCAN_DPI = 36
MAX_SCAN_PIXELS = 4_000_000
"""Of a drawing that is only looked at for colour; a larger page is drawn smaller."""

_CLOSER = 4
"""So many times larger a page is drawn where something coloured may hide within a pixel."""

OutOfTime = Callable[[], bool]


def picture(page: pypdfium2.PdfPage, scale: float, most_pixels: int) -> Image.Image:
    """The page at `scale` pixels a point, smaller if that were more than `most_pixels`."""
    size = _size(page, scale, most_pixels)
    with _drawn(page, size, out_of_time=lambda: False) as (bitmap, _):
        return Image.frombytes("RGB", size, bitmap.buffer, "raw", "RGBX", bitmap.stride, 1)


def looks_of(page: pypdfium2.PdfPage, out_of_time: OutOfTime) -> tuple[Looks, bool]:
    """What the page looks like, and whether it was drawn wholly before the time was over.

    The page is not to be drawn again: its pictures may have been taken out.
    """
    size = _size(page, SCAN_DPI / 72, MAX_SCAN_PIXELS)
    with _drawn(page, size, out_of_time) as (bitmap, whole):
        found = look_at_pixels(memoryview(bitmap.buffer))
    if not (whole and found.faint):
        return found.looks, whole
    colour, whole = _is_coloured_when_closer(page, out_of_time)
    return replace(found.looks, colour=colour), whole


def _is_coloured_when_closer(page: pypdfium2.PdfPage, out_of_time: OutOfTime) -> tuple[bool, bool]:
    """Whether lines and text are, and whether that could be seen in time.

    Without pictures: their faint tints are grey by definition at whatever scale (see colour.COLOUR_THRESHOLD).
    """
    for thing in page.get_objects((pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=MOST_FORMS):
        pdfium.FPDFPageObj_SetIsActive(thing, False)
    size = _size(page, _CLOSER * SCAN_DPI / 72, MAX_SCAN_PIXELS)
    with _drawn(page, size, out_of_time) as (bitmap, whole):
        return look_at_pixels(memoryview(bitmap.buffer)).looks.colour, whole


@contextmanager
def _drawn(
    page: pypdfium2.PdfPage, size: tuple[int, int], out_of_time: OutOfTime
) -> Iterator[tuple[pypdfium2.PdfBitmap, bool]]:
    bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGRx, rev_byteorder=True)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        yield bitmap, _draw_until(page, bitmap, size, out_of_time)
    finally:
        bitmap.close()


def _draw_until(
    page: pypdfium2.PdfPage, bitmap: pypdfium2.PdfBitmap, size: tuple[int, int], out_of_time: OutOfTime
) -> bool:
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING | pdfium.FPDF_REVERSE_BYTE_ORDER
    pause = pdfium.IFSDK_PAUSE(version=1)
    pypdfium2.internal.set_callback(pause, "NeedToPauseNow", lambda _: out_of_time())
    try:
        status = pdfium.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, *size, 0, flags, ctypes.byref(pause))
    finally:
        pdfium.FPDF_RenderPage_Close(page)
    return bool(status == pdfium.FPDF_RENDER_DONE)


def _size(page: pypdfium2.PdfPage, scale: float, most_pixels: int) -> tuple[int, int]:
    width, height = page.get_size()
    scale *= min(1.0, (most_pixels / max(width * height * scale * scale, 1.0)) ** 0.5)
    return _pixels(width * scale), _pixels(height * scale)


def _pixels(length: float) -> int:
    return max(1, min(round(length), MAX_SCAN_PIXELS))

"""Pages of a PDF drawn by pdfium as raster, in bands: memory does not grow with pages, nor with paper."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from everprint.documents.conversion.geometry import Matrix, back_side, place_cells
from everprint.documents.conversion.packing import Packer
from everprint.documents.conversion.raster_format import RasterSide, file_header, side_header, turned
from everprint.documents.conversion.sheets import OutSide, OutSides
from everprint.documents.conversion.task import Conversion, ConversionFailed, Pixel, Raster
from everprint.documents.media import MM_PER_INCH, MM_PER_POINT
from everprint.documents.pdf import opened_pages
from everprint.documents.result import Page

BAND_OCTETS = 48 << 20
"""Of pixels held at once: A4 in colour at 300 dpi, or in grey at 600 dpi, is one band."""

_FLAGS = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING
_WHITE = 0xFFFFFFFF


def raster_of(path: Path, conversion: Conversion) -> Iterator[bytes]:
    """The raster of the PDF's pages, piece by piece.

    Raises ConversionFailed, and Unreadable for a PDF that cannot be opened.
    """
    raster = conversion.raster
    assert raster is not None
    sides = OutSides(conversion)
    number = len(sides)
    with opened_pages(path, conversion.limits) as document:
        if len(document) != len(conversion.pages):
            raise ConversionFailed(f"it has {len(document)} pages now, and had {len(conversion.pages)}")
        artist = _Artist(document, conversion, raster, sides.number_up)
        yield file_header(conversion.target, number)
        for out in sides:
            canvas = _Canvas.of(out, raster)
            header = RasterSide(out.media, out.size_mm, (canvas.width, canvas.height), out.sides, out.is_back)
            yield side_header(conversion.target, raster, header, number)
            yield from artist.rows(out, canvas, turned(raster, header))


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A side in pixels, and how many of them are drawn at once."""

    width: int
    height: int
    octets: int  # of a pixel as it is drawn

    @classmethod
    def of(cls, out: OutSide, raster: Raster) -> _Canvas:
        width, height = (
            max(1, round(edge / MM_PER_INCH * dpi)) for edge, dpi in zip(out.size_mm, raster.dpi, strict=True)
        )
        return cls(width, height, 4 if raster.pixel is Pixel.SRGB_8 else 1)

    @property
    def row_octets(self) -> int:
        return self.width * self.octets

    @property
    def band_rows(self) -> int:
        return max(1, min(self.height, BAND_OCTETS // self.row_octets))


class _Artist:
    """Draws the sides of one document."""

    def __init__(
        self, document: pypdfium2.PdfDocument, conversion: Conversion, raster: Raster, number_up: int
    ) -> None:
        self._document = document
        self._conversion = conversion
        self._raster = raster
        self._number_up = number_up

    def rows(self, out: OutSide, canvas: _Canvas, mirrored: tuple[bool, bool]) -> Iterator[bytes]:
        """The side's rows, packed."""
        with ExitStack() as stack:
            drawn = self._load(out, canvas, mirrored, stack)
            packer = self._packer(canvas)
            pixels = (ctypes.c_ubyte * (canvas.row_octets * canvas.band_rows))()
            for first in range(0, canvas.height, canvas.band_rows):
                rows = min(canvas.band_rows, canvas.height - first)
                self._draw_band(drawn, canvas, pixels, first, rows, grey=not out.side.colour)
                yield from self._pack(packer, canvas, pixels, rows)

    def _load(
        self, out: OutSide, canvas: _Canvas, mirrored: tuple[bool, bool], stack: ExitStack
    ) -> list[tuple[pypdfium2.PdfPage, Matrix, pdfium.FS_RECTF]]:
        """The side's pages, each with its way to the pixels. One that cannot be read leaves its place empty."""
        found = [page for page in out.side.cells if page is not None]
        if not found:
            return []
        paper = (out.size_mm[0] / MM_PER_POINT, out.size_mm[1] / MM_PER_POINT)
        placed = place_cells(
            [None if page is None else _size(page) for page in out.side.cells],
            self._number_up,
            paper,
            self._conversion.margins,
            self._conversion.scaling,
        )
        to_pixels = Matrix(a=canvas.width / paper[0], d=canvas.height / paper[1])
        if any(mirrored):
            to_pixels = back_side(paper, across=mirrored[0], along=mirrored[1]).then(to_pixels)
        pages = []
        for page, place in zip(found, placed, strict=True):
            try:
                loaded = stack.enter_context(closing(self._document[page.number - 1]))
            except pypdfium2.PdfiumError:
                continue
            clip = place.clip.moved_by(to_pixels)
            matrix = _to_its_size(loaded, _size(page)).then(place.matrix).then(to_pixels)
            pages.append((loaded, matrix, pdfium.FS_RECTF(clip.left, clip.top, clip.right, clip.bottom)))
        return pages

    def _draw_band(
        self,
        drawn: list[tuple[pypdfium2.PdfPage, Matrix, pdfium.FS_RECTF]],
        canvas: _Canvas,
        pixels: ctypes.Array[ctypes.c_ubyte],
        first: int,
        rows: int,
        *,
        grey: bool,
    ) -> None:
        kind = pdfium.FPDFBitmap_BGRx if canvas.octets == 4 else pdfium.FPDFBitmap_Gray
        bitmap = pdfium.FPDFBitmap_CreateEx(canvas.width, rows, kind, pixels, canvas.row_octets)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, canvas.width, rows, _WHITE)
            # pdfium ends the process when it is to reverse the order of bitmaps of one channel.
            flags = _FLAGS | (pdfium.FPDF_REVERSE_BYTE_ORDER if canvas.octets == 4 else 0)
            flags |= pdfium.FPDF_GRAYSCALE if grey or canvas.octets == 1 else 0
            for page, matrix, clip in drawn:
                band = pdfium.FS_RECTF(clip.left, max(0.0, clip.top - first), clip.right, clip.bottom - first)
                if band.bottom <= 0 or band.top >= rows:
                    continue
                here = pdfium.FS_MATRIX(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f - first)
                pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, here, band, flags)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def _packer(self, canvas: _Canvas) -> Packer:
        if self._raster.pixel is Pixel.BLACK_1:
            return Packer(-(-canvas.width // 8), wide=False)
        return Packer(canvas.row_octets, wide=canvas.octets == 4)

    def _pack(
        self, packer: Packer, canvas: _Canvas, pixels: ctypes.Array[ctypes.c_ubyte], rows: int
    ) -> Iterator[bytes]:
        if self._raster.pixel is not Pixel.BLACK_1:
            yield from packer.packed(ctypes.addressof(pixels), rows)
            return
        grey = Image.frombuffer("L", (canvas.width, rows), bytes(pixels), "raw", "L", canvas.row_octets, 1)
        dots = grey.convert("1").tobytes("raw", "1;I")  # 1 is black
        yield from packer.packed(ctypes.addressof(ctypes.create_string_buffer(dots, len(dots))), rows)


def _size(page: Page) -> tuple[float, float]:
    return page.width_mm / MM_PER_POINT, page.height_mm / MM_PER_POINT


def _to_its_size(page: pypdfium2.PdfPage, size: tuple[float, float]) -> Matrix:
    """pdfium lays a page out in whole points, and knows no UserUnit."""
    width, height = page.get_size()
    return Matrix(a=size[0] / max(1, int(width)), d=size[1] / max(1, int(height)))

"""A report as a PDF of A4 pages, its heads repeated on each, with the number of the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

_FONTS = Path("/usr/share/fonts/truetype/dejavu")  # Debian's fonts-dejavu-core: most of the world's letters
_SIZE, _LINE = 8, 5 * mm
_MARGIN = 15 * mm


def draw_report(
    title: str,
    about: Sequence[str],
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] | None,
    notes: Sequence[str],
) -> bytes:
    """The PDF; the first column is text, the others are numbers, already in words."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=landscape(A4), invariant=True)
    canvas.setTitle(title)
    sheet = _Sheet(canvas, heads)
    sheet.begin(title, about)
    for row in rows:
        sheet.line(row)
    if total is not None:
        sheet.line(total, bold=True)
    for text in notes:
        sheet.text(text)
    canvas.save()
    return out.getvalue()


class _Sheet:
    """Where on the paper we are."""

    def __init__(self, canvas: Canvas, heads: Sequence[str]) -> None:
        self._canvas = canvas
        self._width, self._height = landscape(A4)
        self._heads = heads
        self._plain, self._bold = _fonts()
        self._y = 0.0
        self._page = 0

    def begin(self, title: str, about: Sequence[str]) -> None:
        """The first page's head."""
        self._new_page()
        self._write(_MARGIN, title, self._bold, 14)
        self._y -= 7 * mm
        for text in about:
            self.text(text)
        self._y -= 2 * mm
        self._head()

    def line(self, cells: Sequence[str], *, bold: bool = False) -> None:
        """A row of the table."""
        if self._y < _MARGIN + _LINE:
            self._canvas.showPage()
            self._new_page()
            self._head()
        first, *others = cells
        font = self._bold if bold else self._plain
        column = self._first_width
        self._write(_MARGIN, self._fitting(first, column - 3 * mm, font), font, _SIZE)
        for place, cell in enumerate(others, 1):
            right = _MARGIN + column + place * self._other_width
            self._canvas.setFont(font, _SIZE)
            self._canvas.drawRightString(right, self._y, self._fitting(cell, self._other_width - mm, font))
        self._y -= _LINE

    def text(self, words: str) -> None:
        """A line of text across the page."""
        if self._y < _MARGIN + _LINE:
            self._canvas.showPage()
            self._new_page()
        self._write(_MARGIN, self._fitting(words, self._width - 2 * _MARGIN, self._plain), self._plain, _SIZE)
        self._y -= _LINE

    @property
    def _first_width(self) -> float:
        return float(self._width - 2 * _MARGIN) * 0.28

    @property
    def _other_width(self) -> float:
        return float(self._width - 2 * _MARGIN - self._first_width) / max(len(self._heads) - 1, 1)

    def _new_page(self) -> None:
        self._page += 1
        self._y = self._height - _MARGIN
        self._canvas.setFont(self._plain, _SIZE)
        self._canvas.drawRightString(self._width - _MARGIN, 8 * mm, str(self._page))

    def _head(self) -> None:
        self.line(self._heads, bold=True)
        self._canvas.setStrokeColor(HexColor("#888888"))
        at = self._y + _LINE - 1.5 * mm
        self._canvas.line(_MARGIN, at, self._width - _MARGIN, at)

    def _write(self, x: float, text: str, font: str, size: float) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(x, self._y, text)

    def _fitting(self, text: str, width: float, font: str) -> str:
        """The text, cut so that it fits."""
        if pdfmetrics.stringWidth(text, font, _SIZE) <= width:
            return text
        while text and pdfmetrics.stringWidth(text + "…", font, _SIZE) > width:
            text = text[:-1]
        return text + "…"


def _fonts() -> tuple[str, str]:
    """DejaVu if it is installed, else Helvetica, which has the letters of western Europe only."""
    names = ("DejaVuSans", "DejaVuSans-Bold")
    if not all((_FONTS / f"{name}.ttf").exists() for name in names):
        return "Helvetica", "Helvetica-Bold"
    for name in names:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    return names

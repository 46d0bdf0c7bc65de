"""Pictures of the sheets as they would lie in the tray: pages side by side, grey where no colour was used.

Pages are drawn by the analyser's workers, where a hostile document does no harm; putting them on a sheet is
arithmetic on pictures of known size.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PIL import Image

from everprint.documents.media import media_size
from everprint.documents.result import Page, Unreadable
from everprint.virtual_printer.record import DOCUMENT
from everprint.virtual_printer.sheets import Plan, SheetSide

DPI = 60
MOST_SHEETS = 500  # of one job
SIDE_NAMES = ("front", "back")
PAPER_WHITE, NO_PICTURE = 255, 200
EMPTY = b""  # a cell in which no page is
_MM_PER_INCH = 25.4
_LARGEST_EDGE = 1600  # pixels; larger paper is drawn at a smaller scale


class Pictures(StrEnum):
    """Of which sheets of a job pictures are kept."""

    NONE = "none"
    FIRST = "first"
    ALL = "all"


class Drawer(Protocol):
    """Draws pages of documents."""

    async def draw_page(self, path: Path, number: int, dpi: int) -> bytes:
        """A PNG. Raises Unreadable."""
        ...


class SheetCamera:
    """Takes pictures of sheets and puts them into their job's folder."""

    def __init__(self, drawer: Drawer, pictures: Pictures) -> None:
        self._drawer = drawer
        self._pictures = pictures

    def wanted(self, plan: Plan) -> int:
        """Of how many sheets, from the first, there are to be pictures."""
        if self._pictures is Pictures.NONE:
            return 0
        return min(len(plan), 1 if self._pictures is Pictures.FIRST else MOST_SHEETS)

    async def shoot(self, folder: Path, plan: Plan, index: int) -> list[str]:
        """Pictures of both sides of one sheet; an equal sheet of an earlier copy is not drawn again."""
        sheet = plan.sheet(index)
        names = [_name(index, side) for side in SIDE_NAMES[: len(sheet.sides)]]
        earlier = plan.first_like(index)
        for name, side, side_name in zip(names, sheet.sides, SIDE_NAMES, strict=False):
            drawn = folder / _name(earlier, side_name)
            if earlier != index and drawn.exists():
                os.link(drawn, folder / name)
                continue
            picture = await self._draw_side(folder / DOCUMENT, side, sheet.media, plan.number_up)
            (folder / name).write_bytes(picture)
        return names

    async def _draw_side(self, document: Path, side: SheetSide, media: str, number_up: int) -> bytes:
        dpi = _dpi(media)
        pages = [await self._draw_page(document, page, dpi) if page else EMPTY for page in side.pages]
        shape = next((page.width_mm, page.height_mm) for page in side.pages if page)
        return await asyncio.to_thread(compose, pages, shape, media, dpi, number_up, colour=side.colour)

    async def _draw_page(self, document: Path, page: Page, dpi: int) -> bytes | None:
        try:
            return await self._drawer.draw_page(document, page.number, dpi)
        except Unreadable:
            return None


def compose(
    pages: Sequence[bytes | None],
    shape: tuple[float, float],
    media: str,
    dpi: int,
    number_up: int,
    *,
    colour: bool,
) -> bytes:
    """One side of a sheet as PNG: the pages in their cells (PNGs; None for one that cannot be drawn, or EMPTY).

    `shape` is the width and height of a page in millimetres.
    """
    width, height, columns, rows = lay_cells(_size_px(media, dpi), shape, number_up)
    paper = Image.new("RGB", (width, height), (PAPER_WHITE,) * 3)
    for place, png in enumerate(pages):
        if png == EMPTY:
            continue
        left, right = (place % columns) * width // columns, (place % columns + 1) * width // columns
        top, bottom = (place // columns) * height // rows, (place // columns + 1) * height // rows
        picture = _picture(png, (right - left, bottom - top))
        at = (left + (right - left - picture.width) // 2, top + (bottom - top - picture.height) // 2)
        paper.paste(picture, at)
    out = io.BytesIO()
    (paper if colour else paper.convert("L")).save(out, "PNG", compress_level=3)
    return out.getvalue()


def lay_cells(paper: tuple[int, int], page: tuple[float, float], number_up: int) -> tuple[int, int, int, int]:
    """Width and height of the paper as it lies, and columns and rows, so that the pages are as large as can be."""
    best: tuple[float, tuple[int, int, int, int]] | None = None
    for width, height in (paper, paper[::-1]):
        for columns in (number for number in range(1, number_up + 1) if number_up % number == 0):
            rows = number_up // columns
            scale = min(width / columns / page[0], height / rows / page[1])
            if best is None or scale > best[0] * 1.001:
                best = (scale, (width, height, columns, rows))
    assert best is not None
    return best[1]


def _picture(png: bytes | None, cell: tuple[int, int]) -> Image.Image:
    """The page, as large as its cell lets it be."""
    if png is None:
        return Image.new("RGB", cell, (NO_PICTURE,) * 3)
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    scale = min(cell[0] / picture.width, cell[1] / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def _edges_mm(media: str) -> tuple[float, float]:
    return media_size(media) or (210.0, 297.0)


def _dpi(media: str) -> int:
    """Enough to read headlines; less for paper as large as a wall."""
    return max(10, min(DPI, int(_LARGEST_EDGE / _edges_mm(media)[1] * _MM_PER_INCH)))


def _size_px(media: str, dpi: int) -> tuple[int, int]:
    short, long = _edges_mm(media)
    return (
        min(_LARGEST_EDGE, max(1, round(short / _MM_PER_INCH * dpi))),
        min(_LARGEST_EDGE, max(1, round(long / _MM_PER_INCH * dpi))),
    )


def _name(index: int, side: str) -> str:
    return f"sheet-{index + 1:03d}-{side}.png"

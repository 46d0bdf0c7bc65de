"""Small pictures of pages with their colour verdict: in a terminal, or on contact sheets as PNG files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from everprint.cli.documents_verdict import Verdict, many
from everprint.documents.result import Page

MOST_PAGES = 200
"""Drawn of one file."""

Drawn = Sequence[Image.Image | None]
"""A picture a page, in order; None for one that cannot be drawn."""

_TERMINAL_COLUMNS = 22  # of one page
_GAP = 2
_HALF_BLOCK = "\N{UPPER HALF BLOCK}"
_EMPTY_LINE = Text(" " * _TERMINAL_COLUMNS)
_CAPTION_STYLES = {"colour": "bold magenta", "grey": "", "blank": "dim"}

_PAGE = (180, 250)  # pixels of a page on a contact sheet, at most
_MARGIN, _TITLE, _CAPTION = 20, 40, 26
_COLUMNS, _ROWS = 6, 4
_INK, _PALE, _RIBBON = (40, 40, 40), (232, 232, 232), 6
_VERDICTS = {"colour": (200, 40, 110), "grey": (110, 110, 110), "blank": (190, 190, 190)}


def verdict_on(page: Page) -> str:
    """*colour*, *grey* or *blank*."""
    return "colour" if page.colour else "blank" if page.blank else "grey"


def dpi_for(page: Page) -> int:
    """A little more than a contact sheet shows."""
    long_edge_in = max(page.width_mm, page.height_mm) / 25.4
    return max(10, min(round(1.5 * max(_PAGE) / max(long_edge_in, 0.1)), 300))


def opened(png: bytes) -> Image.Image:
    """The picture in a PNG that a worker made."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return image.convert("RGB")


# In a terminal


def show(console: Console, verdict: Verdict, drawn: Drawn) -> None:
    """The pages side by side, each in half-block characters with its number and verdict below."""
    console.print(Text(f"{verdict.file}  {_summary(verdict)}", style="bold"))
    across = max(1, (console.width + _GAP) // (_TERMINAL_COLUMNS + _GAP))
    pages = verdict.analysis.pages[: len(drawn)]
    for start in range(0, len(pages), across):
        row = list(zip(pages[start : start + across], drawn[start : start + across], strict=True))
        pictures = [_in_blocks(page, image) for page, image in row]
        height = max(map(len, pictures))
        # Pages stand on their captions.
        standing = [[_EMPTY_LINE] * (height - len(lines)) + lines for lines in pictures]
        for lines in zip(*standing, strict=True):
            console.print(Text(" " * _GAP).join(lines), no_wrap=True, overflow="crop")
        console.print(Text(" " * _GAP).join(_caption(page) for page, _ in row), no_wrap=True, overflow="crop")
    if (more := len(verdict.analysis.pages) - len(drawn)) > 0:
        console.print(f"and {many(more, 'more page')}")
    console.print()


def _caption(page: Page) -> Text:
    verdict = verdict_on(page)
    return Text(f"{page.number} {verdict}".center(_TERMINAL_COLUMNS), style=_CAPTION_STYLES[verdict])


def _in_blocks(page: Page, image: Image.Image | None) -> list[Text]:
    """One line of text for two lines of pixels: the upper half in the foreground, the lower in the background."""
    wide = _TERMINAL_COLUMNS
    high = max(2, min(round(wide * page.height_mm / page.width_mm / 2) * 2, 4 * wide))
    if image is None:
        words = ["no picture" if line == high // 4 else "" for line in range(high // 2)]
        return [Text(word.center(wide), style="black on grey62") for word in words]
    small = image.resize((wide, high), Image.Resampling.LANCZOS)
    return [Text.assemble(*(_block(small, x, y) for x in range(wide))) for y in range(0, high, 2)]


def _block(image: Image.Image, x: int, y: int) -> tuple[str, Style]:
    upper, lower = (image.getpixel((x, line)) for line in (y, y + 1))
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    return _HALF_BLOCK, Style(color=Color.from_rgb(*upper[:3]), bgcolor=Color.from_rgb(*lower[:3]))


# As PNG


def write_contact_sheets(folder: Path, number: int, verdict: Verdict, drawn: Drawn) -> list[Path]:
    """Contact sheets of a file, named after it and its `number` on the command line. Raises OSError."""
    pages = verdict.analysis.pages[: len(drawn)]
    per_sheet = _COLUMNS * _ROWS
    paths = []
    for start in range(0, max(len(pages), 1), per_sheet):
        part = "" if len(pages) <= per_sheet else f"-{start // per_sheet + 1}"
        path = folder / f"{number:03d}-{verdict.file.name[-80:]}{part}.png"
        sheet = _contact_sheet(verdict, pages[start : start + per_sheet], drawn[start : start + per_sheet])
        sheet.save(path, "PNG")
        paths.append(path)
    return paths


def _contact_sheet(verdict: Verdict, pages: Sequence[Page], drawn: Drawn) -> Image.Image:
    columns = min(_COLUMNS, max(len(pages), 3))
    rows = max(1, -(-len(pages) // columns))
    cell = _PAGE[0] + _MARGIN, _PAGE[1] + _CAPTION + _MARGIN
    sheet = Image.new("RGB", (columns * cell[0] + _MARGIN, _TITLE + rows * cell[1] + _MARGIN), _PALE)
    pen = ImageDraw.Draw(sheet)
    title = f"{_printable(verdict.file.name)}   {_summary(verdict)}"
    pen.text((_MARGIN, _MARGIN / 2 + 4), title, fill=_INK, font=ImageFont.load_default(15))
    for place, (page, image) in enumerate(zip(pages, drawn, strict=True)):
        left = _MARGIN + place % columns * cell[0]
        top = _TITLE + place // columns * cell[1]
        _put(sheet, pen, (left, top), page, image)
    return sheet


def _put(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, corner: tuple[int, int], page: Page, image: Image.Image | None
) -> None:
    """One page, standing on its caption; a ribbon below it in the colour of its verdict."""
    scale = min(_PAGE[0] / page.width_mm, _PAGE[1] / page.height_mm)
    size = max(1, round(page.width_mm * scale)), max(1, round(page.height_mm * scale))
    left, top = corner[0] + (_PAGE[0] - size[0]) // 2, corner[1] + _PAGE[1] - size[1]
    if image is None:
        pen.rectangle((left, top, left + size[0], top + size[1]), fill=(210, 210, 210))
        pen.text((left + 8, top + size[1] / 2), "no picture", fill=_INK, font=ImageFont.load_default(13))
    else:
        sheet.paste(image.resize(size, Image.Resampling.LANCZOS), (left, top))
    pen.rectangle((left - 1, top - 1, left + size[0], top + size[1]), outline=(160, 160, 160))
    verdict = verdict_on(page)
    bottom = top + size[1] + 1
    pen.rectangle((left - 1, bottom, left + size[0], bottom + _RIBBON), fill=_VERDICTS[verdict])
    pen.text((left, bottom + _RIBBON + 2), f"{page.number}  {verdict}", fill=_INK, font=ImageFont.load_default(13))


def _summary(verdict: Verdict) -> str:
    """`PDF, exact: 3 pages, 1 in colour; 2 sheets`, or why it is unknown."""
    analysis = verdict.analysis
    if verdict.output is None:
        return f"unknown: {analysis.reason}"
    coloured = sum(page.colour for page in analysis.pages)
    return (
        f"{analysis.language.value}, {analysis.confidence.value}: {many(len(analysis.pages), 'page')}, "
        f"{coloured} in colour; {many(verdict.output.impressions, 'impression')} on "
        f"{many(verdict.output.sheets, 'sheet')}"
    )


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:80])

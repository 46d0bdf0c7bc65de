"""Plain text: pages of so many lines, and of text nothing else is known but that it is black.

A text has no paper, font or margins; the printer gives them. So the pages are counted as CUPS's texttopdf makes them
on A4 with its own margins, ten characters and six lines to an inch. That is an estimate, unless every page would
fit on A5 just so: then it is one page on any paper and in any usual font.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from everprint.documents.limits import Limits
from everprint.documents.media import MM_PER_INCH
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.text_layout import Layout, Paginator, lines_of_page

ASSUMED_MEDIA = "iso_a4_210x297mm"
_WIDTH_MM, _HEIGHT_MM = 210.0, 297.0
A4 = Layout(columns=77, lines=64)
"""What texttopdf has room for within its margins of a quarter and half an inch."""
A5 = Layout(columns=53, lines=43)

_CHARACTERS_PER_INCH, _LINES_PER_INCH = 10, 6
_LEFT_INCH, _TOP_INCH = 0.25, 0.5
_PIECE_OCTETS = 1 << 20
_MOST_DRAWN_OCTETS = 64 << 20  # of text before a page that is drawn


def analyse(source: Source, limits: Limits) -> Analysis:
    """As many pages as its lines and form feeds make on A4.

    Raises Unreadable for more pages than the limit.
    """
    paginator = Paginator(A4)
    for piece in _pieces(source):
        paginator.add(piece)
        if paginator.pages > limits.pages:
            raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
    doubts = _doubts(paginator)
    return Analysis(
        Language.TEXT,
        Confidence.ESTIMATED if doubts else Confidence.EXACT,
        tuple(
            Page(number, _WIDTH_MM, _HEIGHT_MM, ASSUMED_MEDIA, colour=False, blank=nothing)
            for number, nothing in enumerate(paginator.blank(), 1)
        ),
        "; ".join(doubts),
        ("a text has no paper size: A4 is assumed unless the job says which",),
    )


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page in a plain font, each character in its cell.

    Raises Unreadable.
    """
    text = codecs.decode(source.head(_MOST_DRAWN_OCTETS), "utf-8", "replace")
    paginator = Paginator(A4)
    for piece in _pieces(source):
        paginator.add(piece)
        if paginator.pages >= number:
            break
    if number > paginator.pages:
        raise Unreadable(f"there is no page {number}: it has {paginator.pages}")
    picture = Image.new("L", (round(_WIDTH_MM / MM_PER_INCH * dpi), round(_HEIGHT_MM / MM_PER_INCH * dpi)), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(max(1.0, dpi / _LINES_PER_INCH * 0.8))
    for row, line in enumerate(lines_of_page(text, A4, number)):
        for column, character in enumerate(line):
            if character != " ":
                at = (
                    (_LEFT_INCH + column / _CHARACTERS_PER_INCH) * dpi,
                    (_TOP_INCH + row / _LINES_PER_INCH) * dpi,
                )
                draw.text(at, character, fill="black", font=font)
    return picture


def _pieces(source: Source) -> Iterator[bytes]:
    """Pieces that end with a line, where lines are not longer than a piece."""
    with source.path.open("rb") as file:
        file.seek(source.start)
        left, rest = source.octets, b""
        while left > 0 and (read := file.read(min(left, _PIECE_OCTETS))):
            left -= len(read)
            piece = rest + read
            end = max(piece.rfind(b"\n"), piece.rfind(b"\f")) + 1
            if not end and len(piece) >= _PIECE_OCTETS:
                end = len(piece)
            if end:
                yield piece[:end]
            rest = piece[end:]
        if rest:
            yield rest


def _doubts(paginator: Paginator) -> list[str]:
    doubts = []
    widest = paginator.longest * (2 if paginator.wide else 1)
    if widest > A5.columns or paginator.fullest > A5.lines:
        doubts.append(
            "how much fits on a page is the printer's affair: "
            f"{A4.lines} lines of {A4.columns} characters are a guess"
        )
    if paginator.empty_pages:
        doubts.append("it has empty pages, which a printer may leave out")
    if paginator.odd:
        doubts.append("it has control characters that printers do different things with")
    return doubts

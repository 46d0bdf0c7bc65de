"""PostScript: a program, so the only honest count is to run it. Ghostscript does, in a sandbox, and draws each page.

Drawn at 72 dpi a pixel is a point, so sizes are exact to one. What *%%Pages* claims is compared, never believed.
A program that fails has printed the pages before: they count, and the answer is estimated.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from PIL import Image

from everprint.documents.colour import look
from everprint.documents.ghostscript import Ending, TookTooLong, draw_pages
from everprint.documents.limits import Limits
from everprint.documents.media import MM_PER_POINT, media_name
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source

POINTS_PER_INCH = 72
_COMMENT_OCTETS = 8192  # where the document's structuring comments are looked for, at either end
_DOS_EPS = b"\xc5\xd0\xd3\xc6"


def analyse(source: Source, limits: Limits) -> Analysis:
    """Runs the program and looks at its pages.

    Raises Unreadable if none came out.
    """
    ending, pages, doubts = Ending(), list[Page](), list[str]()
    with _program(source) as program, closing(draw_pages(program, POINTS_PER_INCH, limits, ending)) as images:
        try:
            for image in images:
                if len(pages) == limits.pages:
                    raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
                pages.append(_page(len(pages) + 1, image))
        except TookTooLong:
            raise Unreadable(
                f"it did not end within {limits.document_s:g} s; {_pages(len(pages))} had come out by then"
            ) from None
        claimed = claimed_pages(program)
    if not pages:
        raise Unreadable(f"no page came out of it: {ending.error or 'it draws nothing'}")
    if ending.error:
        doubts.append(f"it failed after {_pages(len(pages))}: {ending.error}")
    remarks = []
    if claimed is not None and claimed != len(pages):
        remarks.append(f"its %%Pages comment says {claimed}, {_pages(len(pages))} came out")
    confidence = Confidence.ESTIMATED if doubts else Confidence.EXACT
    return Analysis(Language.POSTSCRIPT, confidence, tuple(pages), "; ".join(doubts), tuple(remarks))


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    with _program(source) as program, closing(draw_pages(program, dpi, Limits(), Ending(), smooth=True)) as images:
        try:
            for image_number, image in enumerate(images, 1):
                if image_number == number:
                    return image
        except TookTooLong:
            raise Unreadable(f"page {number} took too long to draw") from None
    raise Unreadable(f"there is no page {number}")


def claimed_pages(program: Path) -> int | None:
    """What the structuring comments say (Adobe Technical Note 5001), if anything."""
    with program.open("rb") as file:
        head = file.read(_COMMENT_OCTETS)
        file.seek(max(0, file.seek(0, 2) - _COMMENT_OCTETS))
        tail = file.read()
    # "(atend)" at the beginning sends the reader to the end.
    for part in (head, tail):
        found = re.findall(rb"^%%Pages:\s*(\d{1,9})\b", part, re.MULTILINE)
        if found:
            return int(found[0] if part is head else found[-1])
    return None


def _page(number: int, image: Image.Image) -> Page:
    looks = look(image)
    width, height = image.width * MM_PER_POINT, image.height * MM_PER_POINT
    return Page(number, width, height, media_name(width, height), looks.colour, looks.blank, looks.coverage)


def _pages(number: int) -> str:
    return "1 page" if number == 1 else f"{number} pages"


@contextmanager
def _program(source: Source) -> Iterator[Path]:
    """The PostScript in it: all of it, or what the header of a DOS EPS file points to."""
    header = source.head(12)
    if header.startswith(_DOS_EPS):
        start, length = struct.unpack("<II", header[4:].ljust(8, b"\0"))
        source = source.part(source.start + start, source.start + start + length)
        if not source.head().lstrip().startswith(b"%!"):
            raise Unreadable("its EPS header points to something that is not PostScript")
    with source.as_file() as program:
        yield program

"""PostScript: a program, so the only honest count is to run it. Ghostscript does, in a sandbox, and draws each page.

Copies, sides and paper are what the page device was set to when each page came out. Comments (DSC, Adobe Technical
Note 5001) set nothing on a printer and nothing here: *%%Pages* is compared, never believed. A program that fails has
printed the pages before: they count, and the answer is estimated.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from everprint.documents.colour import look
from everprint.documents.device_page import ASKS_FOR_PRINTER, CHOOSES_DEVICE, EXITS_SERVER, DevicePage
from everprint.documents.ghostscript import Ending, draw_pages
from everprint.documents.limits import Limits
from everprint.documents.media import MM_PER_POINT, media_name
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword, TicketPart
from everprint.documents.timed_pipe import TookTooLong

POINTS_PER_INCH = 72
NO_SIZE = "it sets no paper size: A4 is assumed unless the job says which"
_ASSUMED_MM = (210.0, 297.0)
_DOUBTS = {
    ASKS_FOR_PRINTER: "it asks which printer it is on, and may print something else there",
    CHOOSES_DEVICE: "it chooses a device that no printer has, and so not all of its pages may have been seen",
}
_ASKS_BY_DICTIONARY = re.compile(
    rb"(?:statusdict|systemdict)\s+(?:begin\s[^%]{0,80}?\b|/)(?:product|version|revision|serialnumber)\b"
)
"""There the prologue's own *product* is not found; to put it there would make a procedure of what is a string."""

_COMMENT_OCTETS = 8192  # where the document's structuring comments are looked for, at either end


@dataclass(frozen=True, slots=True)
class Run:
    """What came out of a program: its pages, why they may not be all or not be so elsewhere, and remarks."""

    pages: tuple[Page, ...]
    doubts: tuple[str, ...]
    remarks: tuple[str, ...]
    collated: bool = False
    error: str = ""

    def analysis(self, language: Language) -> Analysis:
        """What is the same for all pages is said once, of the document.

        Raises Unreadable if no page came out.
        """
        if not self.pages:
            raise Unreadable(f"no page came out of it: {self.error or 'it draws nothing'}")
        pages, settings = _settings_of(self.pages, self.collated)
        confidence = Confidence.ESTIMATED if self.doubts else Confidence.EXACT
        return Analysis(language, confidence, pages, "; ".join(self.doubts), self.remarks, settings)


def analyse(source: Source, limits: Limits) -> Analysis:
    """Runs the program and looks at its pages.

    Raises Unreadable if none came out.
    """
    with source.as_file() as program:
        run = run_program(program, limits)
        claimed = claimed_pages(program)
        has_end = has_its_end(program)
    if run.pages and claimed is not None and claimed != len(run.pages):
        remark = f"its %%Pages comment says {claimed}, {_number(len(run.pages))} came out"
        run = replace(run, remarks=(*run.remarks, remark))
        if claimed > len(run.pages) and not has_end:
            run = replace(run, doubts=(*run.doubts, "pages and its end (%%EOF) are missing: it seems to be cut off"))
    return run.analysis(Language.POSTSCRIPT)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number.

    Raises Unreadable.
    """
    with source.as_file() as program:
        return draw_page_of(program, number, dpi)


def run_program(program: Path, limits: Limits, last_words: str = "") -> Run:
    """Runs it to its end, with some PostScript after it.

    Raises Unreadable if it does not end, or prints more pages than anybody wants counted.
    """
    ending, pages = Ending(), list[Page]()
    collated, assumed = False, False
    with closing(draw_pages(program, POINTS_PER_INCH, limits, ending, last_words=last_words)) as drawn:
        try:
            for page in drawn:
                if len(pages) == limits.pages:
                    raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
                pages.append(_page(len(pages) + 1, page))
                collated |= page.collate
                assumed |= page.width is None
        except TookTooLong:
            raise Unreadable(
                f"it did not end within {limits.document_s:g} s; {_number(len(pages))} had come out by then"
            ) from None
    doubts = [f"it failed after {_number(len(pages))}: {ending.error}"] if ending.error else []
    said = f"{ending.said}{ASKS_FOR_PRINTER}" if _asks_by_dictionary(program) else ending.said
    doubts += [doubt for words, doubt in _DOUBTS.items() if words in said]
    remarks = [NO_SIZE] if assumed else []
    if EXITS_SERVER in ending.said:
        remarks.append("it changes the printer for the jobs after it (exitserver)")
    return Run(tuple(pages), tuple(doubts), tuple(remarks), collated, ending.error)


def _asks_by_dictionary(program: Path) -> bool:
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        return _ASKS_BY_DICTIONARY.search(octets) is not None


def draw_page_of(program: Path, number: int, dpi: int, last_words: str = "") -> Image.Image:
    """The page of that number, for people.

    Raises Unreadable.
    """
    with closing(draw_pages(program, dpi, Limits(), Ending(), smooth=True, last_words=last_words)) as drawn:
        try:
            for drawn_number, page in enumerate(drawn, 1):
                if drawn_number == number:
                    return page.image
        except TookTooLong:
            raise Unreadable(f"page {number} took too long to draw") from None
    raise Unreadable(f"there is no page {number}")


def claimed_pages(program: Path) -> int | None:
    """What the structuring comments say, if anything."""
    head, tail = _ends(program)
    # "(atend)" at the beginning sends the reader to the end.
    for part in (head, tail):
        found = re.findall(rb"^%%Pages:\s*(\d{1,9})\b", part, re.MULTILINE)
        if found:
            return int(found[0] if part is head else found[-1])
    return None


def has_its_end(program: Path) -> bool:
    """Whether the comment is there that ends a document with structuring comments."""
    return b"%%EOF" in _ends(program)[1]


def bounding_box(program: Path) -> tuple[float, float, float, float] | None:
    """Left, bottom, right and top in points, as the structuring comments say, if they do."""
    number = rb"\s+(-?\d{1,9}(?:\.\d{1,9})?)"
    for part in _ends(program):
        found = re.search(rb"^%%BoundingBox:" + number * 4, part, re.MULTILINE)
        if found:
            left, bottom, right, top = map(float, found.groups())
            return left, bottom, right, top
    return None


def _ends(program: Path) -> tuple[bytes, bytes]:
    with program.open("rb") as file:
        head = file.read(_COMMENT_OCTETS)
        file.seek(max(0, file.seek(0, 2) - _COMMENT_OCTETS))
        return head, file.read()


def _page(number: int, page: DevicePage) -> Page:
    looks = look(page.image)
    if page.width is None or page.height is None:
        width, height = _ASSUMED_MM
    else:
        width, height = page.width * MM_PER_POINT, page.height * MM_PER_POINT
    return Page(
        number,
        width,
        height,
        media_name(width, height),
        looks.colour,
        looks.blank,
        looks.coverage,
        copies=page.copies,
        sides=_sides(page),
    )


def _sides(page: DevicePage) -> SidesKeyword | None:
    if page.duplex is None:
        return None
    if not page.duplex:
        return SidesKeyword.ONE_SIDED
    return SidesKeyword.TWO_SIDED_SHORT_EDGE if page.tumble else SidesKeyword.TWO_SIDED_LONG_EDGE


def _settings_of(pages: Sequence[Page], collated: bool) -> tuple[tuple[Page, ...], TicketPart]:
    copies, sides = {page.copies for page in pages}, {page.sides for page in pages}
    settings = TicketPart(
        copies=next(iter(copies)) if len(copies) == 1 and copies != {1} else None,
        sides=next(iter(sides)) if len(sides) == 1 else None,
        collated=collated if copies != {1} else None,
    )
    if settings.copies is not None:
        pages = [replace(page, copies=1) for page in pages]
    if settings.sides is not None:
        pages = [replace(page, sides=None) for page in pages]
    return tuple(pages), settings


def _number(pages: int) -> str:
    return "1 page" if pages == 1 else f"{pages} pages"

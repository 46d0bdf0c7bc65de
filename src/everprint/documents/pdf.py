"""PDF: pages from the page tree, sizes from the boxes, colour from a small drawing of each page.

A page's size is its CropBox within its MediaBox, turned by Rotate, times UserUnit (ISO 32000-1 section 14.11.2).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from everprint.documents.colour import Looks
from everprint.documents.limits import MAX_PICTURE_PIXELS, Limits
from everprint.documents.media import LARGEST_MM, MM_PER_POINT, media_name
from everprint.documents.pdf_drawing import looks_of, picture
from everprint.documents.pdf_pictures import has_picture_that_cannot_be_decoded
from everprint.documents.pdf_structure import (
    EndlessTree,
    Structure,
    TooManyPages,
    read_structure,
    walk_pages,
    with_a_true_page_tree,
)
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SILENT, TicketPart

LEAST_MM = 1.0
"""No paper is narrower. A CropBox that is not within its MediaBox at all leaves nothing."""


def analyse(source: Source, limits: Limits) -> Analysis:
    """Counts, measures and looks at the pages.

    Raises Unreadable for what has no pages, or none that can be read without a password.
    """
    with source.as_file() as path:
        return _analyse(path, limits)


def _analyse(path: Path, limits: Limits) -> Analysis:
    structure, doubt = _second_opinion(path, limits)
    findings = _Findings(limits)
    if doubt:
        findings.doubt(doubt)
    if structure.damage:
        findings.remarks.append(f"the file is damaged and was read by repair ({structure.damage})")
        findings.doubt("the file is damaged: a printer may repair it in another way")
    findings.add_catalog(structure)
    with _opened(path, structure, findings) as document:
        for index in range(len(document)):
            findings.take(document, index, structure.user_units.get(index, 1.0))
    return findings.analysis()


def count_pages(source: Source, limits: Limits) -> int:
    """How many pages there are, as analyse() counts them, without a look at any.

    Raises Unreadable.
    """
    with source.as_file() as path:
        try:
            pages = walk_pages(path, limits.pages)
        except (TooManyPages, EndlessTree):
            raise
        except Unreadable:
            with _opened(path, Structure(), _Findings(limits)) as document:
                return len(document)
    if not pages:
        raise Unreadable("it has no pages")
    return pages


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The page of that number, as analyse() counts them.

    Raises Unreadable.
    """
    with source.as_file() as path:
        return _draw_page(path, number, dpi)


def _draw_page(path: Path, number: int, dpi: int) -> Image.Image:
    structure, _ = _second_opinion(path, Limits())
    with _opened(path, structure, _Findings(Limits())) as document:
        if number > len(document):
            raise Unreadable(f"there is no page {number}: it has {len(document)}")
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            raise Unreadable(f"page {number} cannot be read") from None
        scale = dpi / 72 * structure.user_units.get(number - 1, 1.0)
        return picture(page, scale, MAX_PICTURE_PIXELS)


@contextmanager
def opened_pages(path: Path, limits: Limits) -> Iterator[pypdfium2.PdfDocument]:
    """The document with the pages that analyse() finds, in pdfium's hands.

    Raises Unreadable.
    """
    structure, _ = _second_opinion(path, limits)
    with _opened(path, structure, _Findings(limits)) as document:
        yield document


def _second_opinion(path: Path, limits: Limits) -> tuple[Structure, str]:
    """What qpdf says of the page tree, and what to doubt if it says nothing."""
    try:
        return read_structure(path, limits.pages), ""
    except (TooManyPages, EndlessTree):
        raise
    except Unreadable as nothing:
        return Structure(), str(nothing)


@contextmanager
def _opened(path: Path, structure: Structure, findings: _Findings) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = _open(path)
    except Unreadable:
        if structure.pages == 0:
            raise Unreadable("it has no pages") from None
        if structure.pages is None:
            raise
        document = None
    if document is None or (structure.pages and structure.pages != len(document)):
        told = "nothing that can be read" if document is None else f"{len(document)} pages"
        findings.remarks.append(f"the page tree says {told}, but holds {structure.pages} pages")
        findings.doubt("the page tree contradicts itself")
        if document is not None:
            document.close()
        document = _open(with_a_true_page_tree(path))
    if structure.pages == 0:
        findings.doubt("one reader finds pages in it, another none")
    try:
        if not len(document):
            raise Unreadable("it has no pages")
        if len(document) > findings.limits.pages:
            raise Unreadable(f"it has {len(document)} pages; more than {findings.limits.pages} are not counted")
        yield document
    finally:
        document.close()


def _open(source: Path | bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("it needs a password") from None
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise Unreadable("it is encrypted in a way that cannot be read") from None
        raise Unreadable("it cannot be read as PDF: too damaged to repair") from None


@dataclass(slots=True)
class _Findings:
    """What is known so far, page by page."""

    limits: Limits
    pages: list[Page] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    colour_seen: bool = False
    not_drawn: list[int] = field(default_factory=list)
    not_read: list[int] = field(default_factory=list)
    not_decoded: list[int] = field(default_factory=list)
    no_paper: list[int] = field(default_factory=list)
    settings: TicketPart = SILENT

    def add_catalog(self, structure: Structure) -> None:
        self.settings = structure.catalog.settings
        self.remarks += structure.catalog.remarks
        self.reasons += structure.catalog.doubts
        if structure.without_box:
            self.doubt(f"the size of {_numbers([index + 1 for index in structure.without_box])} cannot be")
        elif structure.lacks_boxes:
            self.doubt("a page says no size; it is taken as Letter")

    def doubt(self, reason: str) -> None:
        self.reasons.append(reason)

    def take(self, document: pypdfium2.PdfDocument, index: int, user_unit: float) -> None:
        """Looks at one page. A page that cannot be read is taken to be like the one before it."""
        begun = time.thread_time()
        try:
            if time.monotonic() > self.begun + self.limits.document_s:
                # To load a page is to parse it, which is no longer affordable; its size is to be had without.
                (width, height), looks = document.get_page_size(index), self._not_looked_at(index + 1)
            else:
                with closing(document[index]) as page:
                    (width, height), looks = page.get_size(), self._looks(page, index + 1, begun)
        except pypdfium2.PdfiumError:
            self._take_unreadable(index + 1)
            return
        self._add(_edge_mm(width * user_unit), _edge_mm(height * user_unit), looks)

    def _take_unreadable(self, number: int) -> None:
        self.not_read.append(number)
        before = self.pages[-1] if self.pages else Page(0, 210, 297, media_name(210, 297), colour=False)
        self._add(before.width_mm, before.height_mm, Looks(colour=False, blank=True))

    def _looks(self, page: pypdfium2.PdfPage, number: int, begun: float) -> Looks:
        """`begun`: the processor's time when the page was begun. What other processes do must not decide a price."""

        def out_of_time() -> bool:
            return (
                time.thread_time() > begun + self.limits.page_s
                or time.monotonic() > self.begun + self.limits.document_s
            )

        shown, whole = looks_of(page, out_of_time)
        if not whole:
            return self._not_looked_at(number, coloured_so_far=shown.colour)
        if not shown.colour and has_picture_that_cannot_be_decoded(page, blank=shown.blank):
            self.not_decoded.append(number)
        self.colour_seen |= shown.colour
        return shown

    def _not_looked_at(self, number: int, *, coloured_so_far: bool = False) -> Looks:
        self.not_drawn.append(number)
        return Looks(colour=coloured_so_far or self.colour_seen, blank=False)

    def _add(self, width_mm: float, height_mm: float, looks: Looks) -> None:
        media = media_name(width_mm, height_mm)
        number = len(self.pages) + 1
        if min(width_mm, height_mm) < LEAST_MM or max(width_mm, height_mm) >= LARGEST_MM:
            self.no_paper.append(number)
        self.pages.append(Page(number, width_mm, height_mm, media, looks.colour, looks.blank, looks.coverage))

    def analysis(self) -> Analysis:
        if len(self.not_read) == len(self.pages):
            raise Unreadable("none of its pages can be read")
        if self.not_read:
            self.doubt(f"{_numbers(self.not_read)} cannot be read")
        if self.not_decoded:
            self.doubt(f"a picture cannot be decoded on {_numbers(self.not_decoded)}: it may be in colour")
        if self.no_paper:
            self.doubt(f"no paper has the size of {_numbers(self.no_paper)}")
        if self.not_drawn:
            self.doubt(f"{_numbers(self.not_drawn)} took too long to draw: colour is a guess from the rest")
        return Analysis(
            Language.PDF,
            Confidence.ESTIMATED if self.reasons else Confidence.EXACT,
            tuple(self.pages),
            "; ".join(self.reasons),
            tuple(self.remarks),
            self.settings,
        )


def _edge_mm(points: float) -> float:
    return min(max(points * MM_PER_POINT, 0.01), LARGEST_MM)


def _numbers(pages: list[int]) -> str:
    """`page 3`, `pages 1, 2, 3`, `pages 1, 2, 3, 4, 5 and 95 more`."""
    if len(pages) == 1:
        return f"page {pages[0]}"
    more = f" and {len(pages) - 5} more" if len(pages) > 5 else ""
    return f"pages {', '.join(map(str, pages[:5]))}{more}"

"""XPS and OpenXPS (ECMA-388): pages from the package's documents, sizes from the pages, colour from what paints.

Nothing is drawn here: no renderer of XPS as a library may be used with our licence. What a page's operators prove
is exact; where they leave it open (a coloured mark that may be hidden, a JPEG XR picture) colour is estimated. What
print tickets in the package say is the document's part of the job ticket.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from everprint.documents.limits import Limits
from everprint.documents.media import LARGEST_MM, MM_PER_INCH, media_name
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.xml_stream import BadMarkup, OutOfTime
from everprint.documents.xps_page import FixedPage, read_page
from everprint.documents.xps_parts import FixedDocument, PageContent, Structure, read_structure, ticket_of
from everprint.documents.xps_pictures import Resources
from everprint.documents.xps_settings import begins_a_sheet, say
from everprint.documents.xps_ticket import SILENT_TICKET, PrintTicket
from everprint.documents.zip_package import Damaged, Package

_MM = MM_PER_INCH / 96
_MOST_DOUBTS = 8
_FINDING_S = 5.0
"""Documents, pages, sizes and tickets are still found so long after there is no time to look at pages."""
_NO_TIME = "there was no time to look at all of it, colour is a guess"


def analyse(source: Source, limits: Limits) -> Analysis:
    """Counts, measures and judges the pages.

    Raises Unreadable for what is no XPS, has no pages, is encrypted or too damaged.
    """
    looking_ends = time.monotonic() + limits.document_s
    finding_ends = looking_ends + _FINDING_S
    with source.mapped() as octets:
        package = Package(octets, source.start, source.end)
        structure = read_structure(package, limits, finding_ends)
        findings = _Findings(package, Resources(package), structure, looking_ends, finding_ends)
        for number, document in enumerate(structure.documents):
            findings.take(document, first_of_job=number == 0)
    return findings.analysis()


@dataclass(slots=True)
class _Findings:
    """What is known so far, page by page."""

    package: Package
    resources: Resources
    structure: Structure
    looking_ends: float  # of time.monotonic(): then the rest of the pages is only measured
    finding_ends: float
    pages: list[Page] = field(default_factory=list)
    tickets: list[tuple[PrintTicket, ...]] = field(default_factory=list)  # of each page, the nearest first
    doubtful: dict[str, list[int]] = field(default_factory=dict)
    not_read: list[int] = field(default_factory=list)
    cause: str = ""

    def take(self, document: FixedDocument, *, first_of_job: bool) -> None:
        """All pages of a document of the sequence."""
        job = self.structure.ticket
        own_sheet = not first_of_job and begins_a_sheet(document.ticket, job)
        for content in document.pages:
            self._take_page(content, (document.ticket, job), starts_sheet=own_sheet)
            own_sheet = False

    def _take_page(self, content: PageContent, outer: tuple[PrintTicket, ...], *, starts_sheet: bool) -> None:
        number = len(self.pages) + 1
        found, ticket = self._read(content, number)
        width, height = self._size(content, found, number)
        if found.coloured is None:
            self._doubt("colour cannot be told without drawing and is taken to be there", number)
        elif found.inked is None:
            self._doubt("it cannot be told without drawing whether anything is to be seen", number)
        self.tickets.append((ticket, *outer))
        self.pages.append(
            Page(
                number,
                width,
                height,
                media_name(width, height),
                colour=found.coloured is not False,
                blank=found.inked is False,
                starts_sheet=starts_sheet,
            )
        )

    def _read(self, content: PageContent, number: int) -> tuple[FixedPage, PrintTicket]:
        ticket = SILENT_TICKET
        try:
            ticket = ticket_of(self.package, content.part, self.structure.doubts, self.finding_ends)
            page = read_page(self.package.pieces(content.part), content.part, self.resources, self.looking_ends)
            if page.whole:
                return page, ticket
            self._doubt(_NO_TIME, number)
            return replace(page, coloured=any(seen.colour for seen in self.pages), inked=True), ticket
        except (Damaged, BadMarkup) as broken:
            self.not_read.append(number)
            self.cause = self.cause or str(broken)
        except OutOfTime:
            self._doubt(_NO_TIME, number)
        return FixedPage(0, 0, coloured=any(page.colour for page in self.pages), inked=True), ticket

    def _size(self, content: PageContent, page: FixedPage, number: int) -> tuple[float, float]:
        width, height = page.width or content.width, page.height or content.height
        if width and height:
            return _edge_mm(width), _edge_mm(height)
        self._doubt("has no size: that of the page before it, or A4, is taken", number)
        return (self.pages[-1].width_mm, self.pages[-1].height_mm) if self.pages else (210.0, 297.0)

    def _doubt(self, reason: str, number: int) -> None:
        self.doubtful.setdefault(reason, []).append(number)

    def analysis(self) -> Analysis:
        """Raises Unreadable if no page can be read."""
        if len(self.not_read) == len(self.pages):
            raise Unreadable(f"none of its pages can be read ({self.cause})")
        doubts = [*self.structure.doubts]
        if self.not_read:
            doubts.append(f"{_numbers(self.not_read)} cannot be read ({self.cause})")
        doubts += (f"{_numbers(pages)}: {reason}" for reason, pages in self.doubtful.items())
        said = say(self.tickets, self.pages)
        doubts += said.doubts
        return Analysis(
            Language.XPS,
            Confidence.ESTIMATED if doubts else Confidence.EXACT,
            said.pages,
            _few(list(dict.fromkeys(doubts))),
            settings=said.settings,
        )


def _few(doubts: Sequence[str]) -> str:
    """All of them, if people would read so many."""
    more = f"; and {len(doubts) - _MOST_DOUBTS} more doubts" if len(doubts) > _MOST_DOUBTS else ""
    return "; ".join(doubts[:_MOST_DOUBTS]) + more


def _edge_mm(length: float) -> float:
    return min(max(length * _MM, 0.01), LARGEST_MM)


def _numbers(pages: Sequence[int]) -> str:
    """`page 3`, `pages 1, 2, 3`, `pages 1, 2, 3, 4, 5 and 95 more`."""
    if len(pages) == 1:
        return f"page {pages[0]}"
    more = f" and {len(pages) - 5} more" if len(pages) > 5 else ""
    return f"pages {', '.join(map(str, pages[:5]))}{more}"

"""Which page of the document goes on which side of which sheet.

A plan is one copy of the job in memory, however many copies there are. It is the printer's own arithmetic, made
apart from `documents.imposition` on purpose: what the Print Provider charges is checked against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from everprint.documents.result import Page
from everprint.documents.sheet_layout import FORCE_GREY
from everprint.documents.ticket import SIGNATURE, SidesKeyword, Ticket


@dataclass(frozen=True, slots=True)
class SheetSide:
    """The pages that share one impression, in the order of their cells; None is a cell that stays empty."""

    pages: tuple[Page | None, ...]
    colour: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper with one or two marked sides, and how many of it the document itself wants."""

    media: str
    sides: tuple[SheetSide, ...]
    copies: int = 1


class Plan:
    """All sheets of a job, in the order in which they come out."""

    def __init__(self, one_copy: Sequence[Sheet], copies: int, *, collated: bool, number_up: int) -> None:
        self.number_up = number_up
        self._sheets = tuple(one_copy)
        self._copies = copies
        self._collated = collated
        self._ends = list(accumulate(sheet.copies for sheet in one_copy))  # in one copy of the job
        self._in_one_copy = self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return self._in_one_copy * self._copies

    def sheet(self, index: int) -> Sheet:
        """The sheet that comes out at that place, from 0."""
        return self._sheets[self._which(index)]

    def first_like(self, index: int) -> int:
        """The place of the first sheet that is equal because it is another copy of the same."""
        which = self._which(index)
        first = self._ends[which] - self._sheets[which].copies
        return first if self._collated else first * self._copies

    @property
    def impressions(self) -> int:
        """Marked sides of all copies."""
        return self._copies * sum(sheet.copies * len(sheet.sides) for sheet in self._sheets)

    @property
    def colour_impressions(self) -> int:
        """Those of them in colour."""
        return self._copies * sum(sheet.copies * side.colour for sheet in self._sheets for side in sheet.sides)

    def _which(self, index: int) -> int:
        place = index % self._in_one_copy if self._collated else index // self._copies
        return bisect_right(self._ends, place)


@dataclass(frozen=True, slots=True)
class _Paper:
    """What all pages of a sheet have in common."""

    media: str
    copies: int
    sides: SidesKeyword


def plan_sheets(pages: Sequence[Page], ticket: Ticket, *, colour_printer: bool) -> Plan:
    """Lays the document's pages on sheets as the ticket asks; a printer without colour prints none."""
    grey = not colour_printer or ticket.print_color_mode in FORCE_GREY
    chosen = [page for page in pages if _is_chosen(page.number, ticket.page_ranges)]
    one_copy: list[Sheet] = []
    for paper, together in _chapters(chosen, ticket):
        cells = _booklet(together) if ticket.imposition == SIGNATURE else _rows(together, ticket.number_up)
        sides = [
            SheetSide(cell, colour=not grey and any(page is not None and page.colour for page in cell))
            for cell in cells
            if any(cell)
        ]
        per_sheet = 1 if paper.sides is SidesKeyword.ONE_SIDED else 2
        one_copy += [
            Sheet(paper.media, tuple(sides[at : at + per_sheet]), paper.copies)
            for at in range(0, len(sides), per_sheet)
        ]
    number_up = 2 if ticket.imposition == SIGNATURE else ticket.number_up
    return Plan(one_copy, ticket.copies, collated=ticket.collated, number_up=number_up)


def _is_chosen(number: int, page_ranges: tuple[tuple[int, int], ...]) -> bool:
    return not page_ranges or any(first <= number <= last for first, last in page_ranges)


def _chapters(pages: Iterable[Page], ticket: Ticket) -> list[tuple[_Paper, list[Page]]]:
    """Pages that may share sheets: those on the same paper, until one begins a new sheet."""
    found: list[tuple[_Paper, list[Page]]] = []
    for page in pages:
        paper = _Paper(ticket.media or page.media, max(1, page.copies), page.sides or ticket.sides)
        if found and found[-1][0] == paper and not page.starts_sheet:
            found[-1][1].append(page)
        else:
            found.append((paper, [page]))
    return found


def _rows(pages: Sequence[Page], number_up: int) -> Iterator[tuple[Page | None, ...]]:
    """So many pages a side, in reading order."""
    for at in range(0, len(pages), number_up):
        yield tuple(pages[at : at + number_up])


def _booklet(pages: Sequence[Page]) -> Iterator[tuple[Page | None, ...]]:
    """Two pages a side so that the folded pile reads as a book: front outside, back inside (PWG 5100.3)."""
    places: list[Page | None] = [*pages, *[None] * (-len(pages) % 4)]
    for low in range(0, len(places) // 2, 2):
        high = len(places) - 1 - low
        yield places[high], places[low]
        yield places[low + 1], places[high - 1]

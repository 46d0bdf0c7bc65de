"""Which page of the document goes on which side of which sheet.

A plan is one copy of the job in memory, however many copies there are. It is the printer's own arithmetic, made
apart from `documents.imposition` on purpose: what the Print Provider charges is checked against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everprint.documents.imposition import FORCE_GREY
from everprint.documents.result import Page
from everprint.documents.ticket import SidesKeyword, Ticket


@dataclass(frozen=True, slots=True)
class SheetSide:
    """The pages that share one impression, in reading order."""

    pages: tuple[Page, ...]
    colour: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper with one or two marked sides."""

    media: str
    sides: tuple[SheetSide, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All sheets of a job, in the order in which they come out."""

    one_copy: tuple[Sheet, ...]
    copies: int
    collated: bool
    number_up: int

    def __len__(self) -> int:
        return len(self.one_copy) * self.copies

    def sheet(self, index: int) -> Sheet:
        """The sheet that comes out at that place, from 0."""
        return self.one_copy[index % len(self.one_copy) if self.collated else index // self.copies]

    def first_like(self, index: int) -> int:
        """The place of the first sheet that is equal because it is another copy of the same."""
        return index % len(self.one_copy) if self.collated else index // self.copies * self.copies

    @property
    def impressions(self) -> int:
        """Marked sides of all copies."""
        return self.copies * sum(len(sheet.sides) for sheet in self.one_copy)

    @property
    def colour_impressions(self) -> int:
        """Those of them in colour."""
        return self.copies * sum(side.colour for sheet in self.one_copy for side in sheet.sides)


def plan_sheets(pages: Sequence[Page], ticket: Ticket, *, colour_printer: bool) -> Plan:
    """Lays the document's pages on sheets as the ticket asks; a printer without colour prints none."""
    grey = not colour_printer or ticket.print_color_mode in FORCE_GREY
    chosen = [page for page in pages if _is_chosen(page.number, ticket.page_ranges)]
    per_sheet = 1 if ticket.sides is SidesKeyword.ONE_SIDED else 2
    sheets: list[tuple[str, list[SheetSide]]] = []
    for media, side in _sides(chosen, ticket, grey):
        if sheets and sheets[-1][0] == media and len(sheets[-1][1]) < per_sheet:
            sheets[-1][1].append(side)
        else:
            sheets.append((media, [side]))
    one_copy = tuple(Sheet(media, tuple(sides)) for media, sides in sheets)
    return Plan(one_copy, ticket.copies, ticket.collated, ticket.number_up)


def _is_chosen(number: int, page_ranges: tuple[tuple[int, int], ...]) -> bool:
    return not page_ranges or any(first <= number <= last for first, last in page_ranges)


def _sides(pages: Sequence[Page], ticket: Ticket, grey: bool) -> list[tuple[str, SheetSide]]:
    """Groups of number-up pages; pages for different paper never share a side."""
    groups: list[tuple[str, list[Page]]] = []
    for page in pages:
        media = ticket.media or page.media
        if groups and groups[-1][0] == media and len(groups[-1][1]) < ticket.number_up:
            groups[-1][1].append(page)
        else:
            groups.append((media, [page]))
    return [
        (media, SheetSide(tuple(group), colour=not grey and any(page.colour for page in group)))
        for media, group in groups
    ]

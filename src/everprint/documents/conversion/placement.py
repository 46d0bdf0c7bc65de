"""Which page of a document goes where on which sheet, so that a conversion puts out what imposition counts.

`documents.imposition` says how many sides of each kind come out, without looking at single pages; this says which
pages are on them. The rules are the same (see there), and agrees() holds one against the other before anything is
made: what is charged is what is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from everprint.documents.imposition import impose
from everprint.documents.result import Output, Page, Sides
from everprint.documents.sheet_layout import FORCE_GREY
from everprint.documents.ticket import SIGNATURE, SidesKeyword, Ticket


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a sheet: its pages in reading order, None where a place stays empty. No page at all: nothing."""

    cells: tuple[Page | None, ...]
    colour: bool


NO_SIDE = Side((), colour=False)
"""The back of a sheet that carries nothing, where the device must be told to turn to the next sheet."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper, with one or two sides; `sides_keyword` says how it is turned, `copies` how many of it."""

    media: str
    sides: tuple[Side, ...]
    sides_keyword: SidesKeyword
    copies: int

    @property
    def is_two_sided(self) -> bool:
        """True if it has a back, printed or not."""
        return self.sides_keyword is not SidesKeyword.ONE_SIDED


def place(pages: Sequence[Page], ticket: Ticket) -> Iterator[Sheet]:
    """The sheets of one copy, in order. A page's own copies are the sheet's."""
    chosen = (page for page in pages if _is_chosen(page.number, ticket.page_ranges))
    grey = ticket.print_color_mode in FORCE_GREY
    for (media, copies, keyword), together in _that_share_sheets(chosen, ticket):
        per_sheet = 1 if keyword is SidesKeyword.ONE_SIDED else 2
        sides = [
            Side(cells, not grey and any(page is not None and page.colour for page in cells))
            for cells in _cells(together, ticket)
        ]
        for at in range(0, len(sides), per_sheet):
            yield Sheet(media, tuple(sides[at : at + per_sheet]), keyword, copies)


def in_order(sheets: Sequence[Sheet], copies: int, *, collated: bool) -> Iterator[Sheet]:
    """Every single sheet in the order in which it comes out, `copies` times all of them."""
    rounds, each = (copies, 1) if collated else (1, copies)
    for _ in range(rounds):
        for sheet in sheets:
            for _ in range(sheet.copies * each):
                yield sheet


def with_backs(sheets: Iterable[Sheet]) -> Iterator[tuple[Sheet, Side, bool]]:
    """Every side with its sheet, and whether it is a back. A sheet whose back is empty gets one before a next sheet
    of the same paper: else a device would take the next side for its back."""
    before: Sheet | None = None
    for sheet in sheets:
        if before is not None and _would_be_taken_for_a_back(before, sheet):
            yield before, NO_SIDE, True
        for index, side in enumerate(sheet.sides):
            yield sheet, side, index == 1
        before = sheet


def agrees(sheets: Iterable[Sheet], pages: Sequence[Page], ticket: Ticket) -> bool:
    """Whether one copy of these sheets, as often as the ticket says, is what imposition counts (and people pay)."""
    number, kinds = 0, Counter[tuple[str, bool, bool]]()
    for sheet in sheets:
        number += sheet.copies * ticket.copies
        for side in sheet.sides:
            kinds[sheet.media, side.colour, len(sheet.sides) == 2] += sheet.copies * ticket.copies
    counted = sorted(kinds.items())
    output = Output(number, tuple(Sides(*kind, impressions) for kind, impressions in counted))
    return output == impose(pages, ticket)


def _would_be_taken_for_a_back(before: Sheet, sheet: Sheet) -> bool:
    return before.is_two_sided and len(before.sides) == 1 and sheet.is_two_sided and before.media == sheet.media


def _is_chosen(number: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return not ranges or any(first <= number <= last for first, last in ranges)


_Kind = tuple[str, int, SidesKeyword]


def _that_share_sheets(pages: Iterable[Page], ticket: Ticket) -> Iterator[tuple[_Kind, list[Page]]]:
    kind: _Kind | None = None
    together: list[Page] = []
    for page in pages:
        this = (ticket.media or page.media, max(1, page.copies), page.sides or ticket.sides)
        if together and (this != kind or page.starts_sheet):
            assert kind is not None
            yield kind, together
            together = []
        kind = this
        together.append(page)
    if together:
        assert kind is not None
        yield kind, together


def _cells(pages: Sequence[Page], ticket: Ticket) -> Iterator[tuple[Page | None, ...]]:
    if ticket.imposition != SIGNATURE:
        for at in range(0, len(pages), ticket.number_up):
            yield tuple(pages[at : at + ticket.number_up])
        return
    if len(pages) == 1:
        yield None, pages[0]  # the back would have two empty places
        return
    places: list[Page | None] = [*pages, *[None] * (-len(pages) % 4)]
    for low in range(0, len(places) // 2, 2):
        high = len(places) - 1 - low
        yield places[high], places[low]
        yield places[low + 1], places[high - 1]

"""A printer that puts out every single sheet: slow, literal, and made apart from documents.imposition, to check it.

It takes one page after the other, as an engine does, and has a list of real sheets at the end.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from everprint.documents.result import Output, Page, Sides
from everprint.documents.ticket import SidesKeyword, Ticket

Kind = tuple[str, int, SidesKeyword]


@dataclass
class PaperSheet:
    """A piece of paper: what is on its front, and on its back; a side is a list of pages, None an empty place."""

    media: str
    copies: int
    sides: list[list[Page | None]] = field(default_factory=list)


class Engine:
    """Puts pages on sides and sides on sheets until the document is over."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.out: list[PaperSheet] = []
        self.kind: Kind | None = None
        self.side: list[Page | None] = []
        self.sheet: PaperSheet | None = None
        self.book: list[Page] = []

    def take(self, page: Page) -> None:
        kind = (self.ticket.media or page.media, page.copies, page.sides or self.ticket.sides)
        if page.starts_sheet or kind != self.kind:
            self.finish()
        self.kind = kind
        if self.ticket.imposition == "signature":
            self.book.append(page)
            return
        self.side.append(page)
        if len(self.side) == self.ticket.number_up:
            self.put_side()

    def put_side(self) -> None:
        side, self.side = self.side, []
        if not any(side):
            return
        assert self.kind is not None
        media, copies, sides = self.kind
        if self.sheet is None:
            self.sheet = PaperSheet(media, copies)
        self.sheet.sides.append(side)
        if sides is SidesKeyword.ONE_SIDED or len(self.sheet.sides) == 2:
            self.eject()

    def eject(self) -> None:
        if self.sheet is not None:
            self.out += [self.sheet] * self.sheet.copies
            self.sheet = None

    def finish(self) -> None:
        """The last side and the last sheet come out as they are; a book is folded."""
        if self.book:
            places: deque[Page | None] = deque(self.book)
            self.book = []
            while len(places) % 4:
                places.append(None)
            while places:
                first, last = places.popleft(), places.pop()
                self.side = [last, first]
                self.put_side()
        if self.side:
            self.put_side()
        self.eject()


def put_out(pages: Sequence[Page], ticket: Ticket) -> list[PaperSheet]:
    """Every sheet, in the order in which it comes out."""
    chosen = [
        page
        for page in pages
        if not ticket.page_ranges or any(low <= page.number <= high for low, high in ticket.page_ranges)
    ]
    if not ticket.collated:
        return [sheet for sheet in _one_copy(chosen, ticket) for _ in range(ticket.copies)]
    return [sheet for _ in range(ticket.copies) for sheet in _one_copy(chosen, ticket)]


def _one_copy(pages: Iterable[Page], ticket: Ticket) -> list[PaperSheet]:
    engine = Engine(ticket)
    for page in pages:
        engine.take(page)
    engine.finish()
    return engine.out


def count(sheets: Iterable[PaperSheet], ticket: Ticket, impressions: int | None = None) -> Output:
    """What lies in the tray when so many impressions are out; None is all."""
    left = 10**9 if impressions is None else impressions
    kinds: Counter[tuple[str, bool, bool]] = Counter()
    used = 0
    for sheet in sheets:
        if not left:
            break
        used += 1
        for side in sheet.sides[:left]:
            colour = (
                any(page is not None and page.colour for page in side) and ticket.print_color_mode != "monochrome"
            )
            kinds[sheet.media, colour, len(sheet.sides) == 2] += 1
        left -= min(left, len(sheet.sides))
    return Output(used, tuple(Sides(*kind, number) for kind, number in sorted(kinds.items())))

"""Which impressions come together on which sheets, for one copy of a document: runs of equal ones, never a loop over
pages that are alike, nor over copies.

A *stretch* is a number of consecutive pages that are laid out alike; it becomes runs of impressions, and they become
runs of sheets. The rules are those of `imposition`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from everprint.documents.result import Page
from everprint.documents.ticket import SIGNATURE, SidesKeyword, Ticket

FORCE_GREY = frozenset({"monochrome", "auto-monochrome", "process-monochrome", "bi-level", "process-bi-level"})
"""Values of *print-color-mode* that leave no colour (PWG 5100.13 section 5.2.3)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many consecutive pages that are alike in all that matters here; see Page."""

    pages: int
    media: str
    colour: bool
    copies: int = 1
    sides: SidesKeyword | None = None
    starts_sheet: bool = False  # each of them


@dataclass(frozen=True, slots=True)
class Impression:
    """One side of a sheet."""

    media: str
    colour: bool


Sheet = tuple[Impression, ...]
"""Front, and back if that is printed."""

SheetRun = tuple[Sheet, int]
"""So many equal sheets, one after the other."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What two impressions must have in common to share a sheet, and two pages to share an impression."""

    media: str
    copies: int
    sides: SidesKeyword


@dataclass(frozen=True, slots=True)
class _Run:
    """So many equal impressions; if it `starts_sheet`, each of them is the front of a new sheet."""

    kind: _Kind
    colour: bool
    number: int
    starts_sheet: bool = False


def stretches(pages: Iterable[Page]) -> list[Stretch]:
    """The pages, gathered."""
    alike = groupby(pages, key=lambda page: (page.media, page.colour, page.copies, page.sides, page.starts_sheet))
    return [Stretch(sum(1 for _ in same), *key) for key, same in alike]


def lay_out(document: Sequence[Stretch], ticket: Ticket) -> list[SheetRun]:
    """The sheets of one copy in order; a page's own copies of them are in it."""
    chosen = _in_ranges(document, ticket.page_ranges) if ticket.page_ranges else document
    runs: list[SheetRun] = []
    for sheet, number in _sheets(_impressions(chosen, ticket)):
        if runs and runs[-1][0] == sheet:
            runs[-1] = (sheet, runs[-1][1] + number)
        else:
            runs.append((sheet, number))
    return runs


def _in_ranges(document: Sequence[Stretch], ranges: Iterable[tuple[int, int]]) -> Iterator[Stretch]:
    """Ranges ascend; where a careless client lets them overlap, a page is still printed once."""
    wanted = [(first - 1, last) for first, last in ranges]
    begin, done = 0, 0  # the stretch's first page, and how far pages were chosen; both from 0
    current = 0
    for stretch in document:
        end = begin + stretch.pages
        while current < len(wanted) and wanted[current][0] < end:
            first, last = wanted[current]
            low, high = max(first, begin, done), min(last, end)
            if low < high:
                yield replace(stretch, pages=high - low)
                done = high
            if last > end:
                break
            current += 1
        begin = end


def _impressions(document: Iterable[Stretch], ticket: Ticket) -> Iterator[_Run]:
    grey = ticket.print_color_mode in FORCE_GREY
    pages = (
        _Run(
            # A document that asks for no copy of a page gets one, as from any printer.
            _Kind(ticket.media or stretch.media, max(1, stretch.copies), stretch.sides or ticket.sides),
            stretch.colour and not grey,
            stretch.pages,
            stretch.starts_sheet,
        )
        for stretch in document
    )
    if ticket.imposition == SIGNATURE:
        return _booklets(pages)
    return pages if ticket.number_up == 1 else _shared(pages, ticket.number_up)


def _shared(pages: Iterable[_Run], number_up: int) -> Iterator[_Run]:
    """Pages that share an impression; it is in colour if one of them is."""
    begun: _Run | None = None  # an impression with room; its number is that of its pages
    for run in pages:
        if begun and (run.starts_sheet or run.kind != begun.kind):
            yield replace(begun, number=1)
            begun = None
        if run.starts_sheet and run.number > 1:
            yield replace(run, number=run.number - 1)
            run = replace(run, number=1)
        if begun:
            taken = min(number_up - begun.number, run.number)
            begun = replace(begun, number=begun.number + taken, colour=begun.colour or run.colour)
            run = replace(run, number=run.number - taken)
            if begun.number < number_up:
                continue
            yield replace(begun, number=1)
            begun = None
        whole, rest = divmod(run.number, number_up)
        if whole:
            yield replace(run, number=whole)
        if rest:
            begun = replace(run, number=rest)
    if begun:
        yield replace(begun, number=1)


def _booklets(pages: Iterable[_Run]) -> Iterator[_Run]:
    """Signatures: two pages a side, in such an order that the pile of sheets, folded, is a book (PWG 5100.3).

    Of *n* places (a multiple of 4) side *i* has the places *i* and *n* + 1 - *i*. The last places may be empty.
    """
    book: list[_Run] = []
    for run in pages:
        if book and (run.starts_sheet or run.kind != book[0].kind):
            yield from _signature(book)
            book = []
        if run.starts_sheet and run.number > 1:
            yield replace(run, number=run.number - 1)
            run = replace(run, number=1)
        book.append(run)
    if book:
        yield from _signature(book)


def _signature(book: Sequence[_Run]) -> Iterator[_Run]:
    kind, pages = book[0].kind, sum(run.number for run in book)
    if pages == 1:
        yield replace(book[0], starts_sheet=True)  # the back would have two empty places
        return
    places = -(-pages // 4) * 4
    low = _take([(run.colour, run.number) for run in book], places // 2)
    high = _take([(False, places - pages), *((run.colour, run.number) for run in reversed(book))], places // 2)
    starts = True
    for colour, number in _side_by_side(low, high):
        if starts:
            yield _Run(kind, colour, 1, starts_sheet=True)
            number -= 1
            starts = False
        if number:
            yield _Run(kind, colour, number)


def _take(runs: Iterable[tuple[bool, int]], most: int) -> Iterator[tuple[bool, int]]:
    for colour, number in runs:
        if most and number:
            yield colour, min(number, most)
        most -= min(number, most)


def _side_by_side(one: Iterator[tuple[bool, int]], other: Iterator[tuple[bool, int]]) -> Iterator[tuple[bool, int]]:
    """Both have as many places: each pair is in colour if one of it is."""
    left, right = next(one, None), next(other, None)
    while left and right:
        number = min(left[1], right[1])
        yield left[0] or right[0], number
        left = (left[0], left[1] - number) if left[1] > number else next(one, None)
        right = (right[0], right[1] - number) if right[1] > number else next(other, None)


def _sheets(impressions: Iterable[_Run]) -> Iterator[SheetRun]:
    front: _Run | None = None  # of a sheet whose back is still free
    for run in impressions:
        this, number = Impression(run.kind.media, run.colour), run.number
        two_sided = run.kind.sides is not SidesKeyword.ONE_SIDED
        if front and (run.starts_sheet or not two_sided or front.kind != run.kind):
            yield _alone(front)
            front = None
        if front and number:
            yield (Impression(front.kind.media, front.colour), this), run.kind.copies
            front, number = None, number - 1
        per_sheet = 2 if two_sided and not run.starts_sheet else 1
        lonely = number % per_sheet if per_sheet == 2 else int(two_sided)
        if number > lonely:
            yield (this,) * per_sheet, (number - lonely) // per_sheet * run.kind.copies
        if lonely:
            front = replace(run, number=1)
    if front:
        yield _alone(front)


def _alone(front: _Run) -> SheetRun:
    return (Impression(front.kind.media, front.colour),), front.kind.copies

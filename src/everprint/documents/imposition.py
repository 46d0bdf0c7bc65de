"""From the pages of a document and its ticket to what comes out of the printer. Arithmetic only.

The rules, in the order in which they are applied:

1. *page-ranges* choose pages of the document (RFC 8011 section 5.2.7); pages that do not exist are not printed.
2. *number-up* consecutive pages share an impression; it is in colour if one of them is and the ticket does not
   force grey. Pages for different papers never share one.
3. Two-sided, two consecutive impressions on the same paper share a sheet. A change of paper starts a new sheet, and
   so does each copy.
4. The empty back of a last or lonely sheet is *not* an impression. A blank page of the document is: it passes the
   marker like any other.

Invariant: first_impressions() of all impressions is impose(), and what is on the first n impressions is, kind by
kind, never more than what is on the first n + 1. So a job that stopped half way never costs more than the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from everprint.documents.result import Output, Page, Sides
from everprint.documents.ticket import SidesKeyword, Ticket

FORCE_GREY = frozenset({"monochrome", "auto-monochrome", "process-monochrome", "bi-level", "process-bi-level"})
"""Values of *print-color-mode* that leave no colour (PWG 5100.13 section 5.2.3)."""

_Impression = tuple[str, bool]  # media, colour
_Sheet = tuple[_Impression, ...]  # front, and back if that is printed


class PagesUnknown(ValueError):
    """There are no pages to impose: the document is unknown, and unknown is not nothing."""


def impose(pages: Sequence[Page], ticket: Ticket) -> Output:
    """All that comes out for this document, all copies counted.

    Raises PagesUnknown without pages, ValueError for a ticket that cannot be (less than one copy or page per side).
    """
    runs = _one_copy(pages, ticket)
    tally = _Tally()
    for sheet, number in runs:
        tally.add(sheet, number * ticket.copies)
    return tally.output()


def first_impressions(pages: Sequence[Page], ticket: Ticket, count: int) -> Output:
    """What is on the first `count` impressions in the order of printing: what a printer that stopped has used.

    Sheets come out in order of their pages, front before back, and copies one after the other if collated, else
    sheet by sheet. A two-sided sheet of which only the front was printed is priced as what it was to become:
    `two_sided`, one impression. More than all is all; raises as impose() does, and ValueError if `count` < 0.
    """
    if count < 0:
        raise ValueError(f"{count} impressions cannot be: 0 is the least")
    runs = _one_copy(pages, ticket)
    tally = _Tally()
    if not ticket.collated:
        tally.add_first([(sheet, number * ticket.copies) for sheet, number in runs], count)
        return tally.output()
    per_copy = sum(len(sheet) * number for sheet, number in runs)
    whole_copies, rest = divmod(min(count, per_copy * ticket.copies), per_copy) if per_copy else (0, 0)
    for sheet, number in runs:
        tally.add(sheet, number * whole_copies)
    tally.add_first(runs, rest)
    return tally.output()


def _one_copy(pages: Sequence[Page], ticket: Ticket) -> list[tuple[_Sheet, int]]:
    """The sheets of one copy in order, equal neighbours counted together: copies cost no time or memory."""
    if not pages:
        raise PagesUnknown("what an unknown document puts on paper cannot be computed")
    if ticket.copies < 1 or ticket.number_up < 1:
        raise ValueError(f"copies={ticket.copies} and number_up={ticket.number_up} must be 1 or more")
    per_sheet = 1 if ticket.sides is SidesKeyword.ONE_SIDED else 2
    sheets = _sheets(_impressions(_chosen(pages, ticket), ticket), per_sheet)
    return [(sheet, sum(1 for _ in equal)) for sheet, equal in groupby(sheets)]


def _chosen(pages: Sequence[Page], ticket: Ticket) -> Iterable[Page]:
    if not ticket.page_ranges:
        return pages
    return _in_ranges(pages, ticket.page_ranges)


def _in_ranges(pages: Sequence[Page], ranges: Iterable[tuple[int, int]]) -> Iterator[Page]:
    done = 0
    for first, last in ranges:
        # Ranges ascend; where a careless client lets them overlap, a page is still printed once.
        yield from pages[max(first - 1, done) : max(last, 0)]
        done = max(done, last)


def _impressions(pages: Iterable[Page], ticket: Ticket) -> Iterator[_Impression]:
    grey = ticket.print_color_mode in FORCE_GREY
    of_page = ((ticket.media or page.media, page.colour and not grey) for page in pages)
    if ticket.number_up == 1:
        yield from of_page
        return
    for media, same_media in groupby(of_page, key=lambda impression: impression[0]):
        colours = [colour for _, colour in same_media]
        for start in range(0, len(colours), ticket.number_up):
            yield media, any(colours[start : start + ticket.number_up])


def _sheets(impressions: Iterable[_Impression], per_sheet: int) -> Iterator[_Sheet]:
    if per_sheet == 1:
        yield from ((impression,) for impression in impressions)
        return
    front: _Impression | None = None
    for impression in impressions:
        if front is None:
            front = impression
        elif front[0] == impression[0]:
            yield front, impression
            front = None
        else:
            yield (front,)
            front = impression
    if front is not None:
        yield (front,)


@dataclass(slots=True)
class _Tally:
    """Counts sheets and their sides by kind."""

    sheets: int = 0
    kinds: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)

    def add(self, sheet: _Sheet, number: int, sides: int = 2) -> None:
        """`number` equal sheets, of each only the first `sides` sides."""
        self.sheets += number
        for media, colour in sheet[:sides]:
            self.kinds[media, colour, len(sheet) == 2] += number

    def add_first(self, runs: Iterable[tuple[_Sheet, int]], impressions: int) -> None:
        """The first so many impressions of these sheets."""
        for sheet, number in runs:
            whole, rest = divmod(impressions, len(sheet))
            self.add(sheet, min(whole, number))
            if whole < number:
                if rest:
                    self.add(sheet, 1, sides=rest)
                return
            impressions -= number * len(sheet)

    def output(self) -> Output:
        kinds = sorted((kind, number) for kind, number in self.kinds.items() if number)
        return Output(
            sheets=self.sheets,
            sides=tuple(Sides(media, colour, two_sided, number) for (media, colour, two_sided), number in kinds),
        )

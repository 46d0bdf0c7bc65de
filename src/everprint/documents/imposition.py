"""From the pages of a document and its ticket to what comes out of the printer. Arithmetic only.

The rules, in the order in which they are applied:

1. *page-ranges* choose pages of the document (RFC 8011 section 5.2.7); pages that do not exist are not printed.
2. *number-up* consecutive pages share an impression; it is in colour if one of them is and the ticket does not
   force grey. A booklet (*imposition-template* = signature, PWG 5100.3) has two pages on each impression, in the
   order of a folded book, whatever number-up says; empty places fill its last sheet.
3. Two-sided, two consecutive impressions share a sheet.
4. A new sheet, and with it a new impression and a new booklet, is started by a change of paper, of sides or of a
   page's own copies, by a page that the document puts on a new sheet (Page.starts_sheet), and by each copy.
5. A page's own copies (Page.copies) are copies of its sheet, one after the other; the ticket's copies are of all.
6. The empty back of a last or lonely sheet is *not* an impression. A blank page of the document is: it passes the
   marker like any other.

Invariant: first_impressions() of all impressions is impose(), and what is on the first n impressions is, kind by
kind, never more than what is on the first n + 1. So a job that stopped half way never costs more than the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from everprint.documents.result import Output, Page, Sides
from everprint.documents.sheet_layout import FORCE_GREY, Sheet, SheetRun, Stretch, lay_out, stretches
from everprint.documents.ticket import Ticket

__all__ = ["FORCE_GREY", "Imposition", "PagesUnknown", "first_impressions", "impose"]


class PagesUnknown(ValueError):
    """There are no pages to impose: the document is unknown, and unknown is not nothing."""


def impose(pages: Sequence[Page], ticket: Ticket) -> Output:
    """All that comes out for this document, all copies counted; raises as Imposition does."""
    return Imposition(stretches(pages), ticket).whole()


def first_impressions(pages: Sequence[Page], ticket: Ticket, count: int) -> Output:
    """As Imposition.first_impressions(), for pages."""
    return Imposition(stretches(pages), ticket).first_impressions(count)


class Imposition:
    """One document laid on sheets. It costs time by the changes among its pages, not by pages or copies.

    Sheets come out in order of their pages, front before back, and copies one after the other if collated, else sheet
    by sheet.
    """

    def __init__(self, document: Sequence[Stretch], ticket: Ticket) -> None:
        """Raises PagesUnknown without pages, ValueError for less than one copy or page per side."""
        if not document:
            raise PagesUnknown("what an unknown document puts on paper cannot be computed")
        if ticket.copies < 1 or ticket.number_up < 1:
            raise ValueError(f"copies={ticket.copies} and number_up={ticket.number_up} must be 1 or more")
        runs = lay_out(document, ticket)
        if ticket.collated:
            self._runs, self._rounds = runs, ticket.copies
        else:
            self._runs, self._rounds = [(sheet, number * ticket.copies) for sheet, number in runs], 1

    def whole(self) -> Output:
        """All that comes out."""
        tally = _Tally()
        tally.add_all(self._runs, self._rounds)
        return tally.output()

    def first_impressions(self, count: int) -> Output:
        """What is on the first `count` impressions: what a printer that stopped has used.

        A two-sided sheet of which only the front was printed is priced as what it was to become: `two_sided`, one
        impression. More than all is all.

        Raises ValueError if `count` < 0.
        """
        if count < 0:
            raise ValueError(f"{count} impressions cannot be: 0 is the least")
        tally, rest = self._whole_rounds(count, sum(len(sheet) * number for sheet, number in self._runs))
        for sheet, number in self._runs:
            whole, sides = divmod(rest, len(sheet))
            tally.add(sheet, min(whole, number))
            if whole < number:
                if sides:
                    tally.add(sheet, 1, sides)
                break
            rest -= number * len(sheet)
        return tally.output()

    def first_sheets(self, count: int) -> Output:
        """What is on the first `count` sheets, all of their sides; more than all is all.

        Raises ValueError if `count` < 0.
        """
        if count < 0:
            raise ValueError(f"{count} sheets cannot be: 0 is the least")
        tally, rest = self._whole_rounds(count, sum(number for _, number in self._runs))
        for sheet, number in self._runs:
            tally.add(sheet, min(rest, number))
            rest -= min(rest, number)
        return tally.output()

    def _whole_rounds(self, count: int, per_round: int) -> tuple[_Tally, int]:
        """What is on the rounds (collated copies) that are whole, and how many are left of the count."""
        tally = _Tally()
        rounds, rest = divmod(min(count, per_round * self._rounds), per_round) if per_round else (0, 0)
        tally.add_all(self._runs, rounds)
        return tally, rest


@dataclass(slots=True)
class _Tally:
    """Counts sheets and their sides by kind."""

    sheets: int = 0
    kinds: Counter[tuple[str, bool, bool]] = field(default_factory=Counter)

    def add(self, sheet: Sheet, number: int, sides: int = 2) -> None:
        """`number` equal sheets, of each only the first `sides` sides."""
        self.sheets += number
        for side in sheet[:sides]:
            self.kinds[side.media, side.colour, len(sheet) == 2] += number

    def add_all(self, runs: Iterable[SheetRun], times: int) -> None:
        """All these sheets, so many times."""
        for sheet, number in runs:
            self.add(sheet, number * times)

    def output(self) -> Output:
        kinds = sorted((kind, number) for kind, number in self.kinds.items() if number)
        return Output(
            sheets=self.sheets,
            sides=tuple(Sides(media, colour, two_sided, number) for (media, colour, two_sided), number in kinds),
        )

"""The sides that a conversion puts out, one after the other, and the paper of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from everprint.documents.conversion.placement import Side, agrees, in_order, place, with_backs
from everprint.documents.conversion.task import Conversion, ConversionFailed
from everprint.documents.media import media_size
from everprint.documents.ticket import SIGNATURE, SidesKeyword

_MOST_SIDES = 1_000_000
_A4_MM = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class OutSide:
    """One side of a sheet that comes out; `size_mm` is the paper's, short edge first."""

    side: Side
    media: str
    size_mm: tuple[float, float]
    sides: SidesKeyword
    is_back: bool


class OutSides:
    """All sides of a conversion."""

    def __init__(self, conversion: Conversion) -> None:
        """Raises ConversionFailed if nothing, or too much, would come out, or not what was counted."""
        ticket = conversion.ticket
        self._sheets = list(place(conversion.pages, ticket))
        if not self._sheets:
            raise ConversionFailed("none of its pages is among those asked for")
        if not agrees(self._sheets, conversion.pages, ticket):
            raise ConversionFailed("its pages would not come out as they were counted")
        self._copies = ticket.copies
        self._collated = ticket.collated
        self._papers = conversion.papers
        sides = self._copies * sum(sheet.copies * 2 for sheet in self._sheets)
        if sides > _MOST_SIDES:
            raise ConversionFailed(f"it would be {sides} sides, more than the {_MOST_SIDES} that are converted")
        self.number_up = 2 if ticket.imposition == SIGNATURE else ticket.number_up

    def __iter__(self) -> Iterator[OutSide]:
        ordered = in_order(self._sheets, self._copies, collated=self._collated)
        for sheet, side, is_back in with_backs(ordered):
            media = self._papers.get(sheet.media, sheet.media)
            yield OutSide(side, media, media_size(media) or _A4_MM, sheet.sides_keyword, is_back)

    def __len__(self) -> int:
        return sum(1 for _ in with_backs(in_order(self._sheets, self._copies, collated=self._collated)))

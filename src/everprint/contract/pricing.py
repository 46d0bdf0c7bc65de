"""What an output costs at a printer's prices: a pure function of sides, paper, colour and duplex.

Each impression is charged by its own kind: one colour page does not make a document a colour document, unless the
printer's costs say so. The server
prices by it, and so does a provider that must decide alone: one arithmetic, one result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from everprint.documents.media import media_size
from everprint.documents.result import Output, Sides

ZERO = Decimal("0.0000")
HUNDRED = Decimal(100)
_STEP = Decimal("0.0001")
_A4 = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class SideCosts:
    """What one side costs."""

    grey_one_sided: Decimal = ZERO
    grey_two_sided: Decimal = ZERO
    colour_one_sided: Decimal = ZERO
    colour_two_sided: Decimal = ZERO

    def of(self, sides: Sides) -> Decimal:
        """One side of that kind."""
        if sides.colour:
            return self.colour_two_sided if sides.two_sided else self.colour_one_sided
        return self.grey_two_sided if sides.two_sided else self.grey_one_sided


@dataclass(frozen=True, slots=True)
class Costs:
    """A printer's prices: by media name, by size, and for all other paper. Without prices, printing is free.

    A side costs what its own paper says; else what the smallest paper of `up_to` says into whose area it fits; else
    `other`. With `by_area`, prices are for a square metre of paper.
    """

    other: SideCosts = SideCosts()
    by_media: Mapping[str, SideCosts] = field(default_factory=dict)
    up_to: Mapping[str, SideCosts] = field(default_factory=dict)  # by the media name of the largest that it is for
    by_area: bool = False
    colour_by_document: bool = False  # one side in colour makes all of them cost what colour costs
    two_sided_discount: Decimal = ZERO  # percent off the sides of sheets that are printed on both
    minimum: Decimal = ZERO  # of a job that prints anything
    maximum: Decimal | None = None
    percent: Decimal = HUNDRED  # of all of it: what the person pays


def for_person(costs: Costs, percent: Decimal) -> Costs:
    """The same prices for somebody who pays so many percent of them."""
    return costs if percent == HUNDRED else replace(costs, percent=percent)


def price(output: Output, costs: Costs) -> Decimal:
    """The cost of all impressions of the output. Exact; where shares are taken, rounded to a ten-thousandth, half up.

    The minimum and the maximum are those of the job before the person's percentage.
    """
    all_colour = costs.colour_by_document and any(kind.colour and kind.impressions for kind in output.sides)
    total = sum((_of_kind(kind, costs, all_colour=all_colour) for kind in output.sides), ZERO)
    if output.impressions:
        total = max(total, costs.minimum)
    if costs.maximum is not None:
        total = min(total, costs.maximum)
    return _rounded(total * costs.percent / HUNDRED)


def _of_kind(kind: Sides, costs: Costs, *, all_colour: bool) -> Decimal:
    side = _side_costs(kind.media, costs).of(replace(kind, colour=True) if all_colour else kind)
    if kind.two_sided and costs.two_sided_discount:
        side = side * (HUNDRED - costs.two_sided_discount) / HUNDRED
    if costs.by_area:
        side = side * _square_metres(kind.media)
    return kind.impressions * side


def _side_costs(media: str, costs: Costs) -> SideCosts:
    own = costs.by_media.get(media)
    if own is not None or not costs.up_to:
        return own or costs.other
    area = _square_metres(media)
    fitting = [(_square_metres(largest), largest) for largest in costs.up_to if _square_metres(largest) >= area]
    return costs.up_to[min(fitting)[1]] if fitting else costs.other


def _square_metres(media: str) -> Decimal:
    """The paper's area, to a square millimetre; that of A4 for paper that does not say its size."""
    short, long = media_size(media) or _A4
    return Decimal(round(short * long)) / 1_000_000


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_STEP, ROUND_HALF_UP)

"""What an output costs at a printer's prices: a pure function of sides, paper, colour and duplex.

Each impression is charged by its own kind: one colour page does not make a document a colour document. The server
prices by it, and so does a provider that must decide alone: one arithmetic, one result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from everprint.documents.result import Output, Sides

ZERO = Decimal("0.0000")


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
    """A printer's prices: by media name, and for all other paper. Without prices, printing is free."""

    other: SideCosts = SideCosts()
    by_media: Mapping[str, SideCosts] = field(default_factory=dict)


def price(output: Output, costs: Costs) -> Decimal:
    """The cost of all impressions of the output; exact."""
    return sum(
        (kind.impressions * costs.by_media.get(kind.media, costs.other).of(kind) for kind in output.sides), ZERO
    )

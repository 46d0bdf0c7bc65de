"""What was printed, in numbers, and what that was to the environment, each figure with its formula."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from everprint.server.accounts.money import ZERO

# One sheet of A4 (ISO 216: 210 mm x 297 mm) of 80 g/m2, in milligrams: 0.21 x 0.297 x 80 g.
SHEET_MG = 4_990
SHEETS_A_TREE = 8_333

FORMULAS = (
    "Paper: sheets x 4.99 g, the weight of A4 of 80 g/m². Other sizes are counted as A4.",
    "CO₂: as many grams as the paper weighs. Published footprints of office paper lie near one kilogram a kilogram; "
    "power and toner are not in it.",
    "Trees: sheets / 8,333, the often quoted yield of one tree in office paper.",
    "Sheets saved: impressions - sheets, what printing on both sides and more pages on a side saved.",
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The sums of some jobs of which something was put on paper."""

    jobs: int = 0
    impressions: int = 0
    colour_impressions: int = 0
    sheets: int = 0
    charged: Decimal = ZERO
    refunded: Decimal = ZERO
    uncollected: Decimal = ZERO

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(mine + its for mine, its in zip(self.figures, other.figures, strict=True)))  # type: ignore[arg-type] # in their order

    @property
    def figures(self) -> tuple[int | Decimal, ...]:
        """All of them, in order."""
        return (
            self.jobs,
            self.impressions,
            self.colour_impressions,
            self.sheets,
            self.charged,
            self.refunded,
            self.uncollected,
        )

    @property
    def grey_impressions(self) -> int:
        """Those not in colour."""
        return self.impressions - self.colour_impressions

    @property
    def cost(self) -> Decimal:
        """What was charged and not given back."""
        return self.charged - self.refunded

    @property
    def colour_share(self) -> Decimal | None:
        """Of the impressions, in percent with one digit; None if there are none."""
        return _share(self.colour_impressions, self.impressions)

    @property
    def sheets_saved(self) -> int:
        """By printing on both sides and several pages on a side."""
        return max(self.impressions - self.sheets, 0)

    @property
    def paper_kg(self) -> Decimal:
        """The weight of the paper, as FORMULAS say."""
        return (Decimal(self.sheets * SHEET_MG) / 1_000_000).quantize(Decimal("0.01"))

    @property
    def trees(self) -> Decimal:
        """How many trees gave the paper, as FORMULAS say."""
        return (Decimal(self.sheets) / SHEETS_A_TREE).quantize(Decimal("0.001"))


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None

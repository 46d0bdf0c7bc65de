"""What was printed, in numbers, and what that was to the environment, each figure with its formula."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from everprint.server.accounts.money import ZERO

# One sheet of A4 (ISO 216: 210 mm x 297 mm) of 80 g/m2, in milligrams: 0.21 x 0.297 x 80 g.
SHEET_MG = 4_990
# UK Government GHG Conversion Factors for Company Reporting 2024, "Material use", paper from primary material:
# 1,339 kg of CO2 equivalent a tonne. Making the paper; neither power nor toner.
CO2_G_A_KG = 1_339
# Conservatree, "Trees Into Paper": 16.67 reams of 500 sheets of copying paper a tree. A rule of thumb.
SHEETS_A_TREE = 8_333


SHEETS_SAVED = "Sheets saved: impressions - sheets, what printing on both sides and more pages on a side saved."
UNRELEASED = (
    "Held and never released: held when they were cancelled or their time was over; nobody had released them before.",
    "Sheets of jobs that were never released: as analysis found; where it could not say, none are counted.",
)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What paper costs the environment, as the installation has set it; 0: no such figure is given."""

    co2_g_a_kg: int = CO2_G_A_KG
    sheets_a_tree: int = SHEETS_A_TREE

    @property
    def formulas(self) -> tuple[str, ...]:
        """Of every figure, with the numbers that were used."""
        co2 = f"CO₂: paper x {self.co2_g_a_kg:,} g a kilogram, for making the paper; power and toner are not in it."
        trees = f"Trees: sheets / {self.sheets_a_tree:,}, a rule of thumb."
        return (
            "Paper: sheets x 4.99 g, the weight of A4 of 80 g/m². Other sizes are counted as A4.",
            *([co2] if self.co2_g_a_kg else []),
            *([trees] if self.sheets_a_tree else []),
        )

    def held_back(self, usage: Usage) -> str:
        """What jobs that were held and never released would have taken, in words."""
        co2 = self.co2_kg(usage)
        jobs = f"{usage.jobs:,} {'job was' if usage.jobs == 1 else 'jobs were'}"
        also = "" if co2 is None else f", {co2:,} kg of CO₂"
        return (
            f"Holding saved {usage.sheets:,} sheets, in none of these figures: {jobs} held and "
            f"never released ({usage.paper_kg:,} kg of paper{also})."
        )

    def co2_kg(self, usage: Usage) -> Decimal | None:
        """Kilograms of carbon dioxide equivalent."""
        if not self.co2_g_a_kg:
            return None
        return (Decimal(usage.sheets * SHEET_MG * self.co2_g_a_kg) / 10**9).quantize(Decimal("0.01"))

    def trees(self, usage: Usage) -> Decimal | None:
        """How many trees gave the paper."""
        return (Decimal(usage.sheets) / self.sheets_a_tree).quantize(Decimal("0.001")) if self.sheets_a_tree else None


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
        """The weight of the paper (see Footprint.formulas)."""
        return (Decimal(self.sheets * SHEET_MG) / 1_000_000).quantize(Decimal("0.01"))


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None

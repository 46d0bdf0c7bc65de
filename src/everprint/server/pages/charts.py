"""Bar charts as plain geometry: numbers in, rectangles and labels out; the template draws them as SVG.

No script and no style is needed to show them, and the same bars are offered as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 600
HEIGHT = 180
LEFT = 40
BOTTOM = 22
TOP = 8
GAP_SHARE = 0.25  # of a slot, left free between two bars


@dataclass(frozen=True, slots=True)
class Count:
    """What one bar stands for: a label for the table, a short one (or none) for the axis, and two parts."""

    label: str
    short: str
    grey: int
    colour: int

    @property
    def total(self) -> int:
        """Both parts."""
        return self.grey + self.colour


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the units of the drawing; the colour part stands on the grey one."""

    count: Count
    x: float
    width: float
    grey_y: float
    grey_height: float
    colour_y: float
    colour_height: float
    middle: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A level of the scale."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template needs; `name` makes the ids of title and description unique on a page."""

    name: str
    title: str
    description: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    empty: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def bar_chart(name: str, title: str, counts: Sequence[Count]) -> Chart:
    """The chart of the counts, in their order, on a scale from 0 with round steps."""
    steps = scale(max((count.total for count in counts), default=0))
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    unit = room / steps[-1]
    slot = (WIDTH - LEFT) / max(len(counts), 1)
    bars = []
    for place, count in enumerate(counts):
        x = LEFT + slot * (place + GAP_SHARE / 2)
        grey, colour = count.grey * unit, count.colour * unit
        bars.append(
            Bar(
                count=count,
                x=round(x, 2),
                width=round(slot * (1 - GAP_SHARE), 2),
                grey_y=round(base - grey, 2),
                grey_height=round(grey, 2),
                colour_y=round(base - grey - colour, 2),
                colour_height=round(colour, 2),
                middle=round(x + slot * (1 - GAP_SHARE) / 2, 2),
            )
        )
    return Chart(
        name=name,
        title=title,
        description=describe(counts),
        bars=tuple(bars),
        ticks=tuple(Tick(y=round(base - value * unit, 2), value=value) for value in steps),
        empty=not any(count.total for count in counts),
    )


def scale(highest: int) -> list[int]:
    """Round levels from 0 to at or above the highest value: at most five steps of 1, 2 or 5 times a power of ten."""
    magnitude = 1
    while True:
        for factor in (1, 2, 5):
            step = factor * magnitude
            if step * 4 >= highest:
                count = max(-(-highest // step), 1)
                return [step * level for level in range(count + 1)]
        magnitude *= 10


def describe(counts: Sequence[Count]) -> str:
    """The chart in a sentence, for those who hear it."""
    if not any(count.total for count in counts):
        return "Nothing was printed."
    total = sum(count.total for count in counts)
    colour = sum(count.colour for count in counts)
    most = max(counts, key=lambda count: count.total)
    return f"{total} impressions, {colour} of them in colour; most at {most.label}: {most.total}."

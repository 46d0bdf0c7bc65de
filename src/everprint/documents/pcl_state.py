"""What a PCL 5 printer keeps in mind: what `ESCE` forgets, what a macro call gives back, and what is on the page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from everprint.documents.pcl_layout import Layout
from everprint.documents.pcl_palette import BLACK, Palette, Rgb
from everprint.documents.ticket import SidesKeyword

SOLID, WHITE_PATTERN, USER_PATTERN, CURRENT_PATTERN = 0, 1, 4, 5


@dataclass(slots=True)
class State:
    """The modified print environment: all that a reset takes back to its defaults."""

    layout: Layout = field(default_factory=Layout)
    paper_said: bool = False
    copies: int | None = None
    sides: SidesKeyword | None = None
    paper_source: int = 0
    palette: Palette = field(default_factory=Palette)
    foreground: Rgb = BLACK
    pattern: int = SOLID
    rectangle: tuple[float, float] = (0.0, 0.0)
    proportional: bool = False  # the characters' widths are not known
    unit: float = 24.0  # of measure, 1/7200 inch
    overlay: int | None = None
    macro: int = 0
    secondary: bool = False

    def copy(self) -> State:
        """To give back after a macro was called."""
        return replace(self, layout=replace_layout(self.layout), palette=self.palette.copy())


def replace_layout(layout: Layout) -> Layout:
    """Another one that stands where this one does."""
    copied = replace(layout)
    copied.top, copied.text_length, copied.x, copied.y = layout.top, layout.text_length, layout.x, layout.y
    return copied


@dataclass(slots=True)
class OnPage:
    """What is on the page that is being made."""

    put: bool = False  # something, so that a reset or a change of paper ends the page
    shown: bool = False  # something that can be seen
    colour: bool = False
    picture_begun: bool = False
    moved: bool = False  # the cursor

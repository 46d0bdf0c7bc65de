"""What paints a mark in PCL XL: nothing, white, a grey, or a colour; and whether that is certain.

The thresholds are those of a drawn page (colour.py), so that a page is in colour by one rule in every language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD
from everprint.documents.pclxl_stream import Array, Value
from everprint.documents.pclxl_tags import Attribute, ColorSpace


class Ink(IntEnum):
    """Ordered: of two inks, the greater one decides what a page is."""

    NONE = 0
    WHITE = 1
    GREY = 2  # any tone from black to the lightest that is not white
    COLOUR = 3


@dataclass(frozen=True, slots=True)
class Paint:
    """An ink; not `certain` where it may also be a lesser one."""

    ink: Ink
    certain: bool = True


BLACK = Paint(Ink.GREY)
NOTHING = Paint(Ink.NONE)
DARKEST_WHITE = 255 - WHITE_THRESHOLD
UNSURE_COLOUR = Paint(Ink.COLOUR, certain=False)

_GREY_SPACES = frozenset({ColorSpace.BI_LEVEL, ColorSpace.GRAY, ColorSpace.GRAY_SUB})
_SCALES = {0: 255.0, 1: 65535.0, 5: 1.0}


def channels_of(space: int) -> int:
    """How many numbers make a colour; a space that nobody knows is taken as one with colours."""
    return 1 if space in _GREY_SPACES else 3


def ink_of(channels: tuple[float, ...]) -> Ink:
    """The ink of one colour, its channels from 0 (dark) to 255."""
    if max(channels) - min(channels) > COLOUR_THRESHOLD:
        return Ink.COLOUR
    return Ink.WHITE if min(channels) >= DARKEST_WHITE else Ink.GREY


def source_paint(given: dict[int, Value], space: int, palette: bytes, patterns: dict[int, Paint]) -> Paint:
    """What SetBrushSource or SetPenSource sets."""
    if Attribute.NULL_BRUSH in given or Attribute.NULL_PEN in given:
        return NOTHING
    for attribute in (Attribute.RGB_COLOR, Attribute.PRIMARY_ARRAY):
        if isinstance(array := given.get(attribute), Array):
            return _array_paint(array, 3 if attribute is Attribute.RGB_COLOR else channels_of(space))
    level = given.get(Attribute.GRAY_LEVEL)
    if isinstance(level, int | float):
        scaled = level * 255.0 if isinstance(level, float) else float(level)
        return Paint(ink_of((scaled,))) if 0 <= scaled <= 255 else Paint(Ink.GREY, certain=False)
    index = given.get(Attribute.PALETTE_INDEX)
    if isinstance(index, int):
        count = channels_of(space)
        colour = palette[index * count : (index + 1) * count]
        return Paint(ink_of(tuple(colour))) if len(colour) == count else UNSURE_COLOUR
    pattern = given.get(Attribute.PATTERN_SELECT_ID)
    if isinstance(pattern, int):
        # How much of a pattern shows depends on where it is cut off.
        return Paint(patterns.get(pattern, UNSURE_COLOUR).ink, certain=False)
    return UNSURE_COLOUR


def _array_paint(array: Array, channels: int) -> Paint:
    scale = _SCALES.get(array.kind)
    if scale is None or array.count != channels:
        return UNSURE_COLOUR if channels > 1 else Paint(Ink.GREY, certain=False)
    colour = tuple(value * 255.0 / scale for value in array.first(channels))
    if not all(0 <= value <= 255 for value in colour):
        return UNSURE_COLOUR
    return Paint(ink_of(colour))

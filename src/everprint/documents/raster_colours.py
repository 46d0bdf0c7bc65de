"""What the channels of a raster's pixels are, by the colour spaces of CUPS; PWG raster has some of the same numbers.

See the CUPS Raster Format specification, and PWG 5102.4 section 4.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Kind(IntEnum):
    """The ways to look at pixels; raster_walk.wat knows them by these numbers."""

    GREY = 0
    RGB = 1  # light, or the three inks that take it away
    CMYK = 2
    BITS = 3  # grey, eight pixels to an octet
    INKS = 4  # any number, of which at most one is known to be black
    LAB = 5


_LIGHT, _INK = 255, 0

NO_INK_NAMES = "its colours are inks without names"


@dataclass(frozen=True, slots=True)
class Colours:
    """A colour space. `white` is the octet of a channel that leaves the paper white.

    `order` is where red, green, blue (or cyan, magenta, yellow) and black are among the channels; of INKS only the
    last counts, -1 if there is no black. `doubt` says what cannot be relied on in pages that are not blank.
    """

    kind: Kind
    channels: int
    white: int
    order: tuple[int, int, int, int] = (0, 1, 2, 3)
    doubt: str = ""


_GREY_LIGHT, _GREY_INK = Colours(Kind.GREY, 1, _LIGHT), Colours(Kind.GREY, 1, _INK)
_RGB = Colours(Kind.RGB, 3, _LIGHT)


def _inks(channels: int, black: int = -1, doubt: str = NO_INK_NAMES) -> Colours:
    return Colours(Kind.INKS, channels, _INK, (0, 0, 0, black), doubt)


_UNNAMED = {1: Colours(Kind.GREY, 1, _INK, doubt=NO_INK_NAMES)} | {number: _inks(number) for number in range(2, 16)}

SPACES: dict[int, Colours] = {
    0: _GREY_LIGHT,  # luminance
    1: _RGB,
    2: Colours(Kind.RGB, 4, _LIGHT, doubt="its pixels may be transparent"),  # RGBA
    3: _GREY_INK,  # black
    4: Colours(Kind.RGB, 3, _INK),  # CMY
    5: Colours(Kind.RGB, 3, _INK, (2, 1, 0, 3)),  # YMC
    6: Colours(Kind.CMYK, 4, _INK),
    7: Colours(Kind.CMYK, 4, _INK, (2, 1, 0, 3)),  # YMCK
    8: Colours(Kind.CMYK, 4, _INK, (1, 2, 3, 0)),  # KCMY
    9: _inks(6, 0, "its colours are six inks, whose mixture is a guess"),  # KCMY and light CM
    10: _inks(4, 3, "one of its inks is gold"),
    11: _inks(4, -1, "its inks are gold and silver among others"),
    12: _inks(1, -1, "its ink is white"),
    13: _inks(1, -1, "its ink is gold"),
    14: _inks(1, -1, "its ink is silver"),
    15: _inks(3, -1, "its colours are in CIEXYZ, which is not looked at"),
    16: Colours(Kind.LAB, 3, _INK, doubt="its colours are in CIELab, whose grey is a guess"),
    17: Colours(Kind.CMYK, 4, _LIGHT),  # RGBW: what three lights and a white one leave out
    18: _GREY_LIGHT,  # sGray
    19: _RGB,  # sRGB
    20: _RGB,  # AdobeRGB
    **{31 + number: colours for number, colours in _UNNAMED.items()},  # by an ICC profile that is not there
    **{47 + number: colours for number, colours in _UNNAMED.items()},  # device 1 to 15
}
"""Colours by the value of cupsColorSpace."""

"""Colours in PCL 5c and HP-GL/2: palettes, and whether what is drawn with an entry of them is grey.

PCL 5 Color Technical Reference Manual, chapters 2 to 4. A palette comes from `ESC*r#U` (fixed colours) or from
`ESC*v#W` (configure image data); a printer without colour has the first, of white and black, for ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD

Rgb = tuple[int, int, int]
"""0 to 255 each; white is all 255."""

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
_RED, _GREEN, _BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
_CYAN, _MAGENTA, _YELLOW = (0, 255, 255), (255, 0, 255), (255, 255, 0)

_RGB_8 = (BLACK, _RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN, WHITE)
_CMY_8 = (WHITE, _CYAN, _MAGENTA, _BLUE, _YELLOW, _GREEN, _RED, BLACK)
_RGB_4, _CMY_4 = (BLACK, _RED, _GREEN, WHITE), (WHITE, _CYAN, _MAGENTA, BLACK)
MONO = (WHITE, BLACK)
PENS = (WHITE, BLACK, _RED, _GREEN, _YELLOW, _BLUE, _MAGENTA, _CYAN)
"""The pens of a plotter whose file does not say what is in them (HP-GL/2 Reference Guide, NP)."""

_MOST_ENTRIES = 256
_SHORT_FORM = 6  # octets of configure image data that say nothing of white and black points


def is_colour(rgb: Rgb) -> bool:
    """Whether it shows as colour, as everprint.documents.colour judges pixels."""
    return max(rgb) - min(rgb) > COLOUR_THRESHOLD


def is_white(rgb: Rgb) -> bool:
    """Whether it shows at all."""
    return min(rgb) >= 255 - WHITE_THRESHOLD


class Encoding(IntEnum):
    """How the octets of a row of a picture say colours (configure image data, octet 1)."""

    INDEX_BY_PLANE = 0
    INDEX_BY_PIXEL = 1
    DIRECT_BY_PLANE = 2
    DIRECT_BY_PIXEL = 3


@dataclass(slots=True)
class Palette:
    """The current colours, and how pictures use them. `doubt` says why its colours cannot be judged."""

    entries: list[Rgb] = field(default_factory=lambda: list(MONO))
    encoding: Encoding = Encoding.INDEX_BY_PLANE
    index_bits: int = 1
    primary_bits: tuple[int, int, int] = (1, 1, 1)
    light: bool = True  # primaries are red, green and blue, not inks
    black_plane: bool = False  # four planes: black, cyan, magenta, yellow
    programmable: bool = False
    doubt: str = ""
    _components: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    @property
    def planes(self) -> int:
        """How many planes a row has."""
        if self.encoding is Encoding.INDEX_BY_PLANE:
            return self.index_bits
        return sum(self.primary_bits) if self.encoding is Encoding.DIRECT_BY_PLANE else 1

    @property
    def only_grey(self) -> bool:
        """Whether nothing that is drawn by it can have colour."""
        direct = self.encoding in (Encoding.DIRECT_BY_PLANE, Encoding.DIRECT_BY_PIXEL)
        return not (direct or self.black_plane or self.doubt or any(map(is_colour, self.entries)))

    def entry(self, index: int) -> Rgb:
        """The colour of that index; one beyond the last begins again, as printers do."""
        return self.entries[index % len(self.entries)]

    def set_component(self, which: int, value: float) -> None:
        """The next entry's first, second or third colour component."""
        self._components[which] = value

    def assign(self, index: int) -> None:
        """Takes the components as this entry, and forgets them."""
        parts, self._components = self._components, [0.0, 0.0, 0.0]
        if self.programmable and 0 <= index < len(self.entries):
            self.entries[index] = self._rgb(parts)

    def _rgb(self, parts: list[float]) -> Rgb:
        levels = [min(255, max(0, round(part))) for part in parts]
        return (
            (levels[0], levels[1], levels[2]) if self.light else (255 - levels[0], 255 - levels[1], 255 - levels[2])
        )

    def copy(self) -> Palette:
        """Another one like it."""
        return replace(self, entries=list(self.entries), _components=list(self._components))


def simple_palette(planes: int) -> Palette:
    """The fixed colours of `ESC*r#U`: 1 black; 3 red, green, blue; -3 cyan, magenta, yellow; -4 with black before."""
    if planes == 3:
        return Palette(list(_RGB_8), index_bits=3)
    if planes == -3:
        return Palette(list(_CMY_8), index_bits=3, light=False)
    if planes == -4:
        return Palette(list(_CMY_8), index_bits=4, light=False, black_plane=True)
    return Palette()


def configured_palette(data: bytes) -> Palette | None:
    """The palette of `ESC*v#W`; None if the data say nothing that can be."""
    if len(data) < _SHORT_FORM or data[1] not in tuple(Encoding):
        return None
    space, encoding, bits = data[0], Encoding(data[1]), data[2]
    doubt = ""
    if space > 1:
        doubt = "it uses colours of a device-independent space, which are not looked at"
    elif len(data) > _SHORT_FORM:
        doubt = "it sets its own white and black points for colours"
    light = space != 1
    bits = min(max(bits, 1), 8)
    return Palette(
        default_entries(bits, light),
        encoding,
        bits,
        (data[3], data[4], data[5]),
        light,
        programmable=True,
        doubt=doubt,
    )


def default_entries(bits: int, light: bool) -> list[Rgb]:
    """What is in a palette for so many bits an index before anything is put there."""
    if bits == 1:
        return list(MONO)
    few = {2: _RGB_4 if light else _CMY_4}.get(bits, _RGB_8 if light else _CMY_8)
    return [*few, *([BLACK] * (min(1 << bits, _MOST_ENTRIES) - len(few)))]


def pens(number: int) -> list[Rgb]:
    """So many pens as HP-GL/2's NP makes them."""
    number = min(max(number, 2), _MOST_ENTRIES)
    return [*PENS[:number], *([BLACK] * (number - len(PENS)))]

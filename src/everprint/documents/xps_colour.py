"""Colours of XPS (ECMA-388 section 15.2): sRGB, scRGB and colours of a profile, and what they are on paper."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour: sRGB of 0 to 255 and opacity of 0 to 1. `known` is False where a profile decides about it."""

    red: float
    green: float
    blue: float
    opacity: float = 1.0
    known: bool = True

    @property
    def chroma(self) -> float:
        """How far the channels are apart, of 255."""
        return max(self.red, self.green, self.blue) - min(self.red, self.green, self.blue)

    def coloured(self, opacity: float) -> bool | None:
        """Painted on white paper with so much opacity besides its own: None if that cannot be told."""
        shows = self.opacity * opacity
        if self.known and self.chroma * shows > COLOUR_THRESHOLD:
            return True
        if shows <= 0 or (self.known and (self.chroma == 0 or (shows >= 1 and self.chroma <= COLOUR_THRESHOLD))):
            return False
        return None  # a pale glaze on a pale glaze may be more than pale

    def inked(self, opacity: float) -> bool | None:
        """Darker than paper, in the same way."""
        lacks = (255 - min(self.red, self.green, self.blue)) * self.opacity * opacity
        if lacks <= 0 and self.known:
            return False
        return True if self.known and lacks > WHITE_THRESHOLD else None


NO_INK = Ink(255, 255, 255, 0.0)
UNKNOWN_INK = Ink(0, 0, 0, 1.0, known=False)


@functools.lru_cache(maxsize=4096)
def parse_colour(text: str) -> Ink:
    """The colour that an attribute says; UNKNOWN_INK for what is none.

    A colour of a profile is known only where no sensible profile can make it coloured: one channel, equal red, green
    and blue, or black alone of four. (One channel may be a spot colour: the caller asks the profile.)
    """
    text = text.strip()
    try:
        if text.startswith("#"):
            return _hexadecimal(text[1:])
        if text.startswith("sc#"):
            return _linear(text[3:])
    except ValueError:
        pass
    return UNKNOWN_INK


def profile_and_channels(text: str) -> tuple[str, tuple[float, ...]] | None:
    """The profile's name, and opacity and channels, of `ContextColor /p.icc 1.0, 0.5`; None if it is not that."""
    word, _, rest = text.strip().partition(" ")
    if word != "ContextColor":
        return None
    profile, _, numbers = rest.strip().partition(" ")
    try:
        return profile, tuple(_number(number) for number in numbers.split(","))
    except ValueError:
        return profile, ()


_GREY_CHANNELS = {b"GRAY": 1, b"RGB ": 3}


def of_profile(space: bytes, values: tuple[float, ...]) -> Ink:
    """A colour by opacity and channels in the colour space that the header of its ICC profile names."""
    if len(values) < 2:
        return UNKNOWN_INK
    opacity, channels = min(max(values[0], 0.0), 1.0), values[1:]
    light: float | None = None
    if len(channels) == _GREY_CHANNELS.get(space) and max(channels) == min(channels):
        light = channels[0]
    elif space == b"CMYK" and len(channels) == 4 and max(channels[:3]) <= 0:
        light = 1 - channels[3]
    if light is None:
        return Ink(0, 0, 0, opacity, known=opacity == 0)
    level = 255 * min(max(light, 0.0), 1.0)
    return Ink(level, level, level, opacity)


def _hexadecimal(digits: str) -> Ink:
    value = bytes.fromhex(digits)
    if len(value) not in {3, 4}:
        raise ValueError(digits)
    red, green, blue = value[-3:]
    return Ink(red, green, blue, value[0] / 255 if len(value) == 4 else 1.0)


def _linear(text: str) -> Ink:
    values = [_number(number) for number in text.split(",")]
    if len(values) == 3:
        values.insert(0, 1.0)
    opacity, red, green, blue = values
    return Ink(_gamma(red), _gamma(green), _gamma(blue), min(max(opacity, 0.0), 1.0))


def _gamma(linear: float) -> float:
    """sRGB of 0 to 255 (IEC 61966-2-1) for linear light."""
    light = min(max(linear, 0.0), 1.0)
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value

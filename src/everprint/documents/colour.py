"""Does a drawn page show colour, or anything at all? One answer for all languages, found by looking at pixels.

A page is in colour if any pixel is more than COLOUR_THRESHOLD away from grey, and blank if none is darker than
white by more than WHITE_THRESHOLD: so a grey photograph stored as RGB is grey, and a hairline in red is colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

COLOUR_THRESHOLD = 16
"""Of 255: the largest difference between two channels that still is grey. JPEG and profiles tint by as much."""

WHITE_THRESHOLD = 2
"""Of 255: how far from white still is white."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What a page looks like."""

    colour: bool
    blank: bool


def look(image: Image.Image) -> Looks:
    """What the picture of a page shows."""
    if image.mode in {"1", "L"}:
        return Looks(colour=False, blank=_darkest(image) >= 255 - WHITE_THRESHOLD)
    if image.mode != "RGB":
        image = image.convert("RGB")
    red, green, blue = image.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():  # most pages are text, and this is quick
        return Looks(colour=False, blank=_darkest(red) >= 255 - WHITE_THRESHOLD)
    if min(map(_darkest, (red, green, blue))) >= 255 - WHITE_THRESHOLD:
        return Looks(colour=False, blank=True)
    return Looks(colour=any(_apart(*pair) for pair in ((red, green), (green, blue), (red, blue))), blank=False)


def _apart(one: Image.Image, other: Image.Image) -> bool:
    return _brightest(ImageChops.difference(one, other)) > COLOUR_THRESHOLD


def _darkest(band: Image.Image) -> int:
    return _extremes(band)[0]


def _brightest(band: Image.Image) -> int:
    return _extremes(band)[1]


def _extremes(band: Image.Image) -> tuple[int, int]:
    darkest, brightest = band.getextrema()
    assert isinstance(darkest, int | float)
    assert isinstance(brightest, int | float)
    return int(darkest), int(brightest)

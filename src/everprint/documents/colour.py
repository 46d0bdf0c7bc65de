"""Does a drawn page show colour, or anything at all? One answer for all languages, found by looking at pixels.

A page is in colour if any pixel is more than COLOUR_THRESHOLD away from grey, and blank if none is darker than
white by more than WHITE_THRESHOLD: so a grey photograph stored as RGB is grey, and a hairline in red is colour.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageChops

from everprint.documents.result import Coverage

COLOUR_THRESHOLD = 16
"""Of 255: the largest difference between two channels that still is grey. JPEG and profiles tint by as much."""

WHITE_THRESHOLD = 2
"""Of 255: how far from white still is white."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What a page looks like; `coverage` is None where nobody measured it."""

    colour: bool
    blank: bool
    coverage: Coverage | None = None


NO_INK = Coverage(0.0, 0.0, 0.0, 0.0)


def look(image: Image.Image) -> Looks:
    """What the picture of a page shows.

    Coverage takes what the three light channels lack as ink, and what all of them lack as black (full grey
    component replacement): the mean over all pixels.
    """
    if image.mode in {"1", "L"}:
        return _grey(image if image.mode == "L" else image.convert("L"))
    if image.mode != "RGB":
        image = image.convert("RGB")
    red, green, blue = image.split()
    if red.tobytes() == green.tobytes() == blue.tobytes():  # most pages are text, and this is quick
        return _grey(red)
    if min(map(_darkest, (red, green, blue))) >= 255 - WHITE_THRESHOLD:
        return Looks(colour=False, blank=True, coverage=NO_INK)
    colour = any(_apart(*pair) for pair in ((red, green), (green, blue), (red, blue)))
    return Looks(colour=colour, blank=False, coverage=_coverage(red, green, blue))


def _grey(band: Image.Image) -> Looks:
    blank = _darkest(band) >= 255 - WHITE_THRESHOLD
    return Looks(colour=False, blank=blank, coverage=Coverage(0.0, 0.0, 0.0, 0.0 if blank else _lacking(band)))


def _coverage(red: Image.Image, green: Image.Image, blue: Image.Image) -> Coverage:
    black = _lacking(ImageChops.lighter(ImageChops.lighter(red, green), blue))
    cyan, magenta, yellow = (max(0.0, _lacking(band) - black) for band in (red, green, blue))
    return Coverage(cyan, magenta, yellow, black)


def _lacking(band: Image.Image) -> float:
    """How much of white is missing, on average: 0 to 1."""
    pixels = band.width * band.height
    return sum((255 - value) * number for value, number in enumerate(band.histogram())) / (255 * pixels)


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

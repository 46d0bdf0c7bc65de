"""What colour.look() says, for a drawing in a library's memory: four octets a pixel, red, green, blue and none.

Most pages are text: that no pixel has any colour is seen in one pass over the words, before anything is unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from everprint.documents.colour import COLOUR_THRESHOLD, NO_INK, WHITE_THRESHOLD, Looks
from everprint.documents.result import Coverage

_FAINT_CHROMA = 3
"""Of 255: less is rounding."""

_FAINT_SHARE = 4
"""A pixel whose colour is more than one in so many parts of its ink may be a coloured object much smaller than it."""

_INK_CHROMA = 5
"""Of 255: the tint that colour profiles give to black ink of any strength."""

_MOST_IN_A_WORD = 1 << 24
"""So many octets can be added up in 32 bits, which is quicker than in 64."""


@dataclass(frozen=True, slots=True)
class PixelLooks:
    """`faint`: grey by the threshold, but something coloured may hide in a pixel that it only touches."""

    looks: Looks
    faint: bool


def look_at_pixels(pixels: bytes | memoryview) -> PixelLooks:
    """What the picture shows; `pixels` are whole pixels without gaps between rows."""
    words: NDArray[np.uint32] = np.frombuffer(pixels, "<u4")
    if not _differences(words).any():
        return PixelLooks(_grey(_channel(words, 0)), faint=False)
    red, green, blue = (_channel(words, number) for number in range(3))
    lightest: NDArray[np.uint8] = np.maximum(np.maximum(red, green), blue)
    darkest: NDArray[np.uint8] = np.minimum(np.minimum(red, green), blue)
    if int(darkest.min()) >= 255 - WHITE_THRESHOLD:
        return PixelLooks(Looks(colour=False, blank=True, coverage=NO_INK), faint=False)
    chroma = lightest - darkest
    colour = int(chroma.max()) > COLOUR_THRESHOLD
    black = _lacking(lightest)
    cyan, magenta, yellow = (max(0.0, _lacking(channel) - black) for channel in (red, green, blue))
    looks = Looks(colour, blank=False, coverage=Coverage(cyan, magenta, yellow, black))
    return PixelLooks(looks, faint=not colour and _is_faint(chroma, darkest))


def _differences(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Nothing where red is green and green is blue. In place: new arrays cost more than the sums."""
    differences: NDArray[np.uint32] = np.right_shift(words, 8, dtype=np.uint32)
    differences ^= words
    differences &= 0xFFFF
    return differences


def _channel(words: NDArray[np.uint32], number: int) -> NDArray[np.uint8]:
    return (words >> np.uint32(8 * number)).astype(np.uint8) if number else words.astype(np.uint8)


def _grey(channel: NDArray[np.uint8]) -> Looks:
    blank = int(channel.min()) >= 255 - WHITE_THRESHOLD
    coverage = NO_INK if blank else Coverage(0.0, 0.0, 0.0, _lacking(channel))
    return Looks(colour=False, blank=blank, coverage=coverage)


def _is_faint(chroma: NDArray[np.uint8], darkest: NDArray[np.uint8]) -> bool:
    ink = 255 - darkest
    return bool(((chroma > _INK_CHROMA) | ((chroma >= _FAINT_CHROMA) & (chroma > ink // _FAINT_SHARE))).any())


def _lacking(channel: NDArray[np.uint8]) -> float:
    """How much of white is missing, on average: 0 to 1."""
    octets = np.uint32 if channel.size < _MOST_IN_A_WORD else np.uint64
    return 1.0 - int(channel.sum(dtype=octets)) / (255 * channel.size)

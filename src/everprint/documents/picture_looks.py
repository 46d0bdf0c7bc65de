"""What every pixel of a decoded picture shows, in strips: no more memory than the picture itself takes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from everprint.documents.colour import Looks
from everprint.documents.raster_colours import SPACES, Colours, Kind
from everprint.documents.raster_kernel import WINDOW_OCTETS, Kernel, Pixels, Rows

_STRIP_PIXELS = 1 << 20
_GREY, _RGB, _CMYK = SPACES[18], SPACES[19], SPACES[6]


def look_at_pixels(image: Image.Image) -> Looks:
    """Colour, blank and coverage from all of them, transparent ones on white paper.

    Raises whatever Pillow raises for a picture that is damaged.
    """
    image.load()
    colours = _colours(image)
    kernel = Kernel()
    pixels = Pixels(colours.kind, colours.channels, colours.white, colours.order, colours.channels)
    kernel.begin(pixels, Rows(image.height, image.width, image.width))
    piece = WINDOW_OCTETS // colours.channels * colours.channels
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        octets = memoryview(_on_paper(strip, colours).tobytes())
        for start in range(0, len(octets), piece):
            kernel.put(octets[start : start + piece])
            kernel.walk(packed=False)
    seen = kernel.seen()
    return Looks(seen.coloured, not seen.marked, seen.coverage(image.width * image.height, colours.kind))


def on_paper(image: Image.Image) -> Image.Image:
    """As it prints: grey, red-green-blue or four inks, transparent pixels on white."""
    return _on_paper(image, _colours(image))


def _colours(image: Image.Image) -> Colours:
    if image.mode == "CMYK":
        return _CMYK
    grey = image.mode in {"1", "L", "I;16", "I;16B", "I;16L", "I;16N", "I", "F"} and not _is_transparent(image)
    return _GREY if grey else _RGB


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "RGBa", "LA", "La", "PA"} or "transparency" in image.info


def _on_paper(image: Image.Image, colours: Colours) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if colours.kind is Kind.GREY:
        return image if image.mode == "L" else image.convert("L")
    if colours.kind is Kind.CMYK or (image.mode == "RGB" and not _is_transparent(image)):
        return image
    if not _is_transparent(image):
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image if image.mode == "RGBA" else image.convert("RGBA"))
    return paper.convert("RGB")

"""A picture as a page: which paper, how large, how it is opened. The same for JPEG, PNG and TIFF.

A picture has no paper. Printers and CUPS's filters fit it on the paper that the job asks for, else on what is in the
tray, and take its resolution for no more than a hint of its size; so paper is the job's *media*, else ASSUMED_MEDIA,
which a remark says. A picture beyond MOST_PIXELS is not decoded, whatever its file's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from everprint.documents.colour import Looks
from everprint.documents.media import MM_PER_INCH
from everprint.documents.picture_looks import on_paper
from everprint.documents.result import Page, Unreadable
from everprint.documents.source import Source

ASSUMED_MEDIA = "iso_a4_210x297mm"
ASSUMED_REMARK = "a picture has no paper size: A4 is assumed unless the job says which"
_ASSUMED_EDGES = (210.0, 297.0)

MOST_PIXELS = 200_000_000
"""A picture is held whole while it is decoded: this is what fits in the memory of a worker."""

_ALWAYS_PIXELS = 40_000_000
_MOST_PIXELS_PER_OCTET = 60_000
"""A fax of A3 with nothing on it, at 600 dpi, has a little less; more of them in little data is a bomb."""


@contextmanager
def opened(source: Source, name: str) -> Iterator[Image.Image]:
    """The picture, not decoded yet; `name` is Pillow's of its format.

    Raises Unreadable for what has no header of that format, OSError.
    """
    with source.as_file() as path, path.open("rb") as file:
        pillows_bound = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None  # the bound is ours: beyond it a picture still is one page
        try:
            image = Image.open(file, formats=(name,))
        except MemoryError:
            raise
        except Exception as error:
            # Readers of pictures raise whatever a damaged header makes them stumble over.
            raise Unreadable(f"it cannot be read as {name}: {_said(error)}") from None
        finally:
            Image.MAX_IMAGE_PIXELS = pillows_bound
        with image:
            yield image


def picture_page(number: int, size: tuple[int, int], looks: Looks) -> Page:
    """A picture of so many pixels on the paper that is assumed, the way it lies."""
    width, height = reversed(_ASSUMED_EDGES) if size[0] > size[1] else _ASSUMED_EDGES
    return Page(number, width, height, ASSUMED_MEDIA, looks.colour, looks.blank, looks.coverage)


def too_many_pixels(image: Image.Image, source: Source) -> str:
    """Why the picture is not decoded, or nothing."""
    pixels = image.width * image.height
    if pixels <= _ALWAYS_PIXELS or pixels <= min(MOST_PIXELS, source.octets * _MOST_PIXELS_PER_OCTET):
        return ""
    return f"{image.width} by {image.height} pixels are too many to look at"


def damage(error: Exception) -> str:
    """What a decoder stumbled over, for people."""
    return f"the picture is damaged ({_said(error)})"


def draw_picture(image: Image.Image, source: Source, dpi: int) -> Image.Image:
    """The picture, as large as it would be on the assumed paper without margins.

    Raises Unreadable.
    """
    if reason := too_many_pixels(image, source):
        raise Unreadable(reason)
    short, long = (round(edge / MM_PER_INCH * dpi) for edge in _ASSUMED_EDGES)
    box = (long, short) if image.width > image.height else (short, long)
    try:
        image.draft(None, box)  # JPEG decodes only as much as is needed
        drawn = on_paper(_smaller(image, box)).convert("RGB")
        drawn.thumbnail(box)
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable(damage(error)) from None
    return drawn


def _smaller(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Not much larger than the box, so that what follows takes little memory."""
    factor = min(image.width // box[0], image.height // box[1])
    if factor < 2:
        return image
    if image.mode == "1":
        image = image.convert("L")
    if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"} and "transparency" not in image.info:
        return image.reduce(factor)
    return image.resize((image.width // factor, image.height // factor), Image.Resampling.NEAREST)


def _said(error: Exception) -> str:
    """A library's own words without our file's name, and short."""
    said = " ".join(str(error).split("<_io")[0].split())[:100].strip()
    return "".join(char if char.isprintable() else "?" for char in said) or type(error).__name__

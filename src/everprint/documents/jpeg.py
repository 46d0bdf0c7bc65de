"""JPEG: always one page. A picture has no paper of its own; it is scaled to what the job asks for.

Without a *media* in the ticket the page is taken as ASSUMED_MEDIA, which a remark says. The picture is decoded at
an eighth of its size, so a large one costs little; one beyond MOST_PIXELS is not decoded at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from everprint.documents.colour import Looks, look
from everprint.documents.limits import Limits
from everprint.documents.media import MM_PER_INCH
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source

ASSUMED_MEDIA = "iso_a4_210x297mm"
_ASSUMED_EDGES = (210.0, 297.0)
MOST_PIXELS = 250_000_000
"""A progressive picture is held whole while it is decoded: this is what fits in the memory of a worker."""


def analyse(source: Source, limits: Limits) -> Analysis:
    """One page; colour from its pixels.

    Raises Unreadable for what has no JPEG header.
    """
    doubts: list[str] = []
    remarks = ["a picture has no paper size: A4 is assumed unless the job says which"]
    with _opened(source) as image:
        landscape = image.width > image.height
        looks = _looks(image, doubts)
    width, height = reversed(_ASSUMED_EDGES) if landscape else _ASSUMED_EDGES
    return Analysis(
        Language.JPEG,
        Confidence.ESTIMATED if doubts else Confidence.EXACT,
        (Page(1, width, height, ASSUMED_MEDIA, looks.colour, looks.blank, looks.coverage),),
        "; ".join(doubts),
        tuple(remarks),
    )


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The picture, as large as it would be on the assumed paper without margins.

    Raises Unreadable.
    """
    if number != 1:
        raise Unreadable(f"there is no page {number}: a picture is one page")
    with _opened(source) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Unreadable(f"{image.width} by {image.height} pixels are too many to draw")
        short, long = (round(edge / MM_PER_INCH * dpi) for edge in _ASSUMED_EDGES)
        box = (long, short) if image.width > image.height else (short, long)
        try:
            image.thumbnail(box)  # decodes only as much as is needed
            return image.convert("RGB")
        except OSError as error:
            raise Unreadable(f"the picture is damaged ({error})") from None


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    with source.as_file() as path, _read(path) as image:
        yield image


def _read(path: Path) -> Image.Image:
    pillows_bound = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None  # the bound is ours, MOST_PIXELS: beyond it a picture still is one page
    try:
        return Image.open(path, formats=("JPEG",))
    except (UnidentifiedImageError, SyntaxError, ValueError) as error:
        raise Unreadable(f"it cannot be read as JPEG: {str(error).replace(str(path), 'the file')}") from None
    finally:
        Image.MAX_IMAGE_PIXELS = pillows_bound


def _looks(image: Image.Image, doubts: list[str]) -> Looks:
    by_header = Looks(colour=image.mode != "L", blank=False)
    if image.width * image.height > MOST_PIXELS:
        doubts.append(f"{image.width} by {image.height} pixels are too many to look at: colour is a guess")
        return by_header
    try:
        image.draft("RGB" if image.mode != "L" else "L", (max(image.width // 8, 1), max(image.height // 8, 1)))
        return look(image)
    except OSError as error:
        doubts.append(f"the picture is damaged ({error}): colour is a guess")
        return by_header

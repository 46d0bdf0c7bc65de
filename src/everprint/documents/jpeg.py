"""JPEG: always one page.

The picture is decoded at an eighth of its size first, which is quick: each of its pixels is the mean of 64, so if
one of them is in colour, so is one of the 64. If none is, the picture is decoded whole, to see what the mean hides.
"""

from __future__ import annotations

from PIL import Image, ImageChops

from everprint.documents.colour import Looks
from everprint.documents.limits import Limits
from everprint.documents.picture_looks import look_at_pixels
from everprint.documents.picture_pages import (
    ASSUMED_REMARK,
    damage,
    draw_picture,
    opened,
    picture_page,
    too_many_pixels,
)
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source

_PARTS = 8


def analyse(source: Source, limits: Limits) -> Analysis:
    """One page; colour from its pixels.

    Raises Unreadable for what has no JPEG header.
    """
    doubts: list[str] = []
    with opened(source, "JPEG") as image:
        size = image.size
        looks = _looks(source, image, doubts)
    return Analysis(
        Language.JPEG,
        Confidence.ESTIMATED if doubts else Confidence.EXACT,
        (picture_page(1, size, looks),),
        "; ".join(doubts),
        (ASSUMED_REMARK,),
    )


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The picture, as large as it would be on the assumed paper without margins.

    Raises Unreadable.
    """
    if number != 1:
        raise Unreadable(f"there is no page {number}: a picture is one page")
    with opened(source, "JPEG") as image:
        return draw_picture(image, source, dpi)


def _looks(source: Source, image: Image.Image, doubts: list[str]) -> Looks:
    by_header = Looks(colour=image.mode != "L", blank=False)
    if reason := too_many_pixels(image, source):
        doubts.append(f"{reason}: colour is a guess")
        return by_header
    try:
        image.draft(None, (max(image.width // _PARTS, 1), max(image.height // _PARTS, 1)))
        looks = _looks_of_inks(image, doubts)
        if looks.colour:
            return looks
        with opened(source, "JPEG") as whole:
            return _looks_of_inks(whole, [])
    except MemoryError:
        raise
    except Exception as error:
        doubts.append(f"{damage(error)}: colour is a guess")
        return by_header


def _looks_of_inks(image: Image.Image, doubts: list[str]) -> Looks:
    """Four inks are stored the wrong way round by the one program that made the format known, and it says so."""
    if image.mode != "CMYK" or "adobe" in image.info:
        return look_at_pixels(image)
    doubts.append("it has four inks without Adobe's mark: which end of them is white is a guess")
    return look_at_pixels(ImageChops.invert(image))

"""PNG: always one page; of an animated one, the picture that is shown where nothing moves."""

from __future__ import annotations

from PIL import Image

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


def analyse(source: Source, limits: Limits) -> Analysis:
    """One page; colour from its pixels.

    Raises Unreadable for what has no PNG header.
    """
    doubt = ""
    with opened(source, "PNG") as image:
        looks = Looks(colour=image.mode not in {"1", "L", "LA", "I;16", "I"}, blank=False)
        doubt = too_many_pixels(image, source)
        try:
            looks = looks if doubt else look_at_pixels(image)
        except MemoryError:
            raise
        except Exception as error:
            doubt = damage(error)
        return Analysis(
            Language.PNG,
            Confidence.ESTIMATED if doubt else Confidence.EXACT,
            (picture_page(1, image.size, looks),),
            f"{doubt}: colour is a guess" if doubt else "",
            (ASSUMED_REMARK,),
        )


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The picture, as large as it would be on the assumed paper without margins.

    Raises Unreadable.
    """
    if number != 1:
        raise Unreadable(f"there is no page {number}: a picture is one page")
    with opened(source, "PNG") as image:
        return draw_picture(image, source, dpi)

"""TIFF and BigTIFF: a page for each picture of its chain of directories, but for thumbnails and masks.

Which of them are pages is read by us (tiff_directories.py); the pixels are decoded by Pillow and libtiff.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

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
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.source import Source
from everprint.documents.tiff_directories import BrokenChain, Directory, directories

_UNSURE_MODES = frozenset({"I", "F"})  # more than 16 bits of grey: what is white in them is not known


def analyse(source: Source, limits: Limits) -> Analysis:
    """A page for each picture; colour from its pixels.

    Raises Unreadable for what has no TIFF header or no whole directory, and for more pages than the limit.
    """
    doubts: dict[str, None] = {}  # a set that keeps its order
    frames = _pages(source, limits, doubts)
    try:
        pages = _look(source, frames, time.monotonic() + limits.document_s, doubts)
    except Unreadable as cannot:  # by Pillow: the pages are known all the same
        doubts[f"{cannot}: colour is a guess"] = None
        pages = [_guess(number, directory) for number, (_, directory) in enumerate(frames, 1)]
    confidence = Confidence.ESTIMATED if doubts else Confidence.EXACT
    return Analysis(Language.TIFF, confidence, tuple(pages), "; ".join(doubts), (ASSUMED_REMARK,))


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """The picture of that page, as large as it would be on the assumed paper without margins.

    Raises Unreadable.
    """
    frames = _pages(source, Limits(), {})
    if number > len(frames):
        raise Unreadable(f"there is no page {number}: it has {len(frames)}")
    with opened(source, "TIFF") as image:
        try:
            image.seek(frames[number - 1][0])
        except Exception as error:
            raise Unreadable(damage(error)) from None
        return draw_picture(image, source, dpi)


def _pages(source: Source, limits: Limits, doubts: dict[str, None]) -> list[tuple[int, Directory]]:
    """Those of the chain that are pages, with their places in it."""
    chain: list[tuple[int, Directory]] = []
    with source.as_file() as path, path.open("rb") as file:
        try:
            for place, directory in enumerate(directories(file)):
                if place == limits.pages:
                    raise Unreadable(f"it has more than {limits.pages} pages, which are not counted")
                chain.append((place, directory))
        except BrokenChain as broken:
            if not chain:
                raise Unreadable(str(broken)) from None
            doubts[str(broken)] = None
    # A file of nothing but thumbnails is printed all the same.
    return [(place, directory) for place, directory in chain if directory.is_page] or chain


def _look(
    source: Source, frames: Sequence[tuple[int, Directory]], until: float, doubts: dict[str, None]
) -> list[Page]:
    pages = []
    with opened(source, "TIFF") as image:
        for number, (place, directory) in enumerate(frames, 1):
            if time.monotonic() > until:
                doubts[f"from page {number} on there was no time to look at pictures: colour is a guess"] = None
                pages += [_guess(later, one) for later, (_, one) in enumerate(frames[number - 1 :], number)]
                break
            pages.append(_look_at(source, image, number, place, directory, doubts))
    return pages


def _look_at(
    source: Source, image: Image.Image, number: int, place: int, directory: Directory, doubts: dict[str, None]
) -> Page:
    try:
        image.seek(place)
        if reason := too_many_pixels(image, source):
            doubts[f"on page {number} {reason}: colour is a guess"] = None
            return _guess(number, directory)
        looks = look_at_pixels(image)
    except MemoryError:
        raise
    except Exception as error:
        doubts[f"on page {number} {damage(error)}: colour is a guess"] = None
        return _guess(number, directory)
    if image.mode in _UNSURE_MODES:
        doubts[f"on page {number} grey has more than 16 bits, of which white is a guess"] = None
    return picture_page(number, image.size, looks)


def _guess(number: int, directory: Directory) -> Page:
    return picture_page(number, (directory.width, directory.height), Looks(colour=not directory.is_grey, blank=False))

"""One page of a document as a picture (PNG), for people to look at. Each language's module draws its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from PIL import Image

from everprint.documents.analyse import MODULES
from everprint.documents.result import Language, Unreadable

LEAST_DPI, MOST_DPI = 10, 600


def draw_page(path: Path, language: Language, number: int, dpi: int) -> bytes:
    """Page `number` (from 1) at about `dpi`, as PNG.

    Raises Unreadable if there is no such page, the language cannot be drawn or the dpi are out of bounds.
    """
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise Unreadable(f"pages cannot be drawn at {dpi} dpi, only at {LEAST_DPI} to {MOST_DPI}")
    if language not in MODULES:
        raise Unreadable(f"pages of {language} documents cannot be drawn")
    if number < 1:
        raise Unreadable(f"there is no page {number}")
    draw: Callable[[Path, int, int], Image.Image] = import_module(MODULES[language]).draw_page
    out = io.BytesIO()
    draw(path, number, dpi).save(out, "PNG", compress_level=3)
    return out.getvalue()

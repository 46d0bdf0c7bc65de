"""Whatever can be made into a PDF first: pictures and text are drawn, PostScript is run by Ghostscript."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from everprint.documents.conversion.convertible import RUN
from everprint.documents.conversion.task import Conversion, ConversionFailed
from everprint.documents.ghostscript import write_pdf
from everprint.documents.languages import drawer
from everprint.documents.media import MM_PER_INCH
from everprint.documents.result import Language
from everprint.documents.source import Source

_DPI, _TEXT_DPI = 300, 600
_QUALITY = 92  # of JPEG, in which pictures are kept
_MOST_DRAWN = 500  # pages; a longer text is found again from its beginning for each page


@contextmanager
def as_pdf(path: Path, conversion: Conversion) -> Iterator[Path]:
    """The document as a file of PDF, with the pages that its analysis found.

    Raises ConversionFailed, Unreadable.
    """
    if conversion.language is Language.PDF:
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="everprint-drawn-", suffix=".pdf") as made:
        to = Path(made.name)
        if conversion.language in RUN:
            with Source.whole(path).as_file() as program:
                write_pdf(program, to, conversion.limits)
        else:
            _draw(path, to, conversion)
        yield to


def _draw(path: Path, to: Path, conversion: Conversion) -> None:
    draw = drawer(conversion.language)
    if draw is None or not conversion.pages:
        raise ConversionFailed(f"{conversion.language} cannot be drawn")
    if len(conversion.pages) > _MOST_DRAWN:
        raise ConversionFailed(f"it has {len(conversion.pages)} pages; no more than {_MOST_DRAWN} are drawn")
    source = Source.whole(path)

    is_text = conversion.language is Language.TEXT
    dpi = _TEXT_DPI if is_text else _DPI

    def pictures() -> Iterator[Image.Image]:
        for page in conversion.pages:
            drawn = _as_page(draw(source, page.number, dpi), dpi, page.width_mm, page.height_mm)
            # Text is kept as dots: small, and without a loss.
            yield drawn.convert("1", dither=Image.Dither.NONE) if is_text else drawn

    drawn = pictures()
    how = {} if is_text else {"quality": _QUALITY}
    next(drawn).save(to, "PDF", resolution=dpi, save_all=True, append_images=drawn, **how)


def _as_page(picture: Image.Image, dpi: int, width_mm: float, height_mm: float) -> Image.Image:
    """The picture in the middle of its page."""
    size = (round(width_mm / MM_PER_INCH * dpi), round(height_mm / MM_PER_INCH * dpi))
    mode = picture.mode if picture.mode in ("L", "RGB") else "L" if picture.mode == "1" else "RGB"
    if picture.size == size and picture.mode == mode:
        return picture
    page = Image.new(mode, size, "white")
    page.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return page

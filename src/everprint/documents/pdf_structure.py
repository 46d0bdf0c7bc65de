"""The page tree of a PDF, read by qpdf: the second opinion on what pdfium says (ISO 32000-1 section 7.7.3).

pdfium believes the tree's own /Count, so a file could say one page and print a hundred. qpdf walks the tree, as a
printer does, and tells what it had to repair. It also knows UserUnit, which pdfium does not look at.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from everprint.documents.result import Unreadable

LARGEST_USER_UNIT = 75_000.0  # the largest that any reader allows


@dataclass(frozen=True, slots=True)
class Structure:
    """What the page tree says. `pages` is None if it cannot be walked; `damage` is empty for a sound file."""

    pages: int | None
    user_units: Mapping[int, float]  # by index from 0; pages that are not named have 1
    damage: str = ""


def read_structure(path: Path, most_pages: int) -> Structure:
    """Walks the page tree.

    Raises Unreadable if it cannot be walked, or has more than `most_pages`.
    """
    with _opened(path) as pdf:
        pages = len(pdf.pages)
        if pages > most_pages:
            raise Unreadable(f"it says that it has {pages} pages; more than {most_pages} are not counted")
        units = {index: unit for index, page in enumerate(pdf.pages) if (unit := _user_unit(page)) != 1.0}
        return Structure(pages, units, _damage(pdf))


def with_a_true_page_tree(path: Path) -> bytes:
    """The same pages in a file whose /Count is the number of its pages.

    Raises Unreadable.
    """
    with _opened(path) as pdf, pikepdf.new() as rebuilt:
        rebuilt.pages.extend(pdf.pages)
        out = io.BytesIO()
        rebuilt.save(out)
        return out.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[pikepdf.Pdf]:
    try:
        with pikepdf.open(path, suppress_warnings=True, inherit_page_attributes=False) as pdf:
            yield pdf
    except pikepdf.PasswordError:
        raise Unreadable("it needs a password") from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, RecursionError) as error:
        raise Unreadable(f"its page tree cannot be read: {_first_line(error)}") from None


def _user_unit(page: pikepdf.Page) -> float:
    try:
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return unit if math.isfinite(unit) and 0 < unit <= LARGEST_USER_UNIT else 1.0


def _damage(pdf: pikepdf.Pdf) -> str:
    return next((text for text in map(str, pdf.get_warnings()) if "damaged" in text or "reconstruct" in text), "")


def _first_line(error: Exception) -> str:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    return text.rpartition("/")[2][:200]  # never the spool's path

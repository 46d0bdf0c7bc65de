"""The page tree of a PDF, read by qpdf: the second opinion on what pdfium says (ISO 32000-1 section 7.7.3).

pdfium believes the tree's own /Count, so a file could say one page and print a hundred. qpdf walks the tree, as a
printer does, and tells what it had to repair. It also knows UserUnit, which pdfium does not look at, and where a
page has no MediaBox, for which pdfium takes Letter and says nothing.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from everprint.documents.pdf_catalog import NOTHING_SAID, Catalog, read_catalog
from everprint.documents.result import Unreadable

LARGEST_USER_UNIT = 75_000.0  # the largest that any reader allows
LARGEST_EDGE = 1e7  # points; pdfium takes Letter for what is far beyond
_MOST_PARENTS = 100  # above a page, when its MediaBox is looked for


class TooManyPages(Unreadable):
    """There are more than anybody wants counted."""


class EndlessTree(Unreadable):
    """Whoever walks the page tree never comes to its end, or not before memory does."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What the page tree says. `pages` is None if it cannot be walked; `damage` is empty for a sound file."""

    pages: int | None = None
    user_units: Mapping[int, float] = field(default_factory=dict)  # by index from 0; pages not named have 1
    without_box: tuple[int, ...] = ()  # indexes from 0
    damage: str = ""
    lacks_boxes: bool = False  # a page has none at all, and qpdf does not tell which
    catalog: Catalog = NOTHING_SAID


def walk_pages(path: Path, most_pages: int) -> int:
    """How many pages the tree has. Raises as read_structure() does."""
    with _opened(path) as pdf:
        return _count(pdf, most_pages)


def read_structure(path: Path, most_pages: int) -> Structure:
    """Walks the page tree.

    Raises Unreadable if the file cannot be read, EndlessTree if the tree cannot be walked, TooManyPages if it has
    more than `most_pages`.
    """
    with _opened(path) as pdf:
        pages = _count(pdf, most_pages)
        units, without_box = dict[int, float](), list[int]()
        for index, page in enumerate(pdf.pages):
            leaf = page.obj
            if (unit := leaf.get("/UserUnit")) is not None:
                units[index] = _user_unit(unit)
            if not _has_area(_media_box(leaf)):
                without_box.append(index)
        warnings = list(map(str, pdf.get_warnings()))
        damage = next((text for text in warnings if "damaged" in text or "reconstruct" in text), "")
        lacks_boxes = any("MediaBox is undefined" in text for text in warnings)
        return Structure(pages, units, tuple(without_box), damage, lacks_boxes, read_catalog(pdf))


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
        raise Unreadable(f"its page tree cannot be read: {_first_line(error, path)}") from None


def _count(pdf: pikepdf.Pdf, most_pages: int) -> int:
    try:
        pages = len(pdf.pages)
    except pikepdf.PdfError as error:
        raise EndlessTree(
            "its page tree is nested too deeply" if "nested" in str(error) else "its page tree runs in circles"
        ) from None
    if pages > most_pages:
        raise TooManyPages(f"it has {pages} pages; more than {most_pages} are not counted")
    return pages


def _media_box(leaf: pikepdf.Object) -> pikepdf.Object | None:
    """The page's own, or what it inherits."""
    node: pikepdf.Object | None = leaf
    for _ in range(_MOST_PARENTS):
        if not isinstance(node, pikepdf.Dictionary):
            return None
        if (box := node.get("/MediaBox")) is not None:
            return box
        node = node.get("/Parent")
    return None


def _has_area(box: pikepdf.Object | None) -> bool:
    if not isinstance(box, pikepdf.Array) or len(box) != 4:
        return False
    try:
        left, bottom, right, top = (float(edge) for edge in box)
    except (TypeError, ValueError):
        return False
    return all(0 < edge <= LARGEST_EDGE for edge in (abs(right - left), abs(top - bottom)))


def _user_unit(said: pikepdf.Object) -> float:
    try:
        unit = float(said)
    except (TypeError, ValueError):
        return 1.0
    return unit if math.isfinite(unit) and 0 < unit <= LARGEST_USER_UNIT else 1.0


def _first_line(error: Exception, path: Path) -> str:
    text = (str(error).splitlines() or [type(error).__name__])[0]
    return text.replace(str(path), "the file")[:200]  # never the spool's path

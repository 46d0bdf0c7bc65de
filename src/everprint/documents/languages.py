"""Which module knows which language, and which one opens which wrapper. Imported when the first such document comes.

A language's module has two functions, a wrapper's module one; their signatures are the types below.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from PIL import Image

from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Language
from everprint.documents.source import Source
from everprint.documents.ticket import SILENT, TicketPart


class Wrapper(StrEnum):
    """What documents are wrapped in; the same may be found within itself."""

    PJL = "a PJL job"
    GZIP = "gzip-compressed data"
    ZLIB = "zlib-compressed data"
    DEFLATE = "deflate-compressed data"


@dataclass(frozen=True, slots=True)
class Part:
    """One document found in a wrapper, and what the wrapper sets for it.

    All of it comes so many `times`, one after the other. `language` is what the wrapper says it is; it holds where
    the content does not tell (text in PCL is plain text).
    """

    source: Source
    settings: TicketPart = SILENT
    times: int = 1
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """All documents in a wrapper, in order. `doubts` are why the answer can only be *estimated*."""

    parts: tuple[Part, ...]
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


MODULES: dict[Language, str] = {
    Language.PDF: "everprint.documents.pdf",
    Language.POSTSCRIPT: "everprint.documents.postscript",
    Language.EPS: "everprint.documents.eps",
    Language.PWG_RASTER: "everprint.documents.pwg_raster",
    Language.URF: "everprint.documents.urf",
    Language.CUPS_RASTER: "everprint.documents.cups_raster",
    Language.JPEG: "everprint.documents.jpeg",
    Language.PNG: "everprint.documents.png",
    Language.TIFF: "everprint.documents.tiff",
    Language.TEXT: "everprint.documents.text",
    Language.XPS: "everprint.documents.xps",
    Language.PCL_XL: "everprint.documents.pclxl",
    Language.PCL: "everprint.documents.pcl",
    Language.HPGL: "everprint.documents.hpgl",
}
"""Each has `analyse(source, limits)`, and `draw_page(source, number, dpi)` if it can draw. Those that can count
without a look at the pages have `count_pages(source, limits)`."""

WRAPPERS: dict[Wrapper, str] = {
    Wrapper.PJL: "everprint.documents.pjl",
    Wrapper.GZIP: "everprint.documents.compressed",
    Wrapper.ZLIB: "everprint.documents.compressed",
    Wrapper.DEFLATE: "everprint.documents.compressed",
}
"""Each has `opened(source, limits)`, a context manager of its contents."""

Analyser = Callable[[Source, Limits], Analysis]
Drawer = Callable[[Source, int, int], Image.Image]
Counter = Callable[[Source, Limits], int]
Opener = Callable[[Source, Limits], AbstractContextManager[Contents]]


def analyser(language: Language) -> Analyser:
    """Raises KeyError for a language that nobody can count."""
    found: Analyser = import_module(MODULES[language]).analyse
    return found


def drawer(language: Language) -> Drawer | None:
    """None for a language that nobody can draw."""
    if language not in MODULES:
        return None
    found: Drawer | None = getattr(import_module(MODULES[language]), "draw_page", None)
    return found


def counter(language: Language) -> Counter | None:
    """None for a language whose pages cannot be counted without a look at each."""
    if language not in MODULES:
        return None
    found: Counter | None = getattr(import_module(MODULES[language]), "count_pages", None)
    return found


def opener(wrapper: Wrapper) -> Opener:
    """Raises KeyError for a wrapper that nobody can open."""
    found: Opener = import_module(WRAPPERS[wrapper]).opened
    return found


def import_all() -> None:
    """All of them now, so that no document has to wait for it."""
    for module in (*MODULES.values(), *WRAPPERS.values()):
        import_module(module)

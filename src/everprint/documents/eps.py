"""EPS: one drawing in PostScript, made to be put into other documents (Adobe Technical Note 5002).

People print it too. A printer runs it as any program: it comes out on the paper that is there, at the lower left, as
large as it is. Its BoundingBox is for whoever puts it somewhere, and sets no paper. *showpage* is allowed in an EPS
and not needed: where it is missing, only a print system that adds one prints anything, and we count what such a one
prints.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image

from everprint.documents.limits import Limits
from everprint.documents.postscript import NO_SIZE, Run, bounding_box, draw_page_of, run_program
from everprint.documents.result import Analysis, Language, Unreadable
from everprint.documents.source import Source

_DOS_HEADER = b"\xc5\xd0\xd3\xc6"
_SHOW = "showpage"
_ASSUMED_POINTS = (597, 844)  # A4, and a point or two by which tools round up


def analyse(source: Source, limits: Limits) -> Analysis:
    """Runs it and looks at what came out.

    Raises Unreadable if nothing did.
    """
    with _program(source) as program:
        run = run_program(program, limits)
        if not run.pages and not run.error:
            run = _shown(run_program(program, limits, _SHOW))
        box = bounding_box(program)
    if len(run.pages) > 1:
        run = replace(run, remarks=(*run.remarks, f"it says that it is EPS, and prints {len(run.pages)} pages"))
    if box and NO_SIZE in run.remarks and not _is_on_paper(box):
        run = replace(run, doubts=(*run.doubts, "what it draws beyond A4 was not looked at"))
    return run.analysis(Language.EPS)


def draw_page(source: Source, number: int, dpi: int) -> Image.Image:
    """What it draws.

    Raises Unreadable.
    """
    with _program(source) as program:
        try:
            return draw_page_of(program, number, dpi)
        except Unreadable:
            if number > 1:
                raise
            return draw_page_of(program, number, dpi, _SHOW)


def _shown(run: Run) -> Run:
    return replace(
        run, doubts=(*run.doubts, "it has no showpage: it is printed only where the print system adds one")
    )


def _is_on_paper(box: tuple[float, float, float, float]) -> bool:
    left, bottom, right, top = box
    return left >= 0 and bottom >= 0 and right <= _ASSUMED_POINTS[0] and top <= _ASSUMED_POINTS[1]


@contextmanager
def _program(source: Source) -> Iterator[Path]:
    """The PostScript in it: all of it, or what the header of a DOS EPS file points to (section 5.2)."""
    header = source.head(12)
    if header.startswith(_DOS_HEADER):
        start, length = struct.unpack("<II", header[4:].ljust(8, b"\0"))
        source = source.part(source.start + start, source.start + start + length)
        if not source.head().lstrip().startswith(b"%!"):
            raise Unreadable("its EPS header points to something that is not PostScript")
    with source.as_file() as program:
        yield program

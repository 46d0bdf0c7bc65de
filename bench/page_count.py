"""How fast are the pages of a PDF counted, and nothing else? Beside bare pypdfium2, which believes the total that the
file claims; Everprint walks the page tree, because a total is free to lie.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pypdfium2

from bench import document_makers as make
from bench.documents import Timing, count_by_mutool, count_by_pdfinfo, count_by_pypdf, count_by_qpdf, timed
from bench.progress import say
from bench.result import Result
from everprint.documents.limits import Limits
from everprint.documents.pdf import count_pages
from everprint.documents.source import Source

TITLE = "PDF page count alone, beside bare pypdfium2"
TARGET = 1.2


def run(quick: bool) -> Result:
    """Every reader counts every document again and again."""
    least_s = 0.05 if quick else 0.5
    result = Result(
        title=TITLE,
        columns=("document, and by whom", "pages", "µs a document", "times pypdfium2", f"target {TARGET}"),
        notes=[
            "Medians. pypdfium2 and mutool say what the page tree claims for itself; the others walk the tree.",
            "In the process but for pdfinfo, qpdf and mutool, which are started for each document.",
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        for path, what in _documents(Path(folder)):
            say(what)
            timings = _by_turns(path, least_s)
            timings |= {by: timed(partial(count, path), least_s) for by, count in _OTHERS.items()}
            for by, timing in timings.items():
                times = timing.median_s / timings["pypdfium2"].median_s
                verdict = ("met" if times <= TARGET else "not met") if by == "Everprint" else ""
                result.rows.append(
                    (f"{what}: {by}", str(timing.pages), f"{timing.median_s * 1e6:,.0f}", f"{times:.2f}", verdict)
                )
    return result


def _documents(folder: Path) -> list[tuple[Path, str]]:
    return [
        (make.pdf(folder / "1.pdf", make.text, 1), "1 page"),
        (make.pdf(folder / "10.pdf", make.text, 10), "10 pages"),
        (make.pdf(folder / "100.pdf", make.text, 100), "100 pages"),
        (make.EXAMPLES / "document-a4.pdf", "4 pages with photographs"),
    ]


def _by_pypdfium2(path: Path) -> int:
    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def _by_turns(path: Path, least_s: float) -> dict[str, Timing]:
    """Those that are compared, one after the other and again: what else the machine does falls on both."""
    pages = {by: count(path) for by, count in _COMPARED.items()}
    took: dict[str, list[float]] = {by: [] for by in _COMPARED}
    begun = time.perf_counter()
    while time.perf_counter() - begun < least_s * len(_COMPARED):
        for by, count in _COMPARED.items():
            before = time.perf_counter()
            count(path)
            took[by].append(time.perf_counter() - before)
    return {by: Timing(pages[by], statistics.median(times)) for by, times in took.items()}


_COMPARED: dict[str, Callable[[Path], int]] = {
    "pypdfium2": _by_pypdfium2,
    "Everprint": lambda path: count_pages(Source.whole(path), Limits()),
}
_OTHERS: dict[str, Callable[[Path], int]] = {
    "pypdf": count_by_pypdf,
    "qpdf": count_by_qpdf,
    "pdfinfo": count_by_pdfinfo,
    "mutool": count_by_mutool,
}

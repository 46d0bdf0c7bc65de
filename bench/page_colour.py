"""What does the verdict on a page's colour cost, by kinds of page? In processor time: it is what the limit counts."""

from __future__ import annotations

import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import pypdfium2

from bench import document_makers as make
from bench.progress import say
from bench.result import Result
from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.pdf_drawing import looks_of

TITLE = "The verdict on colour, a page of a PDF"
TARGET_MEDIAN_MS, TARGET_GREATEST_MS = 1.0, 250.0


def run(quick: bool) -> Result:
    """Draws and looks at each page of documents of every kind."""
    result = Result(
        title=TITLE,
        columns=("pages of", "pages", "median ms", "99 of 100 ms", "greatest ms", "estimated"),
        notes=[
            "Processor time of loading, drawing and looking at one page, each page once.",
            f"Target: {TARGET_MEDIAN_MS:g} ms median, none above {TARGET_GREATEST_MS:g} ms. What is stopped there is"
            " estimated: the last column, of an analysis of the whole document.",
        ],
    )
    everything: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for path, what in _documents(Path(folder), 2 if quick else 40):
            say(what)
            took = _milliseconds(path)
            everything += took
            result.rows.append((what, *_figures(took), _estimated(path)))
    result.rows.append(("all of them", *_figures(everything), ""))
    return result


def _documents(folder: Path, pages: int) -> list[tuple[Path, str]]:
    few = max(2, pages // 8)
    scan, fine = (2480, 3508), (4960, 7016)
    kinds = [
        ("text", make.text, 4 * pages),
        ("tables", make.table, pages),
        ("text in rich black and boxes in inks", make.inks, pages),
        ("charts", make.chart, pages),
        ("transparent shapes", make.glass, pages),
        ("plans: 20,000 curves", make.drawing, few),
        ("scans, grey JPEG, 300 dpi", make.photograph("L", scan, "JPEG"), few),
        ("scans, colour JPEG, 300 dpi", make.photograph("RGB", scan, "JPEG"), few),
        ("scans, colour JPEG, 600 dpi", make.photograph("RGB", fine, "JPEG"), 2),
        ("pictures, not JPEG, 300 dpi", make.photograph("RGB", scan, "pixels"), 2),
        ("pictures, not JPEG, 600 dpi", make.photograph("RGB", fine, "pixels"), 2),
    ]
    return [
        *(
            (make.pdf(folder / f"{number}.pdf", draw, count), what)
            for number, (what, draw, count) in enumerate(kinds)
        ),
        (make.EXAMPLES / "document-a4.pdf", "text and photographs"),
    ]


def _milliseconds(path: Path) -> list[float]:
    took = []
    document = pypdfium2.PdfDocument(path)
    for number in range(len(document)):
        begun = time.thread_time()
        page = document[number]
        looks_of(page, partial(_is_over, begun + Limits().page_s))
        page.close()
        took.append((time.thread_time() - begun) * 1000)
    document.close()
    return took


def _is_over(limit: float) -> bool:
    return time.thread_time() > limit


def _figures(took: list[float]) -> tuple[str, ...]:
    ninety_nine = sorted(took)[min(len(took) - 1, round(len(took) * 0.99))]
    figures = (statistics.median(took), ninety_nine, max(took))
    return (str(len(took)), *(f"{figure:.2f}" for figure in figures))


def _estimated(path: Path) -> str:
    analysis = analyse(path)
    return analysis.reason or "none"

"""How fast are the pages of a PDF counted, and nothing else? Beside bare pypdfium2, which believes the total that the
file claims; Everprint walks the page tree, because a total is free to lie.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pypdfium2

from bench import document_makers as make
from bench.documents import count_by_mutool, count_by_pdfinfo, count_by_pypdf, count_by_qpdf, timed
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
            bare = timed(partial(_by_pypdfium2, path), least_s).median_s
            for by, count in _READERS.items():
                timing = timed(partial(count, path), least_s)
                times = timing.median_s / bare
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


_READERS: dict[str, Callable[[Path], int]] = {
    "pypdfium2": _by_pypdfium2,
    "Everprint": lambda path: count_pages(Source.whole(path), Limits()),
    "pypdf": count_by_pypdf,
    "qpdf": count_by_qpdf,
    "pdfinfo": count_by_pdfinfo,
    "mutool": count_by_mutool,
}

"""How fast are documents analysed? Beside Ghostscript's inkcov, which finds colour too but no paper, and beside
programs that only count pages: pdfinfo, qpdf, and pypdf in the process.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas
from rich.table import Table

from everprint.documents.pool import AnalyserPool

TITLE = "Analysis of documents: count, measure and look at every page, beside programs that do less"

_EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "ipptool"
_LEAST_ROUNDS, _LEAST_S = 5, 1.0


@dataclass(frozen=True)
class Timing:
    """One way to read one document."""

    pages: int
    median_s: float


def run() -> Table:
    """The table of this benchmark."""
    table = Table(title=TITLE)
    for heading in ("Document", "By", "What it does"):
        table.add_column(heading)
    for heading in ("Pages", "ms a document", "ms a page", "Pages a second"):
        table.add_column(heading, justify="right")
    with tempfile.TemporaryDirectory() as folder:
        for path, what in _documents(Path(folder)):
            for by, does, timing in _readers(path):
                table.add_row(
                    what,
                    by,
                    does,
                    str(timing.pages),
                    f"{timing.median_s * 1000:.1f}",
                    f"{timing.median_s * 1000 / timing.pages:.2f}",
                    f"{timing.pages / timing.median_s:,.0f}",
                )
            table.add_section()
    return table


def _documents(folder: Path) -> list[tuple[Path, str]]:
    return [
        (_text_pdf(folder / "one.pdf", 1), "PDF, 1 page of text"),
        (_text_pdf(folder / "hundred.pdf", 100), "PDF, 100 pages of text"),
        (_EXAMPLES / "document-a4.pdf", "PDF, text and photographs"),
        (_EXAMPLES / "document-a4.ps", "PostScript, the same"),
        (
            _raster(folder / "a.pwg", "pwgraster", "-dcupsColorSpace=19", "-dcupsBitsPerColor=8"),
            "PWG raster, sRGB 300 dpi",
        ),
        (_raster(folder / "a.urf", "urf"), "URF, 1 bit 300 dpi"),
        (_EXAMPLES / "color.jpg", "JPEG"),
    ]


def _readers(path: Path) -> list[tuple[str, str, Timing]]:
    readers = [("Everprint (pool of 1)", "pages, paper, colour", _everprint(path))]
    if path.suffix in (".pdf", ".ps"):
        readers.append(("Ghostscript inkcov (process)", "count, colour", _timed(lambda: _count_by_ghostscript(path))))
    if path.suffix == ".pdf":
        readers += [
            ("pypdf (in process)", "count", _timed(lambda: len(PdfReader(path).pages))),
            ("qpdf (process)", "count", _timed(lambda: _count_by_qpdf(path))),
            ("pdfinfo (process)", "count", _timed(lambda: _count_by_pdfinfo(path))),
        ]
    return readers


def _everprint(path: Path) -> Timing:
    async def warm() -> Timing:
        async with AnalyserPool(1) as pool:
            pages, took = 0, list[float]()
            while len(took) < _LEAST_ROUNDS or sum(took) < _LEAST_S:
                begun = time.perf_counter()
                pages = len((await pool.analyse(path)).pages)
                took.append(time.perf_counter() - begun)
            return Timing(pages, statistics.median(took))

    return asyncio.run(warm())


def _timed(count: Callable[[], int]) -> Timing:
    pages, took = 0, list[float]()
    while len(took) < _LEAST_ROUNDS or sum(took) < _LEAST_S:
        begun = time.perf_counter()
        pages = count()
        took.append(time.perf_counter() - begun)
    return Timing(pages, statistics.median(took))


def _count_by_qpdf(path: Path) -> int:
    return int(subprocess.run(["qpdf", "--show-npages", str(path)], check=True, capture_output=True).stdout)


def _count_by_pdfinfo(path: Path) -> int:
    said = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True).stdout
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pages:"))


def _count_by_ghostscript(path: Path) -> int:
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=inkcov", "-o", "-", str(path)]
    return len(subprocess.run(command, check=True, capture_output=True).stdout.splitlines())


def _text_pdf(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path))
    for page in range(pages):
        for line in range(50):
            canvas.drawString(60, 780 - 14 * line, f"Page {page}, line {line}: all that glitters is not gold.")
        canvas.showPage()
    canvas.save()
    return path


def _raster(path: Path, device: str, *options: str) -> Path:
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", "-r300", *options]
    source = _EXAMPLES / "document-a4.pdf"
    subprocess.run([*command, f"-sOutputFile={path}", str(source)], check=True, capture_output=True)
    return path

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

from bench.progress import say
from bench.result import Result
from everprint.documents.pool import AnalyserPool

TITLE = "Analysis of documents: count, measure and look at every page, beside programs that do less"

_EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "ipptool"
_LEAST_ROUNDS = 5


@dataclass(frozen=True)
class Timing:
    """One way to read one document."""

    pages: int
    median_s: float


def run(quick: bool) -> Result:
    """Every reader reads every document again and again, one after the other."""
    least_s = 0.1 if quick else 1.0
    result = Result(
        title=TITLE,
        columns=("document, and by whom", "what it does", "pages", "ms a document", "ms a page", "pages/s"),
        notes=["Medians. A process is started anew for each document; Everprint's pool keeps its worker."],
    )
    with tempfile.TemporaryDirectory() as folder:
        for path, what in _documents(Path(folder)):
            say(what)
            for by, does, timing in _readers(path, least_s):
                result.rows.append(
                    (
                        f"{what}: {by}",
                        does,
                        str(timing.pages),
                        f"{timing.median_s * 1000:.1f}",
                        f"{timing.median_s * 1000 / timing.pages:.2f}",
                        f"{timing.pages / timing.median_s:,.0f}",
                    )
                )
    return result


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


def _readers(path: Path, least_s: float) -> list[tuple[str, str, Timing]]:
    readers = [("Everprint (pool of 1)", "pages, paper, colour", _everprint(path, least_s))]
    if path.suffix in (".pdf", ".ps"):
        readers.append(
            ("Ghostscript inkcov (process)", "count, colour", _timed(lambda: _count_by_ghostscript(path), least_s))
        )
    if path.suffix == ".pdf":
        readers += [
            ("pypdf (in process)", "count", _timed(lambda: len(PdfReader(path).pages), least_s)),
            ("qpdf (process)", "count", _timed(lambda: _count_by_qpdf(path), least_s)),
            ("pdfinfo (process)", "count", _timed(lambda: _count_by_pdfinfo(path), least_s)),
        ]
    return readers


def _everprint(path: Path, least_s: float) -> Timing:
    async def warm() -> Timing:
        async with AnalyserPool(1) as pool:
            pages, took = 0, list[float]()
            while len(took) < _LEAST_ROUNDS or sum(took) < least_s:
                begun = time.perf_counter()
                pages = len((await pool.analyse(path)).pages)
                took.append(time.perf_counter() - begun)
            return Timing(pages, statistics.median(took))

    return asyncio.run(warm())


def _timed(count: Callable[[], int], least_s: float) -> Timing:
    pages, took = 0, list[float]()
    while len(took) < _LEAST_ROUNDS or sum(took) < least_s:
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

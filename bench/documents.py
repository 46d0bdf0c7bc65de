"""How fast are documents analysed? Every language, beside what other programs take to say less about the same file:
Ghostscript's inkcov finds colour too but no paper; pdfinfo, qpdf, mutool and pypdf only count pages.
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

from bench import document_makers as make
from bench.progress import say
from bench.result import Result
from everprint.documents.pool import AnalyserPool
from everprint.documents.result import Confidence

TITLE = "Analysis of documents: count, measure and look at every page, beside programs that do less"

_LEAST_ROUNDS = 5


@dataclass(frozen=True)
class Timing:
    """One way to read one document; `pages` are 0 where it does not know."""

    pages: int
    median_s: float


def run(quick: bool) -> Result:
    """Every reader reads every document again and again, one after the other."""
    least_s = 0.1 if quick else 1.0
    result = Result(
        title=TITLE,
        columns=("document, and by whom", "what it does", "pages", "files/s", "ms a page", "pages/s", "MB/s"),
        notes=[
            "Medians. A process is started anew for each document; Everprint's pool keeps its worker.",
            "MB/s: octets of the file by the clock. What a core does with them alone is in the table of bulk data.",
            "Where nothing else is said: four pages of text and photographs, the same in each language.",
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        for path, what in _documents(Path(folder)):
            say(what)
            for by, does, timing in _readers(path, least_s):
                result.rows.append(_row(f"{what}: {by}", does, timing, path.stat().st_size))
    return result


def _row(what: str, does: str, timing: Timing, octets: int) -> tuple[str, ...]:
    return (
        what,
        does,
        str(timing.pages or "unknown"),
        f"{1 / timing.median_s:,.1f}",
        f"{timing.median_s * 1000 / timing.pages:.2f}" if timing.pages else "",
        f"{timing.pages / timing.median_s:,.0f}" if timing.pages else "",
        f"{octets / timing.median_s / 1e6:,.1f}",
    )


def _documents(folder: Path) -> list[tuple[Path, str]]:
    source = make.EXAMPLES / "document-a4.pdf"

    def of(name: str, device: str, *options: str) -> Path:
        return make.by_ghostscript(source, folder / name, device, *options)

    return [
        (make.pdf(folder / "one.pdf", make.text, 1), "PDF, 1 page of text"),
        (make.pdf(folder / "hundred.pdf", make.text, 100), "PDF, 100 pages of text"),
        (source, "PDF, text and photographs"),
        (make.EXAMPLES / "document-a4.ps", "PostScript"),
        (make.by_ghostscript(folder / "one.pdf", folder / "a.eps", "eps2write"), "EPS, 1 page of text"),
        (of("a.xps", "xpswrite"), "XPS"),
        (of("a.pcl", "ljet4d", "-r600"), "PCL 5e, 600 dpi"),
        (of("c.pcl", "cljet5", "-r300"), "PCL 5c, 300 dpi"),
        (of("a.pxl", "pxlcolor", "-r600"), "PCL XL, colour, 600 dpi"),
        (of("m.pxl", "pxlmono", "-r600"), "PCL XL, grey, 600 dpi"),
        (
            of("a.pwg", "pwgraster", "-r300", "-dcupsColorSpace=19", "-dcupsBitsPerColor=8"),
            "PWG raster, sRGB 300 dpi",
        ),
        (of("a.urf", "urf", "-r300"), "URF, 1 bit 300 dpi"),
        (of("a.ras", "cups", "-r300", "-dcupsColorSpace=1", "-dcupsBitsPerColor=8"), "CUPS raster, RGB 300 dpi"),
        (of("cmyk.ras", "cups", "-r300", "-dcupsColorSpace=6", "-dcupsBitsPerColor=8"), "CUPS raster, CMYK 300 dpi"),
        (of("a.tif", "tifflzw", "-r300"), "TIFF, 1 bit 300 dpi, LZW"),
        (of("c.tif", "tiff24nc", "-r150", "-sCompression=lzw"), "TIFF, RGB 150 dpi, LZW"),
        (of("a.png", "png16m", "-r300", "-dLastPage=1"), "PNG, RGB 300 dpi, the first page"),
        (make.EXAMPLES / "color.jpg", "JPEG"),
        (make.plain_text(folder / "a.txt"), "plain text, 100,000 lines"),
    ]


def _readers(path: Path, least_s: float) -> list[tuple[str, str, Timing]]:
    readers = [("Everprint (pool of 1)", "pages, paper, colour", _everprint(path, least_s))]

    def add(by: str, does: str, count: Callable[[Path], int]) -> None:
        readers.append((by, does, timed(lambda: count(path), least_s)))

    if path.suffix in {".pdf", ".ps", ".eps"}:
        add("Ghostscript inkcov (process)", "count, colour", count_by_ghostscript)
    if path.suffix == ".pdf":
        add("pypdf (in process)", "count", count_by_pypdf)
        add("qpdf (process)", "count", count_by_qpdf)
        add("pdfinfo (process)", "count", count_by_pdfinfo)
        add("mutool (process)", "count", count_by_mutool)
    return readers


def _everprint(path: Path, least_s: float) -> Timing:
    async def warm() -> Timing:
        async with AnalyserPool(1) as pool:
            analysis, took = await pool.analyse(path), list[float]()
            while len(took) < _LEAST_ROUNDS or sum(took) < least_s:
                begun = time.perf_counter()
                analysis = await pool.analyse(path)
                took.append(time.perf_counter() - begun)
            known = analysis.confidence is not Confidence.UNKNOWN
            return Timing(len(analysis.pages) if known else 0, statistics.median(took))

    return asyncio.run(warm())


def timed(count: Callable[[], int], least_s: float) -> Timing:
    """By the clock, again and again."""
    pages, took = count(), list[float]()
    while len(took) < _LEAST_ROUNDS or sum(took) < least_s:
        begun = time.perf_counter()
        pages = count()
        took.append(time.perf_counter() - begun)
    return Timing(pages, statistics.median(took))


def count_by_pypdf(path: Path) -> int:
    """In this process."""
    return len(PdfReader(path).pages)


def count_by_qpdf(path: Path) -> int:
    """A process."""
    return int(subprocess.run(["qpdf", "--show-npages", str(path)], check=True, capture_output=True).stdout)


def count_by_pdfinfo(path: Path) -> int:
    """A process."""
    return _pages_said(subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True).stdout)


def count_by_mutool(path: Path) -> int:
    """A process."""
    command = ["mutool", "show", str(path), "trailer/Root/Pages/Count"]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def count_by_ghostscript(path: Path) -> int:
    """A process."""
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=inkcov", "-o", "-", str(path)]
    return len(subprocess.run(command, check=True, capture_output=True).stdout.splitlines())


def _pages_said(said: str) -> int:
    return next(int(line.split()[1]) for line in said.splitlines() if line.startswith("Pages:"))

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

from PIL import Image
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from bench.progress import say
from bench.result import Result
from everprint.documents.analyse import analyse
from everprint.documents.pool import AnalyserPool

TITLE = "Analysis of documents: count, measure and look at every page, beside programs that do less"

_EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "ipptool"
_LEAST_ROUNDS = 5


@dataclass(frozen=True)
class Timing:
    """One way to read one document."""

    pages: int
    median_s: float
    processor_s: float = 0.0


def run(quick: bool) -> Result:
    """Every reader reads every document again and again, one after the other."""
    least_s = 0.1 if quick else 1.0
    result = Result(
        title=TITLE,
        columns=(
            "document, and by whom",
            "what it does",
            "pages",
            "ms a document",
            "ms a page",
            "pages/s",
            "MB/s",
            "MB/s of processor",
        ),
        notes=[
            "Medians. A process is started anew for each document; Everprint's pool keeps its worker.",
            "MB/s are of the file as it is stored, by the clock; of processor: by the processor time that the "
            "analysis takes in this process, without pool and pipes, whatever else the machine does.",
        ],
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
                        f"{path.stat().st_size / timing.median_s / 1e6:,.0f}",
                        f"{path.stat().st_size / timing.processor_s / 1e6:,.0f}" if timing.processor_s else "",
                    )
                )
    return result


def _documents(folder: Path) -> list[tuple[Path, str]]:
    return [
        (_text_pdf(folder / "one.pdf", 1), "PDF, 1 page of text"),
        (_text_pdf(folder / "hundred.pdf", 100), "PDF, 100 pages of text"),
        (_EXAMPLES / "document-a4.pdf", "PDF, text and photographs"),
        (_EXAMPLES / "document-a4.ps", "PostScript, the same"),
        (_raster(folder / "rgb.pwg", "pwgraster", *_of(19)), "PWG raster, sRGB 300 dpi"),
        (_raster(folder / "grey.pwg", "pwgraster", *_of(18)), "PWG raster, grey 300 dpi"),
        (_raster(folder / "a.urf", "urf"), "URF, 1 bit 300 dpi"),
        (_raster(folder / "packed.ras", "cups", *_of(6), "-dcupsRasterVersion=2"), "CUPS raster, CMYK 300 dpi"),
        (_raster(folder / "plain.ras", "cups", *_of(6)), "CUPS raster, CMYK 300 dpi, not packed"),
        (_text(folder / "a.txt"), "plain text"),
        (_picture(folder / "a.png", "PNG"), "PNG, 6 megapixels"),
        (_picture(folder / "a.tif", "TIFF", compression="tiff_lzw"), "TIFF, 6 megapixels"),
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
            return Timing(pages, statistics.median(took), _processor_s(path, least_s))

    return asyncio.run(warm())


def _processor_s(path: Path, least_s: float) -> float:
    took = list[float]()
    while len(took) < _LEAST_ROUNDS or sum(took) < least_s:
        begun = time.process_time()
        analyse(path)
        took.append(time.process_time() - begun)
    return statistics.median(took)


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


def _of(colour_space: int) -> tuple[str, ...]:
    """Eight bits a colour of that space of CUPS."""
    return f"-dcupsColorSpace={colour_space}", "-dcupsBitsPerColor=8"


def _text(path: Path) -> Path:
    path.write_text("All that glitters is not gold, and not all that shines.\n" * 100_000)
    return path


def _picture(path: Path, name: str, **options: str) -> Path:
    with Image.open(_EXAMPLES / "color.jpg") as image:
        image.resize((3000, 2000)).save(path, name, **options)
    return path


def _raster(path: Path, device: str, *options: str) -> Path:
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", "-r300", *options]
    source = _EXAMPLES / "document-a4.pdf"
    subprocess.run([*command, f"-sOutputFile={path}", str(source)], check=True, capture_output=True)
    return path

"""How fast is a PDF made into raster for a printer that takes nothing else? Beside the filter of CUPS that makes the
same, and pdftoppm, which draws the pages and packs nothing.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench import document_makers as make
from bench.progress import say
from bench.result import Result
from everprint.documents.analyse import analyse
from everprint.documents.conversion.converter import Converter
from everprint.documents.conversion.task import Conversion, Pixel, Raster, Target
from everprint.documents.ticket import Ticket

TITLE = "PDF to PWG raster, page by page"

_FILTER = Path("/usr/lib/cups/filter/gstoraster")
_MEMORY_OCTETS = 1 << 30
_PIXELS = {"grey": Pixel.SGRAY_8, "colour": Pixel.SRGB_8}


def run(quick: bool) -> Result:
    """Every program converts every document again and again, each time in a process of its own."""
    result = Result(
        title=TITLE,
        columns=("document, and by whom", "pages", "s a document", "pages/s", "MB made"),
        notes=[
            "Medians, with the start of the processes. gstoraster is the filter of CUPS that makes PWG raster.",
            f"Everprint's process may use {_MEMORY_OCTETS >> 20} MiB and holds one band of one page.",
        ],
    )
    rounds = 1 if quick else 3
    with tempfile.TemporaryDirectory() as folder:
        for path, what, dpi, colour in _documents(Path(folder), quick):
            say(f"{what}, {dpi} dpi, {colour}")
            pages = len(analyse(path).pages)
            for by, convert in _converters(path, dpi, colour):
                took, octets = zip(*(_timed(convert) for _ in range(rounds)), strict=True)
                median_s = statistics.median(took)
                result.rows.append(
                    (
                        f"{what}, {dpi} dpi, {colour}: {by}",
                        str(pages),
                        f"{median_s:.2f}",
                        f"{pages / median_s:,.1f}",
                        f"{octets[0] / 1e6:,.1f}",
                    )
                )
    greatest_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    result.notes.append(f"The largest process of all of them took {greatest_kib >> 10} MiB.")
    return result


def _documents(folder: Path, quick: bool) -> list[tuple[Path, str, int, str]]:
    pages = 4 if quick else 30
    text = make.pdf(folder / "text.pdf", make.text, pages)
    mixed = make.EXAMPLES / "document-a4.pdf"
    return [(text, "text", 300, "grey"), (text, "text", 600, "grey"), (mixed, "text and photographs", 300, "colour")]


def _converters(path: Path, dpi: int, colour: str) -> Iterator[tuple[str, Callable[[], int]]]:
    yield "Everprint", partial(_by_everprint, path, dpi, _PIXELS[colour])
    if shutil.which("pdftoppm"):
        grey = ["-gray"] if colour == "grey" else []
        yield "pdftoppm (not packed)", partial(_octets_of, ["pdftoppm", "-r", str(dpi), *grey, str(path)])
    if _FILTER.exists():
        yield "gstoraster", partial(_by_filter, path, dpi, colour)


def _timed(convert: Callable[[], int]) -> tuple[float, int]:
    begun = time.perf_counter()
    octets = convert()
    return time.perf_counter() - begun, octets


def _by_everprint(path: Path, dpi: int, pixel: Pixel) -> int:
    found = analyse(path)
    wanted = Conversion(
        language=found.language,
        target=Target.PWG_RASTER,
        pages=found.pages,
        ticket=Ticket(),
        papers={},
        raster=Raster((dpi, dpi), pixel),
    )

    async def convert() -> int:
        async with Converter(600.0, _MEMORY_OCTETS).converting(path, wanted) as made:
            return sum([len(piece) async for piece in made.pieces()])

    return asyncio.run(convert())


def _by_filter(path: Path, dpi: int, colour: str) -> int:
    mode = "monochrome" if colour == "grey" else "color"
    options = f"media=iso_a4_210x297mm Resolution={dpi}dpi print-color-mode={mode}"
    environment = {**os.environ, "PPD": "", "FINAL_CONTENT_TYPE": "image/pwg-raster"}
    return _octets_of([str(_FILTER), "1", "user", "title", "1", options, str(path)], environment)


def _octets_of(command: list[str], environment: dict[str, str] | None = None) -> int:
    octets = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout
        while piece := process.stdout.read(1 << 20):
            octets += len(piece)
    return octets

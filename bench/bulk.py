"""How many megabytes a second of bulk data does one core get through? For the languages that we parse ourselves."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from bench import document_makers as make
from bench.progress import say
from bench.result import Result
from everprint.documents.analyse import analyse
from everprint.documents.media import MM_PER_INCH
from everprint.documents.result import Analysis

TITLE = "Bulk data through one core: rasters, PCL, PCL XL and plots"
TARGET_MB_S = 200.0


def run(quick: bool) -> Result:
    """Analyses large files in this process."""
    result = Result(
        title=TITLE,
        columns=(
            "file",
            "MB",
            "pages",
            "confidence",
            "MB/s of the file",
            "MB/s of pixels",
            f"target {TARGET_MB_S:g}",
        ),
        notes=[
            "Processor time of the whole analysis in one thread, median of its runs; Mega is 10^6.",
            "Two pages of text, and two photographs over all of the page with a sensor's noise, which run lengths do"
            " not shorten. Pixels: an octet a colour, an eighth of one for black and white.",
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        for path, what, dpi, octets in _documents(Path(folder), 150 if quick else 600):
            say(what)
            analysis, took = _analysed(path, 1 if quick else 5)
            mega = path.stat().st_size / 1e6
            pixels = _pixels(analysis, dpi) * octets / 1e6
            verdict = _verdict(mega / took, pixels / took)
            result.rows.append(
                (
                    what,
                    f"{mega:,.1f}",
                    str(len(analysis.pages) or "unknown"),
                    str(analysis.confidence),
                    f"{mega / took:,.0f}",
                    f"{pixels / took:,.0f}" if analysis.pages and pixels else "",
                    verdict if analysis.pages else "",
                )
            )
    return result


def _documents(folder: Path, dpi: int) -> list[tuple[Path, str, int, float]]:
    half = dpi // 2
    photo = make.photograph("RGB", (round(8.27 * half), round(11.7 * half)), "JPEG")
    source = make.joined(
        folder / "source.pdf",
        [make.pdf(folder / "text.pdf", make.text, 2), make.pdf(folder / "photo.pdf", photo, 2)],
    )

    grey_photo = make.photograph("L", (round(8.27 * half), round(11.7 * half)), "JPEG")
    grey_source = make.pdf(folder / "grey.pdf", grey_photo, 2)

    def of(name: str, device: str, at: int, *options: str) -> Path:
        return make.by_ghostscript(source, folder / name, device, f"-r{at}", *options)

    grey_in_rgb = make.by_ghostscript(grey_source, folder / "g.pcl", "cljet5c", f"-r{half}")
    rgb, srgb = ("-dcupsColorSpace=1", "-dcupsBitsPerColor=8"), ("-dcupsColorSpace=19", "-dcupsBitsPerColor=8")
    cmyk = ("-dcupsColorSpace=6", "-dcupsBitsPerColor=8")
    grey = ("-dcupsColorSpace=18", "-dcupsBitsPerColor=8")
    return [
        (of("c.pwg", "pwgraster", half, *srgb), f"PWG raster, sRGB, {half} dpi", half, 3),
        (of("g.pwg", "pwgraster", dpi, *grey), f"PWG raster, grey, {dpi} dpi", dpi, 1),
        (of("a.urf", "urf", dpi), f"URF, 1 bit, {dpi} dpi", dpi, 1 / 8),
        (of("a.ras", "cups", half, *rgb), f"CUPS raster, RGB, {half} dpi", half, 3),
        (of("m.pcl", "ljet4", dpi), f"PCL 5e, 1 bit, {dpi} dpi", dpi, 1 / 8),
        (of("c.pcl", "cljet5", half), f"PCL 5c, RGB, {half} dpi", half, 3),
        (of("d.pcl", "cljet5c", half), f"PCL 5c, 24 bits a pixel, {half} dpi", half, 3),
        (grey_in_rgb, f"PCL 5c, grey in 24 bits a pixel, {half} dpi", half, 3),
        (make.twice_in_pjl(folder / "pjl.pcl", grey_in_rgb, "PCL"), "PJL with that, twice", half, 3),
        (make.plot(folder / "a.plt"), "HP-GL/2", 0, 0),
        (of("m.pxl", "pxlmono", dpi), f"PCL XL, grey, {dpi} dpi", dpi, 1),
        (of("c.pxl", "pxlcolor", dpi), f"PCL XL, RGB, {dpi} dpi", dpi, 3),
        (of("cmyk.ras", "cups", half, *cmyk), f"CUPS raster, CMYK, {half} dpi", half, 4),
        (of("c.tif", "tiff24nc", half), f"TIFF, RGB, not compressed, {half} dpi", half, 3),
        (make.plain_text(folder / "a.txt"), "plain text", 0, 0),
    ]


def _analysed(path: Path, rounds: int) -> tuple[Analysis, float]:
    took, analysis = list[float](), analyse(path)
    for _ in range(rounds):
        begun = time.process_time()
        analysis = analyse(path)
        took.append(time.process_time() - begun)
    return analysis, statistics.median(took)


def _verdict(of_file: float, of_pixels: float) -> str:
    if of_file >= TARGET_MB_S:
        return "met"
    return "met of pixels" if of_pixels >= TARGET_MB_S else "not met"


def _pixels(analysis: Analysis, dpi: int) -> float:
    return sum(page.width_mm * page.height_mm for page in analysis.pages) * (dpi / MM_PER_INCH) ** 2

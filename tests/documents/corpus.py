"""Documents made by construction, so that the truth about every page is known and not computed."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from everprint.documents.media import media_name
from everprint.documents.result import Analysis

IPPTOOL = Path(__file__).parents[1] / "data" / "ipptool"
POINTS_PER_MM = 72 / 25.4
A4, A3, A5, LETTER = (210.0, 297.0), (297.0, 420.0), (148.0, 210.0), (215.9, 279.4)


@dataclass(frozen=True)
class Leaf:
    """One page and the truth about it: what is on it, how large it is, whether that prints in colour or at all."""

    content: str = "text"
    size: tuple[float, float] = A4

    @property
    def colour(self) -> bool:
        return self.content in COLOURED

    @property
    def blank(self) -> bool:
        return self.content in BLANK


COLOURED = {"red text", "photo", "red hairline", "yellow dot", "pale blue"}
BLANK = {"nothing", "white box"}
GREY = {"text", "grey photo stored as RGB", "grey by equal RGB"}
CONTENTS = sorted(COLOURED | BLANK | GREY)


def draw_leaf(canvas: Canvas, leaf: Leaf) -> None:
    width, height = (edge * POINTS_PER_MM for edge in leaf.size)
    canvas.setPageSize((width, height))
    match leaf.content:
        case "text":
            canvas.drawString(width / 4, height / 2, "All that glitters is not gold")
        case "red text":
            canvas.setFillColorRGB(0.8, 0.1, 0.1)
            canvas.drawString(width / 4, height / 2, "All that glitters is not gold")
        case "photo":
            canvas.drawImage(ImageReader(photo("RGB")), width / 4, height / 4, width / 2, height / 2)
        case "grey photo stored as RGB":
            grey = photo("L").convert("RGB")
            canvas.drawImage(ImageReader(grey), width / 4, height / 4, width / 2, height / 2)
        case "red hairline":
            canvas.setStrokeColorRGB(1, 0, 0)
            canvas.setLineWidth(0.1)
            canvas.line(width / 4, height / 3, width * 3 / 4, height / 2)
        case "yellow dot":
            canvas.setFillColorRGB(1, 1, 0)
            canvas.circle(width / 2, height / 2, 1.5, stroke=0, fill=1)
        case "pale blue":
            canvas.setFillColorRGB(0.8, 0.85, 1)
            canvas.rect(0, 0, width, height, stroke=0, fill=1)
        case "grey by equal RGB":
            canvas.setFillColorRGB(0.5, 0.5, 0.5)
            canvas.rect(width / 4, height / 4, width / 2, height / 2, stroke=0, fill=1)
        case "white box":
            canvas.setFillColorRGB(1, 1, 1)
            canvas.rect(width / 4, height / 4, width / 2, height / 2, stroke=0, fill=1)
        case "nothing":
            pass
        case other:
            raise ValueError(other)
    canvas.showPage()


def make_pdf(path: Path, leaves: Sequence[Leaf]) -> Path:
    canvas = Canvas(str(path), invariant=True)
    for leaf in leaves:
        draw_leaf(canvas, leaf)
    canvas.save()
    return path


def photo(mode: str, size: tuple[int, int] = (120, 160)) -> Image.Image:
    """A gradient with all tones: what a camera makes, as far as colour is concerned."""
    bands = [
        Image.linear_gradient("L").resize(size),
        Image.radial_gradient("L").resize(size),
        Image.linear_gradient("L").rotate(90).resize(size),
    ]
    return bands[1] if mode == "L" else Image.merge("RGB", bands).convert(mode)


def photo_with_a_pale_line() -> Image.Image:
    """White but for a line of one pixel, whose colour is lost in the mean of 64 of them."""
    image = Image.new("RGB", (120, 160), (255, 255, 255))
    image.paste((255, 180, 180), (0, 60, 120, 61))
    return image


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def ghostscript(source: Path, target: Path, device: str, *options: str) -> Path:
    """The same document in another language, by a program that we did not write."""
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", *options]
    subprocess.run([*command, f"-sOutputFile={target}", str(source)], check=True, capture_output=True)
    return target


def qpdf(source: Path, target: Path, *options: str) -> Path:
    """The same PDF, written in another way. qpdf ends with 3 where it only warns."""
    done = subprocess.run(["qpdf", *options, str(source), str(target)], check=False, capture_output=True)
    assert done.returncode in (0, 3), done.stderr
    return target


def pages_by_pdfinfo(path: Path) -> int:
    done = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True)
    return next(int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("Pages:"))


def pages_by_qpdf(path: Path) -> int:
    return int(subprocess.run(["qpdf", "--show-npages", str(path)], check=True, capture_output=True).stdout)


def truth(leaves: Sequence[Leaf]) -> list[tuple[str, bool, bool]]:
    """Paper, colour and blankness of each page, as they were made."""
    return [(media_name(*leaf.size), leaf.colour, leaf.blank) for leaf in leaves]


def found(analysis: Analysis) -> list[tuple[str, bool, bool]]:
    """The same as they were found."""
    return [(page.media, page.colour, page.blank) for page in analysis.pages]

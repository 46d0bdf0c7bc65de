"""Documents to read in benchmarks: pages of every kind in PDF, and the same in languages that Ghostscript writes."""

from __future__ import annotations

import io
import random
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from reportlab import rl_config
from reportlab.lib.colors import CMYKColor
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "ipptool"
_A4 = (595, 842)
_WORDS = ("All", "that", "glitters", "is", "not", "gold", "often", "have", "you", "heard", "that", "told")

Draw = Callable[[Canvas, random.Random], None]


def pdf(path: Path, draw: Draw, pages: int, seed: int = 1) -> Path:
    """A PDF of A4 pages that `draw` draws, always the same."""
    canvas, dice = Canvas(str(path), pagesize=_A4, pageCompression=1, invariant=True), random.Random(seed)
    with _pictures_as_octets():
        for _ in range(pages):
            draw(canvas, dice)
            canvas.showPage()
        canvas.save()
    return path


@contextmanager
def _pictures_as_octets() -> Iterator[None]:
    """And not as letters (ASCII85), as reportlab writes them: that takes minutes."""
    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def text(canvas: Canvas, dice: random.Random) -> None:
    """A page full of black words."""
    for line in range(50):
        canvas.drawString(60, 780 - 14 * line, " ".join(dice.choices(_WORDS, k=13)))


def table(canvas: Canvas, dice: random.Random) -> None:
    """Thin lines and numbers, with a grey head."""
    canvas.setFillGray(0.85)
    canvas.rect(60, 760, 480, 20, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setLineWidth(0.3)
    for row in range(45):
        canvas.line(60, 780 - 16 * row, 540, 780 - 16 * row)
        for column in range(8):
            canvas.drawRightString(115 + 60 * column, 765 - 16 * row, f"{dice.uniform(0, 9999):.2f}")
    for column in range(9):
        canvas.line(60 + 60 * column, 780, 60 + 60 * column, 76)


def chart(canvas: Canvas, dice: random.Random) -> None:
    """Coloured bars and curves of some thousand points."""
    for bar in range(40):
        canvas.setFillColorRGB(dice.random(), dice.random(), dice.random())
        canvas.rect(60 + 12 * bar, 100, 10, dice.uniform(20, 300), stroke=0, fill=1)
    for _ in range(4):
        curve = canvas.beginPath()
        curve.moveTo(60, dice.uniform(450, 750))
        for point in range(1000):
            curve.lineTo(60 + 0.48 * point, dice.uniform(450, 750))
        canvas.setStrokeColorRGB(dice.random(), dice.random(), dice.random())
        canvas.drawPath(curve)


def drawing(canvas: Canvas, dice: random.Random) -> None:
    """A plan or a map: tens of thousands of short black curves."""
    canvas.setLineWidth(0.2)
    for _ in range(200):
        curve = canvas.beginPath()
        x, y = dice.uniform(60, 540), dice.uniform(60, 780)
        curve.moveTo(x, y)
        for _ in range(100):
            x, y = x + dice.uniform(-8, 8), y + dice.uniform(-8, 8)
            curve.curveTo(x + 1, y + 2, x + 2, y + 1, x, y)
        canvas.drawPath(curve)


def inks(canvas: Canvas, dice: random.Random) -> None:
    """Text in rich black and boxes of printing inks."""
    canvas.setFillColor(CMYKColor(0.6, 0.4, 0.4, 1))
    text(canvas, dice)
    for box in range(10):
        canvas.setFillColor(CMYKColor(dice.random(), dice.random(), 0, 0))
        canvas.rect(60 + 48 * box, 40, 40, 30, stroke=0, fill=1)


def glass(canvas: Canvas, dice: random.Random) -> None:
    """Transparent shapes over each other."""
    text(canvas, dice)
    for _ in range(60):
        canvas.setFillColorRGB(dice.random(), dice.random(), dice.random(), alpha=0.3)
        canvas.circle(dice.uniform(60, 540), dice.uniform(60, 780), 60, stroke=0, fill=1)


def photograph(mode: str, dots: tuple[int, int], form: str) -> Draw:
    """A picture over the whole page, stored as JPEG or as pixels."""

    stored = io.BytesIO()
    image = camera(mode, dots, random.Random(1))
    if form == "JPEG":
        image.save(stored, "JPEG", quality=85)
    else:
        image.save(stored, "PNG", compress_level=1)
    return lambda canvas, _: canvas.drawImage(ImageReader(stored), 0, 0, *_A4)


def camera(mode: str, dots: tuple[int, int], dice: random.Random) -> Image.Image:
    """Smooth tones with the noise of a sensor: nothing that run lengths could shorten."""
    noise = Image.frombytes("L", (256, 256), dice.randbytes(65_536)).resize(dots, Image.Resampling.BICUBIC)
    bands = [
        Image.blend(tone.resize(dots).rotate(90 * turn), noise, 0.3)
        for turn, tone in enumerate(
            (Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L"))
        )
    ]
    return Image.merge("RGB", bands).convert(mode)


def plain_text(path: Path) -> Path:
    """A hundred thousand lines."""
    path.write_text("All that glitters is not gold, and not all that shines.\n" * 100_000)
    return path


def plot(path: Path) -> Path:
    """A plan in HP-GL/2: half a million black lines."""
    line = "PU100,100;PD" + ",".join(f"{4 * x},{x * x % 5000}" for x in range(1000)) + ";"
    path.write_text("IN;PS11880,8400;NP4;PC1,0,0,0;SP1;" + line * 500 + "PG;")
    return path


def twice_in_pjl(path: Path, document: Path, language: str) -> Path:
    """A job of two such documents, of which the first one's end has to be found."""
    uel = b"\x1b%-12345X"
    part = uel + b"@PJL ENTER LANGUAGE=" + language.encode() + b"\r\n" + document.read_bytes()
    path.write_bytes(part + part + uel)
    return path


def by_ghostscript(source: Path, path: Path, device: str, *options: str) -> Path:
    """The same pages in another language."""
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", f"-sDEVICE={device}", *options]
    subprocess.run([*command, f"-sOutputFile={path}", str(source)], check=True, capture_output=True)
    return path


def joined(path: Path, parts: Sequence[Path]) -> Path:
    """PDFs one after the other."""
    subprocess.run(["qpdf", "--empty", "--pages", *map(str, parts), "--", str(path)], check=True)
    return path

"""Pictures and colour profiles in an XPS package, looked at once each."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from everprint.documents.colour import Looks, look
from everprint.documents.xps_colour import UNKNOWN_INK, Ink, of_profile, parse_colour, profile_and_channels
from everprint.documents.xps_parts import resolve
from everprint.documents.zip_package import Damaged, Package

MOST_PIXELS = 100_000_000
_MOST_WHOLE_PIXELS = 40_000_000  # of a JPEG that is decoded whole; A4 at 600 dpi has 35 million
_JPEG, _JPEG_PARTS = b"\xff\xd8\xff", 8
_MOST_OCTETS = 256 << 20
_MOST_REMEMBERED = 10_000
_FORMATS = ("JPEG", "PNG", "TIFF")  # JPEG XR (HD Photo), the fourth of XPS, nobody reads here
_SPACE = slice(16, 20)  # of an ICC profile's header: its colour space


@dataclass(frozen=True, slots=True)
class Picture:
    """What it looks like on white paper, and its size in 1/96 inch by its own resolution."""

    looks: Looks
    width: float
    height: float


class Resources:
    """Of one package, shared by its pages."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._pictures: dict[str, Picture | None] = {}
        self._spaces: dict[str, bytes] = {}

    def part(self, reference: str, page: str) -> tuple[str, bytes] | None:
        """Name and octets of a part that a page refers to; None if it is missing or damaged."""
        name = resolve(reference, page)
        try:
            return name, self._package.read(name, _MOST_OCTETS)
        except Damaged:
            return None

    def picture(self, reference: str, page: str) -> Picture | None:
        """None for one that cannot be looked at."""
        name = resolve(reference, page)
        if name not in self._pictures:
            if len(self._pictures) > _MOST_REMEMBERED:
                self._pictures.clear()
            self._pictures[name] = self._look_at(name)
        return self._pictures[name]

    def ink(self, text: str, page: str) -> Ink:
        """The colour that an attribute says."""
        by_profile = profile_and_channels(text)
        if by_profile is None:
            return parse_colour(text)
        name, values = by_profile
        return of_profile(self._space(resolve(name, page)), values) if values else UNKNOWN_INK

    def _space(self, name: str) -> bytes:
        if name not in self._spaces:
            try:
                self._spaces[name] = self._package.read(name, _MOST_OCTETS)[_SPACE]
            except Damaged:
                self._spaces[name] = b""
        return self._spaces[name]

    def _look_at(self, name: str) -> Picture | None:
        try:
            octets = self._package.read(name, _MOST_OCTETS)
        except Damaged:
            return None
        bound, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # the bound is ours, MOST_PIXELS
        try:
            found = _looked_at(octets, MOST_PIXELS, parts=_JPEG_PARTS)
            if found is not None and not found.looks.colour and octets.startswith(_JPEG):
                # The mean of 64 pixels may hide a line in colour.
                return _looked_at(octets, _MOST_WHOLE_PIXELS, parts=1)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError):
            return None  # whatever Pillow finds wrong with it
        finally:
            Image.MAX_IMAGE_PIXELS = bound
        return found


def _looked_at(octets: bytes, most_pixels: int, parts: int) -> Picture | None:
    """A JPEG at one of so many parts of its size. Raises what Pillow raises."""
    with Image.open(io.BytesIO(octets), formats=_FORMATS) as image:
        return _looks_of(image, most_pixels, parts)


def _looks_of(image: Image.Image, most_pixels: int, parts: int) -> Picture | None:
    width, height = image.size
    if width * height > most_pixels or getattr(image, "n_frames", 1) != 1:
        return None
    across, down = _resolution(image)
    if image.format == "JPEG":
        image.draft("RGB" if image.mode != "L" else "L", (max(width // parts, 1), max(height // parts, 1)))
    elif image.mode not in {"1", "L", "RGB", "CMYK"}:
        if image.mode not in {"RGBA", "LA", "PA", "P", "La", "RGBa"}:
            return None  # 16 bits, Lab and the like: what Pillow makes of them is not what a printer makes
        image = _on_paper(image)
    return Picture(look(image), width * 96 / across, height * 96 / down)


def _on_paper(image: Image.Image) -> Image.Image:
    """Transparent pixels show white."""
    paint = image.convert("RGBA")
    paper = Image.new("RGBA", paint.size, "white")
    return Image.alpha_composite(paper, paint).convert("RGB")


def _resolution(image: Image.Image) -> tuple[float, float]:
    said = image.info.get("dpi")
    try:
        across, down = (float(value) for value in said) if said else (96.0, 96.0)
    except (TypeError, ValueError, ZeroDivisionError):
        return 96.0, 96.0
    # The bounds also turn away what is not a number.
    return (across if 1 <= across <= 100_000 else 96.0), (down if 1 <= down <= 100_000 else 96.0)

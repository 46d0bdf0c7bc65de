"""The PWG raster files that Debian's IPP Everywhere suite prints and nobody packages, made by code.

Their names say what they are: document, paper, colour type and resolution. A page has a band of ink, so that colour
is colour; equal rows keep the files small.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.documents.raster_writer import Sheet, pwg

_NAME = re.compile(
    r"pwg-raster-samples-(?P<dpi>\d+)dpi/(?P<kind>[a-z]+-\d+)/(?P<document>document|onepage|color\.jpg|gray\.jpg)-"
    r"(?P<paper>a4|letter|4x6)-(?P=kind)-(?P=dpi)dpi\.pwg"
)
_INCHES = {"a4": (8.27, 11.69), "letter": (8.5, 11.0), "4x6": (4.0, 6.0)}
_PAGES = {"document": 4}
# By colour type: the writer's mode, the bits of a channel, a white pixel and one of the band.
_KINDS = {
    "black-1": ("K", 1, b"\x00", b"\xff"),
    "sgray-8": ("L", 8, b"\xff", b"\x60"),
    "srgb-8": ("RGB", 8, b"\xff\xff\xff", b"\xc0\x20\x20"),
}


def make_samples(suite: Path, folder: Path, resolutions: set[int]) -> int:
    """Makes the files that the suite names; how many of them are of these resolutions and colours known here."""
    names = dict.fromkeys(re.findall(r"SKIP-IF-MISSING (\S+)", suite.read_text()))
    made = 0
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _NAME.fullmatch(name)
        if found is None or found["kind"] not in _KINDS or int(found["dpi"]) not in resolutions:
            path.write_bytes(b"not printed")  # ipptool ends at a file that is not there, even if it would skip it
            continue
        sheet = _sheet(found["kind"], int(found["dpi"]), *_INCHES[found["paper"]])
        path.write_bytes(pwg([sheet] * _PAGES.get(found["document"], 1)))
        made += 1
    return made


def _sheet(kind: str, dpi: int, width_in: float, height_in: float) -> Sheet:
    mode, depth, white, ink = _KINDS[kind]
    width, height = round(width_in * dpi), round(height_in * dpi)
    units = (width + 7) // 8 if depth == 1 else width
    blank, band = white * units, ink * units
    margin = height // 3
    return Sheet([blank] * margin + [band] * (height - 2 * margin) + [blank] * margin, width, mode, depth, dpi)

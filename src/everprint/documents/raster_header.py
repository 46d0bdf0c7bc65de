"""The page header of CUPS raster (cups_page_header2_t); PWG raster's is the same but for the fields it reserves.

See the CUPS Raster Format specification, and PWG 5102.4 section 4.3.
"""

from __future__ import annotations

import math
import struct

from everprint.documents.media import LARGEST_MM, MM_PER_POINT, TOLERANCE_MM
from everprint.documents.raster_pages import Asked
from everprint.documents.ticket import SidesKeyword

OCTETS = 1796
OCTETS_OF_VERSION_1 = 420


class HeaderFields:
    """The fields by their names in the CUPS specification. Version 1 ends after cupsRowStep."""

    def __init__(self, octets: bytes, *, little_endian: bool = False) -> None:
        self._octets, self._order = octets, "<" if little_endian else ">"

    def _number(self, offset: int) -> int:
        (value,) = struct.unpack_from(f"{self._order}I", self._octets, offset)
        return int(value)

    def _text(self, offset: int) -> str:
        return self._octets[offset : offset + 64].split(b"\0")[0].decode("ascii", "replace")

    @property
    def resolution(self) -> tuple[int, int]:
        """HWResolution, dpi across and along the feed."""
        return self._number(276), self._number(280)

    @property
    def size(self) -> tuple[int, int]:
        """cupsWidth and cupsHeight, pixels."""
        return self._number(372), self._number(376)

    @property
    def bits_per_color(self) -> int:
        """cupsBitsPerColor."""
        return self._number(384)

    @property
    def bits_per_pixel(self) -> int:
        """cupsBitsPerPixel."""
        return self._number(388)

    @property
    def bytes_per_line(self) -> int:
        """cupsBytesPerLine."""
        return self._number(392)

    @property
    def color_order(self) -> int:
        """cupsColorOrder."""
        return self._number(396)

    @property
    def color_space(self) -> int:
        """cupsColorSpace."""
        return self._number(400)

    @property
    def total_page_count(self) -> int:
        """TotalPageCount of PWG raster; CUPS leaves the field to drivers."""
        return self._number(452)

    def asked(self) -> Asked:
        """NumCopies, Collate, Duplex and Tumble, and cupsPageSizeName. No copies is silence, one side may be."""
        copies = self._number(340)
        tumble = SidesKeyword.TWO_SIDED_SHORT_EDGE if self._number(368) else SidesKeyword.TWO_SIDED_LONG_EDGE
        two_sided = self._number(272) != 0
        return Asked(
            copies=copies,
            collated=self._number(264) != 0 if copies > 1 else None,
            sides=tumble if two_sided else None,
            one_sided=not two_sided,
            media=self._text(1732) if len(self._octets) == OCTETS else "",
        )

    def paper(self, width_mm: float, height_mm: float) -> tuple[float, float]:
        """PageSize is the paper where the pixels leave its margins out; else they say it more exactly than points."""
        width, height = (points * MM_PER_POINT for points in self._page_points())
        margins = (width - width_mm, height - height_mm)
        if max(margins) <= TOLERANCE_MM or max(width, height) > LARGEST_MM or min(margins) < -TOLERANCE_MM:
            return width_mm, height_mm
        return width, height

    def _page_points(self) -> tuple[float, float]:
        whole = (float(self._number(352)), float(self._number(356)))
        if len(self._octets) < OCTETS:
            return whole
        width, height = struct.unpack_from(f"{self._order}2f", self._octets, 428)  # cupsPageSize
        fits = all(map(math.isfinite, (width, height))) and abs(width - whole[0]) < 1 and abs(height - whole[1]) < 1
        return (width, height) if fits else whole

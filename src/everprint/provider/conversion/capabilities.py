"""What a device can do, as far as a conversion hangs on it, read from its own printer attributes.

What a device says in another syntax was left out before (mirrored); what it does not say, it cannot do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from everprint.documents.conversion.task import Edges, Pixel, SheetBack, Target
from everprint.documents.media import TOLERANCE_MM, media_size
from everprint.ipp.message import Attribute
from everprint.ipp.values import IntegerRange, Resolution, ResolutionUnits, Value

AUTOMATIC = "application/octet-stream"
COLLATED = "separate-documents-collated-copies"
UNCOLLATED = "separate-documents-uncollated-copies"
_A4 = "iso_a4_210x297mm"
_URF_RESOLUTIONS = re.compile(r"RS(\d{2,4}(?:-\d{2,4})*)")
_URF_BACKS = {
    "DM1": SheetBack.NORMAL, "DM2": SheetBack.FLIPPED, "DM3": SheetBack.ROTATED, "DM4": SheetBack.MANUAL_TUMBLE,
}  # fmt: skip
_URF_PIXELS = {"W8": Pixel.SGRAY_8, "SRGB24": Pixel.SRGB_8}


@dataclass(frozen=True, slots=True)
class RasterCapabilities:
    """One kind of raster that the device takes; there is at least one resolution and one kind of pixel."""

    dpi: tuple[tuple[int, int], ...]
    pixels: frozenset[Pixel]
    sheet_back: SheetBack = SheetBack.NORMAL


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The device's. `default_dpi` is None if it does not say."""

    formats: frozenset[str]
    most_copies: int = 1
    handlings: frozenset[str] = frozenset()  # multiple-document-handling-supported
    page_ranges: bool = False
    number_up: tuple[Value, ...] = ()  # number-up-supported
    signature: bool = False
    two_sided: bool = False
    colour: bool = False
    media: tuple[str, ...] = ()
    default_media: str = _A4
    default_dpi: tuple[int, int] | None = None
    rasters: Mapping[Target, RasterCapabilities] = field(default_factory=dict)
    margins: Edges = field(default_factory=Edges)

    def lays(self, number_up: int) -> bool:
        """True if it puts so many pages on a side."""
        return number_up == 1 or any(
            number_up in one if isinstance(one, IntegerRange) else one == number_up for one in self.number_up
        )

    def paper_for(self, media: str) -> str:
        """The paper to take: that of the name, else another of its size, else the usual one."""
        if media in self.media:
            return media
        wanted = media_size(media)
        for name in self.media:
            size = media_size(name)
            if wanted and size and all(abs(a - b) <= TOLERANCE_MM for a, b in zip(wanted, size, strict=True)):
                return name
        return self.default_media


def read_capabilities(device: Mapping[str, Attribute]) -> Capabilities:
    """From the device's attributes, by name."""
    formats = frozenset(_words(device, "document-format-supported"))
    default_media = next(iter(_words(device, "media-default")), _A4)
    return Capabilities(
        formats=formats,
        most_copies=max((_upper(one) for one in _values(device, "copies-supported")), default=1),
        handlings=frozenset(_words(device, "multiple-document-handling-supported")),
        page_ranges=True in _values(device, "page-ranges-supported"),
        number_up=_values(device, "number-up-supported"),
        signature="signature" in _words(device, "imposition-template-supported"),
        two_sided=any(word.startswith("two-sided") for word in _words(device, "sides-supported")),
        colour=True in _values(device, "color-supported"),
        media=tuple(name for name in _words(device, "media-supported") if _is_paper(name)),
        default_media=default_media if _is_paper(default_media) else _A4,
        default_dpi=next(iter(_dpi(_values(device, "printer-resolution-default"))), None),
        rasters=_rasters(device, formats),
        margins=Edges(*(_margin(device, edge) for edge in ("left", "top", "right", "bottom"))),
    )


def _is_paper(name: str) -> bool:
    return media_size(name) is not None and not name.startswith(("custom_min", "custom_max"))


def _rasters(device: Mapping[str, Attribute], formats: frozenset[str]) -> dict[Target, RasterCapabilities]:
    found = {}
    if Target.PWG_RASTER in formats and (pwg := _pwg(device)) is not None:
        found[Target.PWG_RASTER] = pwg
    if Target.URF in formats and (urf := _urf(_words(device, "urf-supported"))) is not None:
        found[Target.URF] = urf
    return found


def _pwg(device: Mapping[str, Attribute]) -> RasterCapabilities | None:
    """PWG 5102.4 section 7."""
    dpi = tuple(_dpi(_values(device, "pwg-raster-document-resolution-supported")))
    types = _words(device, "pwg-raster-document-type-supported")
    pixels = frozenset(pixel for pixel in Pixel if pixel in types)
    back = next(iter(_words(device, "pwg-raster-document-sheet-back")), "")
    sheet_back = SheetBack(back) if back in set(SheetBack) else SheetBack.NORMAL
    return RasterCapabilities(dpi, pixels, sheet_back) if dpi and pixels else None


def _urf(words: tuple[str, ...]) -> RasterCapabilities | None:
    dpi: list[tuple[int, int]] = []
    for word in words:
        if match := _URF_RESOLUTIONS.fullmatch(word):
            dpi += [(int(one), int(one)) for one in match[1].split("-") if int(one)]
    pixels = frozenset(pixel for word, pixel in _URF_PIXELS.items() if word in words)
    back = next((back for word, back in _URF_BACKS.items() if word in words), SheetBack.NORMAL)
    return RasterCapabilities(tuple(dpi), pixels, back) if dpi and pixels else None


def _dpi(values: tuple[Value, ...]) -> list[tuple[int, int]]:
    return [
        (one.cross_feed, one.feed)
        for one in values
        if isinstance(one, Resolution)
        and one.units is ResolutionUnits.DOTS_PER_INCH
        and min(one.cross_feed, one.feed) > 0
    ]


def _margin(device: Mapping[str, Attribute], edge: str) -> float:
    """The least that it can do; hundredths of a millimetre in IPP (PWG 5100.13)."""
    values = [
        one
        for one in _values(device, f"media-{edge}-margin-supported")
        if isinstance(one, int) and not isinstance(one, bool) and one >= 0
    ]
    return min(values, default=0) / 100


def _values(device: Mapping[str, Attribute], name: str) -> tuple[Value, ...]:
    attribute = device.get(name)
    return () if attribute is None or attribute.is_out_of_band else attribute.values


def _words(device: Mapping[str, Attribute], name: str) -> tuple[str, ...]:
    return tuple(one for one in _values(device, name) if isinstance(one, str))


def _upper(value: Value) -> int:
    if isinstance(value, IntegerRange):
        return value.upper
    return value if isinstance(value, int) and not isinstance(value, bool) else 1

"""Which of a device's attributes its queue shows as its own: a white list, the rest of what it says stays there."""

from __future__ import annotations

from everprint.ipp.message import (
    Attribute,
    Group,
    boolean,
    enum,
    integer,
    keyword,
    mime_media_type,
    range_of_integer,
    resolution,
    text,
)
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange, Resolution
from everprint.provider.device_syntax import has_its_syntax

# Job template attributes that are passed on to the device when it supports them (RFC 8011 section 5.2, PWG 5100.x).
PASSED_ON = (
    "copies", "feed-orientation", "finishings", "finishings-col", "imposition-template", "media", "media-col",
    "multiple-document-handling",
    "number-up", "orientation-requested", "output-bin", "page-ranges", "presentation-direction-number-up",
    "print-color-mode", "print-content-optimize", "print-darkness", "print-quality", "print-rendering-intent",
    "print-scaling", "printer-resolution", "sides", "x-image-position", "x-image-shift", "x-side1-image-shift",
    "x-side2-image-shift", "y-image-position", "y-image-shift", "y-side1-image-shift", "y-side2-image-shift",
)  # fmt: skip

_DESCRIPTION = (
    "color-supported", "document-format-default", "document-format-supported", "ipp-features-supported",
    "finishing-template-supported", "jpeg-k-octets-supported", "jpeg-x-dimension-supported",
    "jpeg-y-dimension-supported", "landscape-orientation-requested-preferred", "media-back-coating-supported",
    "media-bottom-margin-supported", "media-color-supported", "media-front-coating-supported",
    "media-grain-supported", "media-hole-count-supported", "media-info-supported", "media-left-margin-supported",
    "media-order-count-supported", "media-pre-printed-supported", "media-recycled-supported",
    "media-right-margin-supported", "media-size-supported", "media-source-supported", "media-thickness-supported",
    "media-tooth-supported", "media-top-margin-supported", "media-tracking-supported", "media-type-supported",
    "media-weight-metric-supported", "pages-per-minute", "pages-per-minute-color", "pdf-features-supported",
    "pdf-k-octets-supported", "pdf-versions-supported", "pdl-override-supported", "printer-device-id",
    "printer-input-tray", "printer-kind", "printer-make-and-model", "printer-output-tray",
    "pwg-raster-document-resolution-supported", "pwg-raster-document-sheet-back",
    "pwg-raster-document-type-supported", "urf-supported",
)  # fmt: skip

# What is asked with every look at the device: levels, and what is wrong (PWG 5100.9, PWG 5100.13, CUPS).
SUPPLIES = frozenset(
    {
        "marker-colors", "marker-high-levels", "marker-levels", "marker-low-levels", "marker-names", "marker-types",
        "printer-alert", "printer-alert-description", "printer-supply", "printer-supply-description",
    }
)  # fmt: skip

MIRRORED = (
    frozenset(_DESCRIPTION)
    | SUPPLIES
    | {f"{name}-{suffix}" for name in PASSED_ON for suffix in ("default", "supported", "ready", "database")}
)

_DPI = (Resolution(300, 300), Resolution(600, 600))
_A4, _LETTER = "iso_a4_210x297mm", "na_letter_8.5x11in"

# What every printer can do, for attributes that a queue must have (PWG 5100.12 section 6.2) and a device left out.
_PLAIN = (
    boolean("color-supported", False),
    integer("copies-default", 1),
    range_of_integer("copies-supported", IntegerRange(1, 1)),
    enum("finishings-default", 3),
    enum("finishings-supported", 3),
    keyword("media-default", _A4),
    keyword("media-supported", _A4, _LETTER),
    enum("orientation-requested-default", 3),
    enum("orientation-requested-supported", 3),
    keyword("output-bin-default", "face-down"),
    keyword("output-bin-supported", "face-down"),
    enum("print-quality-default", 4),
    enum("print-quality-supported", 4),
    resolution("printer-resolution-default", _DPI[0]),
    resolution("printer-resolution-supported", *_DPI),
    keyword("sides-default", "one-sided"),
    keyword("sides-supported", "one-sided"),
    integer("pages-per-minute", 1),
    text("printer-make-and-model", "Printer"),
    mime_media_type("document-format-default", "application/octet-stream"),
)

# A device that never answered yet is taken for a plain one that understands what driverless clients send.
NEVER_SEEN = Group(
    GroupTag.PRINTER,
    (
        boolean("color-supported", True),
        integer("pages-per-minute-color", 1),
        range_of_integer("copies-supported", IntegerRange(1, 999)),
        keyword("print-color-mode-default", "auto"),
        keyword("print-color-mode-supported", "auto", "color", "monochrome"),
        keyword("sides-supported", "one-sided", "two-sided-long-edge", "two-sided-short-edge"),
        mime_media_type(
            "document-format-supported",
            "application/octet-stream",
            "application/pdf",
            "image/jpeg",
            "image/pwg-raster",
            "image/urf",
        ),
        resolution("pwg-raster-document-resolution-supported", *_DPI),
        keyword("pwg-raster-document-sheet-back", "normal"),
        keyword("pwg-raster-document-type-supported", "sgray_8", "srgb_8"),
        keyword("urf-supported", "V1.4", "W8", "SRGB24", "RS300-600", "DM1", "CP1"),
    ),
)


def kept(device: Group) -> Group:
    """What of a device's words is kept: clocks and counts, which are others each time, are not."""
    return Group(device.tag, tuple(attribute for attribute in device if attribute.name in MIRRORED))


def mirror(device: Group) -> dict[str, Attribute]:
    """What a queue shows of its device, completed with what every printer can do."""
    shown = {attribute.name: attribute for attribute in _PLAIN}
    for attribute in device:
        if attribute.name in MIRRORED and not attribute.is_out_of_band and has_its_syntax(attribute):
            shown[attribute.name] = attribute
    if "document-format-supported" not in shown:
        shown["document-format-supported"] = mime_media_type(
            "document-format-supported", "application/octet-stream", "application/pdf"
        )
    is_colour = shown["color-supported"].value is True
    if not is_colour:
        shown.pop("pages-per-minute-color", None)
    elif "pages-per-minute-color" not in shown:
        shown["pages-per-minute-color"] = integer("pages-per-minute-color", 1)
    return shown

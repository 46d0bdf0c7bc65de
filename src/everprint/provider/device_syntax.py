"""The syntax that each mirrored attribute has (RFC 8011 section 5, PWG 5100.x): what a device says in another one is
left out, so that the rest of the provider, and every client of the queue, may rely on it.

Keywords and names are taken for each other: real printers mix them.
"""

from __future__ import annotations

from everprint.ipp.message import Attribute
from everprint.ipp.tags import ValueTag
from everprint.ipp.values import IntegerRange

_BOOLEAN = frozenset({ValueTag.BOOLEAN})
_COLLECTION = frozenset({ValueTag.BEG_COLLECTION})
_ENUM = frozenset({ValueTag.ENUM})
_MIME = frozenset({ValueTag.MIME_MEDIA_TYPE})
_NUMBER = frozenset({ValueTag.INTEGER, ValueTag.RANGE_OF_INTEGER})
_OCTETS = frozenset({ValueTag.OCTET_STRING})
_RESOLUTION = frozenset({ValueTag.RESOLUTION})
_TEXT = frozenset({ValueTag.TEXT, ValueTag.TEXT_WITH_LANGUAGE, ValueTag.NAME, ValueTag.NAME_WITH_LANGUAGE})
_WORD = frozenset({ValueTag.KEYWORD, ValueTag.NAME, ValueTag.NAME_WITH_LANGUAGE})

# Job Template attributes; those that are not here are words.
_OF_TEMPLATE: dict[str, frozenset[ValueTag]] = {
    "copies": _NUMBER,
    "finishings": _ENUM,
    "finishings-col": _COLLECTION,
    "media-col": _COLLECTION,
    "number-up": _NUMBER,
    "orientation-requested": _ENUM,
    "page-ranges": _BOOLEAN,
    "print-darkness": _NUMBER,
    "print-quality": _ENUM,
    "printer-resolution": _RESOLUTION,
    **{f"{axis}-{side}shift": _NUMBER for axis in ("x", "y") for side in ("image-", "side1-image-", "side2-image-")},
}
# Others; those that are not here are words, too.
_OF_OTHERS: dict[str, frozenset[ValueTag]] = {
    "color-supported": _BOOLEAN,
    "document-format-default": _MIME,
    "document-format-supported": _MIME,
    "finishings-col-supported": _WORD,
    "landscape-orientation-requested-preferred": _ENUM,
    "marker-colors": _TEXT,
    "marker-names": _TEXT,
    "media-col-supported": _WORD,
    "media-info-supported": _BOOLEAN | _TEXT,
    "media-size-supported": _COLLECTION,
    "printer-device-id": _TEXT,
    "printer-make-and-model": _TEXT,
    "printer-supply-description": _TEXT,
    "pwg-raster-document-resolution-supported": _RESOLUTION,
    "printer-alert-description": _TEXT,
    **dict.fromkeys(("printer-alert", "printer-input-tray", "printer-output-tray", "printer-supply"), _OCTETS),
    **dict.fromkeys(
        (
            "jpeg-k-octets-supported", "jpeg-x-dimension-supported", "jpeg-y-dimension-supported",
            "marker-high-levels", "marker-levels", "marker-low-levels", "media-bottom-margin-supported",
            "media-hole-count-supported", "media-left-margin-supported", "media-order-count-supported",
            "media-right-margin-supported", "media-thickness-supported", "media-top-margin-supported",
            "media-weight-metric-supported", "pages-per-minute", "pages-per-minute-color", "pdf-k-octets-supported",
        ),
        _NUMBER,
    ),
}  # fmt: skip
# Of which there is no less than one, whoever says so.
_COUNTS = frozenset({"copies-default", "copies-supported", "number-up-default", "number-up-supported"})


def has_its_syntax(attribute: Attribute) -> bool:
    """True if every value is of the syntax that the attribute has, and no count is below one."""
    template = attribute.name.rpartition("-")[0]
    tags = _OF_OTHERS.get(attribute.name) or _OF_TEMPLATE.get(template, _WORD)
    if not tags.issuperset(attribute.tags):
        return False
    return attribute.name not in _COUNTS or all(
        (value.lower if isinstance(value, IntegerRange) else value) >= 1
        for value in attribute.values
        if isinstance(value, int | IntegerRange)
    )

"""What a queue says of a device that cannot say it itself, as the printer attributes that it would have."""

from __future__ import annotations

from collections.abc import Iterable

from everprint.contract.messages import OneWay
from everprint.ipp.message import (
    Attribute,
    Group,
    boolean,
    enum,
    keyword,
    mime_media_type,
    range_of_integer,
    text,
)
from everprint.ipp.tags import GroupTag
from everprint.ipp.values import IntegerRange

_MOST_COPIES = 999
_TWO_SIDED = ("two-sided-long-edge", "two-sided-short-edge")


def abilities(
    described: OneWay,
    state: int,
    reasons: Iterable[str],
    message: str = "",
    model: str = "Printer at a raw port",
) -> Group:
    """Attributes of the device; `state` is the printer-state enum (RFC 8011 section 5.4.11).

    Options are carried to it by PJL; without PJL there is no way to, and it is not said to have them.
    """
    return Group(
        GroupTag.PRINTER,
        (
            enum("printer-state", state),
            keyword("printer-state-reasons", *(tuple(reasons) or ("none",))),
            text("printer-state-message", message),
            text("printer-make-and-model", model),
            mime_media_type("document-format-supported", "application/octet-stream", *described.document_formats),
            boolean("color-supported", described.colour),
            # PJL sets what the device does until the document sets something else.
            keyword("pdl-override-supported", "not-attempted"),
            keyword("media-default", described.media[0]),
            keyword("media-supported", *described.media),
            *(_options(described) if described.pjl else ()),
        ),
    )


def _options(described: OneWay) -> tuple[Attribute, ...]:
    colour = ("auto", "color", "monochrome") if described.colour else ("monochrome",)
    return (
        range_of_integer("copies-supported", IntegerRange(1, _MOST_COPIES)),
        keyword("print-color-mode-default", colour[0]),
        keyword("print-color-mode-supported", *colour),
        keyword("sides-default", "one-sided"),
        keyword("sides-supported", "one-sided", *(_TWO_SIDED if described.two_sided else ())),
        keyword(
            "multiple-document-handling-supported",
            "separate-documents-collated-copies",
            "separate-documents-uncollated-copies",
        ),
        keyword("multiple-document-handling-default", "separate-documents-collated-copies"),
    )

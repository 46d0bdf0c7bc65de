"""What a queue offers: all that its device can do, and what is done here before the device sees the document.

The plan (plan.py) answers for each job what is done by whom; this says the same in printer attributes, so that a
client is offered nothing that then is not done.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from everprint.documents.conversion.task import Scaling, Target
from everprint.documents.result import Language
from everprint.ipp.message import Attribute, boolean, integer, keyword, mime_media_type, range_of_integer
from everprint.ipp.values import IntegerRange
from everprint.provider.conversion.capabilities import COLLATED, UNCOLLATED, Capabilities
from everprint.provider.conversion.plan import FORMATS, MOST_COPIES, NUMBER_UP, target_for


def offered(
    shown: Mapping[str, Attribute], device: Capabilities, convertible: Container[Language]
) -> dict[str, Attribute]:
    """`shown` is what the device says, and `device` the same as its abilities."""
    target = target_for(device)
    if target is None or Language.PDF not in convertible:
        return dict(shown)
    added = {attribute.name: attribute for attribute in _added(shown, device, convertible)}
    if target is not Target.PDF:
        added |= {attribute.name: attribute for attribute in _of_raster(shown, device)}
    return {**shown, **added}


def _added(
    shown: Mapping[str, Attribute], device: Capabilities, convertible: Container[Language]
) -> tuple[Attribute, ...]:
    formats = [name for language, name in FORMATS.items() if language in convertible]
    templates = ("none", "signature") if device.two_sided else ("none",)
    handlings = (COLLATED, UNCOLLATED)
    return (
        mime_media_type("document-format-supported", *_union(shown, "document-format-supported", formats)),
        range_of_integer("copies-supported", IntegerRange(1, max(MOST_COPIES, device.most_copies))),
        boolean("page-ranges-supported", True),
        *_number_up(shown),
        keyword("imposition-template-supported", *_union(shown, "imposition-template-supported", templates)),
        _or(shown, keyword("imposition-template-default", "none")),
        keyword(
            "multiple-document-handling-supported",
            *_union(shown, "multiple-document-handling-supported", handlings),
        ),
        _or(shown, keyword("multiple-document-handling-default", COLLATED)),
    )


def _number_up(shown: Mapping[str, Attribute]) -> tuple[Attribute, ...]:
    """Its own, whatever its syntax, and ours."""
    own = shown.get("number-up-supported")
    default = _or(shown, integer("number-up-default", 1))
    if own is None:
        return integer("number-up-supported", *NUMBER_UP), default
    missing = [
        number
        for number in NUMBER_UP
        if not any(number in one if isinstance(one, IntegerRange) else number == one for one in own.values)
    ]
    ours = integer("number-up-supported", *missing) if missing else None
    if ours is None:
        return own, default
    return Attribute("number-up-supported", (*own.tags, *ours.tags), (*own.values, *ours.values)), default


def _of_raster(shown: Mapping[str, Attribute], device: Capabilities) -> tuple[Attribute, ...]:
    """A device that only takes pixels has no say in what they show."""
    modes = ("auto", "color", "monochrome") if device.colour else ("auto", "monochrome")
    return (
        keyword("print-scaling-supported", *Scaling),
        _or(shown, keyword("print-scaling-default", Scaling.AUTO)),
        keyword("print-color-mode-supported", *_union(shown, "print-color-mode-supported", modes)),
        _or(shown, keyword("print-color-mode-default", "auto")),
        keyword("pdl-override-supported", "attempted"),
    )


def _union(shown: Mapping[str, Attribute], name: str, ours: tuple[str, ...] | list[str]) -> list[str]:
    own = shown[name].values if name in shown else ()
    words = [one for one in own if isinstance(one, str)]
    return [*words, *(one for one in ours if one not in words)]


def _or(shown: Mapping[str, Attribute], ours: Attribute) -> Attribute:
    return shown.get(ours.name, ours)

"""Who does what of a job: the device, or we before it. One pure function of what the device can, what holds for the
job, and what its document is.

| document | the device | then |
|---|---|---|
| any | takes it, and can do all that was asked | it goes as it is |
| one that we can convert | lacks its format or an option asked for | made PDF if it takes that, else raster |
| any other | takes it, or finds out formats itself | it goes as it is, without what nobody can do (cannot()) |
| any other | does not take it | NoWay |

Options are steps in one order: page-ranges, number-up (or a booklet), copies. What is done here is done before the
device sees the document, so all steps before one that is done here are done here, too. No step is done twice: what
is done here is withheld from the device. Raster has no pages left to choose from: there only copies can be the
device's.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from enum import IntEnum

from everprint.documents.conversion.task import Target
from everprint.documents.result import Language
from everprint.documents.ticket import SIGNATURE, Ticket, TicketPart
from everprint.provider.conversion.capabilities import AUTOMATIC, COLLATED, UNCOLLATED, Capabilities

FORMATS = {
    Language.PDF: "application/pdf",
    Language.POSTSCRIPT: "application/postscript",
    Language.PWG_RASTER: "image/pwg-raster",
    Language.URF: "image/urf",
    Language.JPEG: "image/jpeg",
    Language.PNG: "image/png",
    Language.TIFF: "image/tiff",
    Language.TEXT: "text/plain",
}
"""What languages are called in IPP, of those that conversions are about."""

NUMBER_UP = (1, 2, 4, 6, 9, 16)
"""Pages on a side that we can lay."""
MOST_COPIES = 999


class Step(IntEnum):
    """How far the options are done here."""

    NOTHING = 0
    PAGE_RANGES = 1
    NUMBER_UP = 2
    COPIES = 3


class NoWay(Exception):
    """The device does not take the document, and nobody can make it into what it takes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`target` is None if the document goes as it is. Of the options, all up to `step` are done here."""

    target: Target | None = None
    step: Step = Step.NOTHING

    @property
    def withheld(self) -> frozenset[str]:
        """The attributes that the device is not told, because they are done."""
        names = frozenset[str]()
        for step, attributes in _ATTRIBUTES.items():
            names |= attributes if step <= self.step else frozenset()
        return names | _OF_RASTER if self.target in (Target.PWG_RASTER, Target.URF) else names

    def here(self, ticket: Ticket) -> Ticket:
        """What of the ticket is done here; the rest is the device's."""
        return replace(
            ticket,
            page_ranges=ticket.page_ranges if self.step >= Step.PAGE_RANGES else (),
            number_up=ticket.number_up if self.step >= Step.NUMBER_UP else 1,
            imposition=ticket.imposition if self.step >= Step.NUMBER_UP else "none",
            copies=ticket.copies if self.step >= Step.COPIES else 1,
        )


AS_IT_IS = Plan()

_ATTRIBUTES = {
    Step.PAGE_RANGES: frozenset({"page-ranges"}),
    Step.NUMBER_UP: frozenset(
        {"number-up", "imposition-template", "presentation-direction-number-up", "print-scaling"}
    ),
    Step.COPIES: frozenset({"copies", "multiple-document-handling"}),
}
_OF_RASTER = frozenset({"orientation-requested", "printer-resolution"})


def plan(
    device: Capabilities,
    asked: TicketPart,
    ticket: Ticket,
    language: Language,
    convertible: Container[Language],
    *,
    claimed_format: str = AUTOMATIC,
) -> Plan:
    """The plan for a job that asks for so much (`asked`), of which with the document's own wishes `ticket` holds.

    `convertible` are the languages that can be made into something else here. Text is converted only for a client
    who calls it that: to a printer's own language it looks like.

    Raises NoWay.
    """
    takes_it = takes(device, language, claimed_format)
    step = missing(device, asked)
    if takes_it and step is Step.NOTHING:
        return AS_IT_IS
    target = target_for(device) if _can_convert(language, convertible, claimed_format) else None
    if target is None:
        if takes_it or AUTOMATIC in device.formats:
            return AS_IT_IS
        raise NoWay(f"The printer does not take {language}, and it cannot be converted to what it takes.")
    step = max(step, _step_of_copies(device, ticket, asked_for_collation=ticket.copies > 1))
    if target is not Target.PDF:
        step = max(step, Step.NUMBER_UP)
    return Plan(target, step)


def missing(device: Capabilities, asked: TicketPart) -> Step:
    """The last step that the device cannot do as asked."""
    if (step := _step_of_copies(device, asked, asked_for_collation=asked.collated is not None)) is Step.COPIES:
        return step
    if not device.lays(asked.number_up or 1) or (asked.imposition == SIGNATURE and not device.signature):
        return Step.NUMBER_UP
    return Step.PAGE_RANGES if asked.page_ranges and not device.page_ranges else Step.NOTHING


def cannot(
    device: Capabilities,
    asked: TicketPart,
    language: Language,
    convertible: Container[Language],
    *,
    claimed_format: str = AUTOMATIC,
) -> tuple[TicketPart, tuple[str, ...]]:
    """What is left of `asked`, and its fields that are left out, because neither device nor we can do them for a
    document of that language. What is left out is neither done nor charged."""
    if target_for(device) is not None and _can_convert(language, convertible, claimed_format):
        return asked, ()
    lacking = {
        "page_ranges": bool(asked.page_ranges) and not device.page_ranges,
        "number_up": not device.lays(asked.number_up or 1),
        "imposition": asked.imposition == SIGNATURE and not device.signature,
        "copies": (asked.copies or 1) > device.most_copies,
    }
    left_out = tuple(field for field, lacks in lacking.items() if lacks)
    return replace(asked, **dict.fromkeys(left_out)), left_out


def target_for(device: Capabilities) -> Target | None:
    """What to convert to for this device; None if it takes nothing that we can make."""
    if Target.PDF in device.formats:
        return Target.PDF
    return next((target for target in (Target.PWG_RASTER, Target.URF) if target in device.rasters), None)


def takes(device: Capabilities, language: Language, claimed_format: str = AUTOMATIC) -> bool:
    """True if the device says so, or says nothing but that it finds out itself."""
    known = device.formats - {AUTOMATIC}
    named = {FORMATS.get(language), claimed_format} - {AUTOMATIC}
    return not known or bool(named & known)


def _can_convert(language: Language, convertible: Container[Language], claimed_format: str) -> bool:
    if language is Language.TEXT and claimed_format.partition(";")[0] != FORMATS[Language.TEXT]:
        return False
    return language in convertible


def _step_of_copies(device: Capabilities, said: Ticket | TicketPart, *, asked_for_collation: bool) -> Step:
    """COPIES if the device cannot make so many, or not in the order asked for."""
    copies = said.copies or 1
    order = UNCOLLATED if said.collated is False else COLLATED
    if copies > device.most_copies or (copies > 1 and asked_for_collation and order not in device.handlings):
        return Step.COPIES
    return Step.NOTHING

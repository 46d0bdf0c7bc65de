"""The job ticket: what the client asked to be done with the pages (RFC 8011 section 5.2, PWG 5100.x)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class SidesKeyword(StrEnum):
    """Values of *sides* (RFC 8011 section 5.2.8)."""

    ONE_SIDED = "one-sided"
    TWO_SIDED_LONG_EDGE = "two-sided-long-edge"
    TWO_SIDED_SHORT_EDGE = "two-sided-short-edge"


SIGNATURE = "signature"
"""The value of *imposition-template* that makes a booklet (PWG 5100.3 section 3)."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The job template attributes that change what comes out; each field carries its IPP attribute's name.

    `copies` is 1 or more, `number_up` pages per impression, `page_ranges` inclusive, in ascending order, and empty
    for all pages. `media` overrides the pages' own size when the client chose one. `collated` is False when all
    copies of a sheet come out together (*multiple-document-handling* = separate-documents-uncollated-copies).
    `imposition` is SIGNATURE for a booklet (*imposition-template*, PWG 5100.3). `finishings` are carried along: they
    do not change which sides there are.
    """

    copies: int = 1
    sides: SidesKeyword = SidesKeyword.ONE_SIDED
    number_up: int = 1
    page_ranges: tuple[tuple[int, int], ...] = ()
    print_color_mode: str = "auto"  # "monochrome" and its kin force grey
    media: str | None = None
    collated: bool = True
    imposition: str = "none"
    finishings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketPart:
    """What one side says of the ticket, None where it is silent: the client by IPP, the document itself, the device.

    The fields are those of Ticket. `finishings` are keywords of the IPP enum (PWG 5100.1: staple, punch, fold ...).
    """

    copies: int | None = None
    sides: SidesKeyword | None = None
    number_up: int | None = None
    page_ranges: tuple[tuple[int, int], ...] | None = None
    print_color_mode: str | None = None
    media: str | None = None
    collated: bool | None = None
    imposition: str | None = None
    finishings: tuple[str, ...] | None = None


SILENT = TicketPart()
"""Says nothing."""


def first_said(*parts: TicketPart) -> TicketPart:
    """Each field from the first of the parts that is not silent about it."""
    return TicketPart(
        **{
            field.name: next((said for part in parts if (said := getattr(part, field.name)) is not None), None)
            for field in fields(TicketPart)
        }
    )

"""One ticket from three voices: what the client asked by IPP, what the document itself sets, what the device does.

For each attribute the first voice that speaks holds, in this order:

1. the client (RFC 8011 section 5.2). That it may overrule the document is *pdl-override-supported* = attempted (RFC
   8011 section 5.4.28); of a device that says *not-attempted*, the document holds against the client;
2. the document: its pages, then what it sets for all of it (Analysis.settings);
3. the device's default (*xxx-default*, RFC 8011 section 5.2: it applies only where nobody else says anything).

Where an attribute's own meaning asks for it, it has a rule of its own:

- *print-color-mode*: a client's `auto` means "as the document has it" (PWG 5100.13), so a document that wants grey is
  grey.
- *copies* and *sides*: what a document sets for single pages is its word on the matter, as well as its settings. A
  client who says how many copies means copies of the whole document: single pages are not multiplied any more.
- *sides* of a booklet (*imposition-template* = signature): two-sided by the short edge, unless somebody says
  otherwise; one-sided is the device's default and not what makes a booklet.

A document's settings beyond reason (no copies, none of its pages on a side) are no settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from everprint.documents.result import Page
from everprint.documents.ticket import SIGNATURE, SILENT, SidesKeyword, Ticket, TicketPart, first_said

AS_THE_DOCUMENT_HAS_IT = "auto"
"""The value of *print-color-mode* that leaves the choice to the document."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What will be done: the ticket, and the pages with what of their own settings still holds.

    `overruled` names, for people, what the document sets and does not get.
    """

    ticket: Ticket
    pages: tuple[Page, ...]
    overruled: tuple[str, ...] = ()


def merge(
    asked: TicketPart,
    document: TicketPart,
    device: Ticket,
    pages: Sequence[Page] = (),
    *,
    document_holds: bool = False,
) -> Merged:
    """The ticket that holds for these pages; `document_holds` for a device whose pdl-override is *not-attempted*."""
    own = _reasonable(document)
    copies_on_pages = any(page.copies != 1 for page in pages)
    sides_on_pages = any(page.sides is not None for page in pages)
    if copies_on_pages and own.copies is None:
        own = replace(own, copies=1)
    client = replace(asked, print_color_mode=None) if asked.print_color_mode == AS_THE_DOCUMENT_HAS_IT else asked
    said = first_said(own, client, asked) if document_holds else first_said(client, own, asked)
    if said.imposition == SIGNATURE and said.sides is None:
        said = replace(said, sides=SidesKeyword.TWO_SIDED_SHORT_EDGE)
    keeps_copies = document_holds or client.copies is None
    keeps_sides = document_holds or client.sides is None
    return Merged(
        ticket=_complete(said, device),
        pages=_settle_pages(pages, keeps_copies or not copies_on_pages, keeps_sides or not sides_on_pages),
        overruled=() if document_holds else tuple(_overruled(client, own, copies_on_pages, sides_on_pages)),
    )


def _reasonable(document: TicketPart) -> TicketPart:
    """The document's settings without those that no printer could follow."""
    if document == SILENT:
        return SILENT
    return replace(
        document,
        copies=document.copies if document.copies and document.copies > 0 else None,
        number_up=document.number_up if document.number_up and document.number_up > 0 else None,
    )


def _complete(said: TicketPart, device: Ticket) -> Ticket:
    heard = {field.name: value for field in fields(Ticket) if (value := getattr(said, field.name)) is not None}
    return replace(device, **heard)


def _settle_pages(pages: Sequence[Page], keeps_copies: bool, keeps_sides: bool) -> tuple[Page, ...]:
    if keeps_copies and keeps_sides:
        return tuple(pages)
    return tuple(
        replace(
            page,
            copies=page.copies if keeps_copies else 1,
            sides=page.sides if keeps_sides else None,
        )
        for page in pages
    )


ATTRIBUTES = {
    "copies": "copies",
    "sides": "sides",
    "number_up": "number-up",
    "page_ranges": "page-ranges",
    "print_color_mode": "print-color-mode",
    "media": "media",
    "collated": "multiple-document-handling",
    "imposition": "imposition-template",
    "finishings": "finishings",
}
"""Fields of a ticket by the IPP attribute that each stands for."""


def _overruled(client: TicketPart, own: TicketPart, copies_on_pages: bool, sides_on_pages: bool) -> list[str]:
    on_pages = {"copies": copies_on_pages, "sides": sides_on_pages}
    found = []
    for field, name in ATTRIBUTES.items():
        asked, set_by_document = getattr(client, field), getattr(own, field)
        if asked is None:
            continue
        if on_pages.get(field):
            found.append(f"the document sets {name} for single pages; the job asks for {asked}, which holds")
        elif set_by_document is not None and set_by_document != asked:
            found.append(f"the document sets {name} to {set_by_document}; the job asks for {asked}, which holds")
    return found

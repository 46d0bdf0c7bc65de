"""From the print tickets around each page of an XPS package to what the document sets for all of it and for pages.

For each page the nearest ticket that speaks is heard: the page's, its document's, the job's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from everprint.documents.imposition import FORCE_GREY
from everprint.documents.result import Page
from everprint.documents.ticket import SidesKeyword, TicketPart
from everprint.documents.xps_ticket import PrintTicket

T = TypeVar("T")
Tickets = tuple[PrintTicket, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """The pages with what is set for each, what is set for all, and what cannot be told."""

    pages: tuple[Page, ...]
    settings: TicketPart
    doubts: tuple[str, ...]


def begins_a_sheet(document: PrintTicket, job: PrintTicket) -> bool:
    """Whether the document's first page comes on a new sheet: DocumentDuplex, and not the job's contiguous duplex."""
    if document.job_sides or job.job_sides:
        return False
    return (document.document_sides or job.document_sides) is not None


def say(tickets: Sequence[Tickets], pages: Sequence[Page]) -> Said:
    """`tickets` are those of each page, the nearest first."""
    doubts: list[str] = []
    sides = _each(tickets, _sides)
    modes = _each(tickets, lambda ticket: ticket.colour_mode)
    media = _each(tickets, lambda ticket: ticket.media)
    page_copies = _each(tickets, lambda ticket: ticket.copies("PageCopies"))
    document_copies = _each(tickets, lambda ticket: ticket.copies("DocumentCopiesAllPages"))
    job_copies = _each(tickets, lambda ticket: ticket.copies("JobCopiesAllDocuments"))[0]
    copies = job_copies
    if _one(document_copies) is None and any(document_copies):
        doubts.append("its documents ask for different copies: their order is a guess")
        page_copies = [(own or 1) * (whole or 1) for own, whole in zip(page_copies, document_copies, strict=True)]
    elif document_copies[0]:
        copies = document_copies[0] * (job_copies or 1)
    settings = TicketPart(
        copies=copies,
        sides=_one(sides),
        number_up=_same(tickets, lambda ticket: ticket.number_up, "pages per sheet", doubts),
        print_color_mode=_one(modes),
        media=_one(media),
        collated=_same(tickets, lambda ticket: ticket.collated, "collating", doubts),
        finishings=_same(tickets, lambda ticket: ticket.finishings, "finishings", doubts),
    )
    return Said(
        tuple(
            replace(
                page,
                media=(media[at] if settings.media is None else None) or page.media,
                colour=page.colour and (settings.print_color_mode is not None or modes[at] not in FORCE_GREY),
                copies=page_copies[at] or 1,
                sides=sides[at] if settings.sides is None else None,
            )
            for at, page in enumerate(pages)
        ),
        settings,
        tuple(doubts),
    )


def _sides(ticket: PrintTicket) -> SidesKeyword | None:
    return ticket.job_sides or ticket.document_sides


def _each(tickets: Sequence[Tickets], ask: Callable[[PrintTicket], T | None]) -> list[T | None]:
    return [next((said for ticket in around if (said := ask(ticket)) is not None), None) for around in tickets]


def _one(answers: Sequence[T | None]) -> T | None:
    """The answer if it is the same everywhere."""
    return answers[0] if all(answer == answers[0] for answer in answers) else None


def _same(
    tickets: Sequence[Tickets], ask: Callable[[PrintTicket], T | None], name: str, doubts: list[str]
) -> T | None:
    """For what cannot be set page by page."""
    answers = _each(tickets, ask)
    if _one(answers) is None and any(answer is not None for answer in answers):
        doubts.append(f"its documents ask for different {name}")
        return next(answer for answer in answers if answer is not None)
    return answers[0]

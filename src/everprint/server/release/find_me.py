"""Find-Me: a job that was sent to a queue without a printer is released at whichever printer its owner stands at.

What a printer cannot do is said before: what its Print Provider told of it is compared with what the job asks for and
what analysis found. The price that is shown is the one there; it is decided there, by the rules of that printer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from django.db.models import QuerySet

from everprint.contract.device_uris import FIND_ME
from everprint.contract.messages import Abilities, DocumentSummary
from everprint.contract.pricing import for_person
from everprint.contract.quote import Unprintable, quote
from everprint.documents.media import media_label
from everprint.documents.ticket import SidesKeyword
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible
from everprint.server.jobs.redirection import order_release_at, targets_of
from everprint.server.languages import marked as _
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.printers.terms import costs_of_printer, percent_of


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something of a job that a printer cannot do, in words with at most one value in them."""

    words: str
    what: str = ""

    def __str__(self) -> str:
        return self.words % {"what": self.what}


@dataclass(frozen=True, slots=True)
class Place:
    """A printer where a Find-Me job could be released: why it cannot be there (empty: it can), and what it costs."""

    printer: Printer
    misfits: tuple[Misfit, ...]
    cost: Decimal | None  # None if its pages are not known


def printers_for(job: Job) -> QuerySet[Printer]:
    """The printers that jobs of its Find-Me queue are released at, of every Print Provider that can have it."""
    return targets_of(job.printer).filter(find_me_target=True).exclude(device_uri=FIND_ME)


def places_for(job: Job, printers: Iterable[Printer]) -> list[Place]:
    """The same as places, for those of the printers."""
    percent = percent_of(job.owner_id)
    found = []
    for printer in printers:
        misfits = misfits_of(job, printer)
        found.append(Place(printer, misfits, None if misfits else _cost(job, printer, percent)))
    return found


def misfits_of(job: Job, printer: Printer) -> tuple[Misfit, ...]:
    """What of the job the printer cannot do; nothing if it can do all of it."""
    if printer.abilities is None:
        return (Misfit(_("its Print Provider did not say yet what it can do")),)
    can = msgspec.convert(printer.abilities, Abilities)
    found = []
    if job.document_format not in can.document_formats:
        found.append(Misfit(_("it does not print %(what)s"), job.document_format))
    if job.sides != SidesKeyword.ONE_SIDED and not can.two_sided:
        found.append(Misfit(_("it prints on one side only")))
    output = None if job.document is None else msgspec.convert(job.document, DocumentSummary).output
    if output is not None:
        if output.colour_impressions and not can.colour:
            found.append(Misfit(_("it prints no colour")))
        missing = sorted({kind.media for kind in output.sides} - {*can.media})
        found += [Misfit(_("it has no %(what)s"), media_label(one)) for one in missing]
    return tuple(found)


def release_at(job: Job, printer: Printer, actor: User, *, pin: str = "") -> None:
    """Lets the job of a Find-Me queue be printed there; one that was sent with a PIN, with it.

    Raises NotYours, NotPossible.
    """
    if not job.printer.is_find_me:
        words = _("job %(job)s is released where it waits, at %(printer)s")
        raise NotPossible(words, job=job.number, printer=job.printer.name)
    if not printers_for(job).filter(pk=printer.pk).exists():
        words = _("jobs of %(queue)s are not released at %(printer)s")
        raise NotPossible(words, queue=job.printer.name, printer=printer.name)
    if misfits := misfits_of(job, printer):
        words = _("%(printer)s cannot print job %(job)s: %(misfits)s")
        raise NotPossible(words, printer=printer.name, job=job.number, misfits=", ".join(map(str, misfits)))
    order_release_at(job, printer, actor, pin=pin)


def _cost(job: Job, printer: Printer, percent: Decimal) -> Decimal | None:
    if job.document is None:
        return None
    document = msgspec.convert(job.document, DocumentSummary)
    if document.output is None:
        return None
    try:
        return quote(document, for_person(costs_of_printer(printer.pk), percent), printer.unknown_pages, printer.name)
    except Unprintable:
        return None

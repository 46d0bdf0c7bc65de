"""Reads what a job asks for (job template attributes, RFC 8011 section 5.2) against what this printer can do.

What it cannot do is named: with *ipp-attribute-fidelity* the job is refused, without it goes on without that. Where
the job is silent the document is asked (documents.merge), as by any printer whose *pdl-override* is attempted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.documents.merge import merge
from everprint.documents.ticket import SILENT, SidesKeyword, Ticket, TicketPart
from everprint.ipp.errors import BadValue
from everprint.ipp.finishings import finishing_keyword
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Attribute, Group
from everprint.virtual_printer.model import Model
from everprint.virtual_printer.paper import paper_asked_for

UNCOLLATED = "separate-documents-uncollated-copies"
DEFAULTS = Ticket()
"""What this printer does where nobody says anything (its *xxx-default* attributes)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a job asked for: what will be done, and what cannot be."""

    ticket: Ticket
    accepted: tuple[Attribute, ...]
    unsupported: tuple[Attribute, ...]
    hold: bool


def read_wish(job: Group, model: Model, printer: Mapping[str, Attribute]) -> Wish:
    """The job attributes of a request, checked against the printer's attributes (by name).

    Raises BadValue for a value that is of the wrong syntax.
    """
    checked = check_job_template(job, printer)
    done = Group(job.tag, checked.supported)
    ticket = merge(read_asked(done, model), SILENT, DEFAULTS).ticket
    return Wish(ticket, checked.supported, checked.unsupported, is_held(done))


def read_asked(job: Group, model: Model) -> TicketPart:
    """What the accepted attributes of a job say; silent where they say nothing."""
    media = job.string("media")
    for media_col in job.collections("media-col"):
        paper = paper_asked_for(media_col, model.supported)
        media = paper.name if paper else media
    sides = job.string("sides")
    handling = job.string("multiple-document-handling")
    return TicketPart(
        copies=job.integer("copies"),
        sides=None if sides is None else SidesKeyword(sides),
        number_up=job.integer("number-up"),
        page_ranges=_page_ranges(job) or None,
        print_color_mode=job.string("print-color-mode"),
        media=media,
        collated=None if handling is None else handling != UNCOLLATED,
        imposition=job.string("imposition-template"),
        finishings=tuple(finishing_keyword(value) for value in job.integers("finishings")) or None,
    )


def _page_ranges(group: Group) -> tuple[tuple[int, int], ...]:
    last = 0
    for pages in group.ranges("page-ranges"):
        if pages.lower <= last:
            raise BadValue("page-ranges", "ranges must begin at 1 or more, ascend and not overlap")
        last = pages.upper
    return tuple((pages.lower, pages.upper) for pages in group.ranges("page-ranges"))


def is_held(group: Group) -> bool:
    """True if the job waits for its release (*job-hold-until*)."""
    return group.string("job-hold-until") == "indefinite"

"""Reads what a job asks for (job template attributes, RFC 8011 section 5.2) against what this printer can do.

What it cannot do is named: with *ipp-attribute-fidelity* the job is refused, without it goes on without that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.ipp.errors import BadValue
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Attribute, Group
from everprint.virtual_printer.model import Model
from everprint.virtual_printer.paper import paper_asked_for

UNCOLLATED = "separate-documents-uncollated-copies"


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
    return Wish(_ticket(done, model), checked.supported, checked.unsupported, is_held(done))


def _ticket(group: Group, model: Model) -> Ticket:
    media = group.string("media")
    for media_col in group.collections("media-col"):
        paper = paper_asked_for(media_col, model.supported)
        media = paper.name if paper else media
    return Ticket(
        copies=group.integer("copies") or 1,
        sides=SidesKeyword(group.string("sides") or SidesKeyword.ONE_SIDED),
        number_up=group.integer("number-up") or 1,
        page_ranges=_page_ranges(group),
        print_color_mode=group.string("print-color-mode") or "auto",
        media=media,
        collated=group.string("multiple-document-handling") != UNCOLLATED,
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

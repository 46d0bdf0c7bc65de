"""From job template attributes to the ticket: what of a job's options changes the paper that comes out."""

from __future__ import annotations

from everprint.contract.limits import MOST_NUMBER_UP
from everprint.documents.media import media_name, media_size
from everprint.documents.merge import merge
from everprint.documents.ticket import SILENT, SidesKeyword, Ticket, TicketPart
from everprint.ipp.errors import BadValue
from everprint.ipp.finishings import finishing_keyword
from everprint.ipp.message import Group
from everprint.ipp.values import MAX_INTEGER, Collection


def read_asked(job: Group) -> TicketPart:
    """What a job whose attributes were found supported asks for; silent where it says nothing.

    Raises BadValue for an attribute of the wrong syntax.
    """
    sides = job.string("sides")
    handling = job.string("multiple-document-handling")
    ranges = tuple((pages.lower, pages.upper) for pages in job.ranges("page-ranges"))
    return TicketPart(
        copies=_count(job, "copies", MAX_INTEGER),
        sides=None if sides is None else SidesKeyword(sides),
        number_up=_count(job, "number-up", MOST_NUMBER_UP),
        page_ranges=ranges or None,
        print_color_mode=job.string("print-color-mode"),
        media=_media(job),
        collated=None if handling is None else handling != "separate-documents-uncollated-copies",
        imposition=job.string("imposition-template"),
        finishings=_finishings(job),
    )


def read_ticket(job: Group, default: Ticket) -> Ticket:
    """What is known before the document is: what the job asks for, and where it is silent what the device does.

    Raises BadValue as read_asked() does.
    """
    return merge(read_asked(job), SILENT, default).ticket


def _finishings(job: Group) -> tuple[str, ...] | None:
    values = tuple(value for value in job.values("finishings") if isinstance(value, int))
    return tuple(finishing_keyword(value) for value in values) or None


def _count(job: Group, attribute: str, most: int) -> int | None:
    """Whatever a device says that it supports, there is no job of less than one."""
    number = job.integer(attribute)
    if number is not None and not 1 <= number <= most:
        raise BadValue(attribute, f"is {number}, expected 1 to {most}")
    return number


def _media(job: Group) -> str | None:
    """The self-describing name of the paper that the job asks for (PWG 5101.1), from *media* or *media-col*."""
    name = job.string("media")
    if name is not None:
        return name if media_size(name) is not None else None
    for media_col in job.collections("media-col"):
        size = media_col.get("media-size")
        if size is not None and isinstance(size.value, Collection):
            return _name_of_size(size.value)
    return None


def _name_of_size(size: Collection) -> str | None:
    """*x-dimension* and *y-dimension* are hundredths of a millimetre (PWG 5100.7 section 6.9.49)."""
    edges = [member.value for name in ("x-dimension", "y-dimension") if (member := size.get(name)) is not None]
    if len(edges) != 2 or not all(isinstance(edge, int) for edge in edges):
        return None
    width, height = (edge / 100 for edge in edges if isinstance(edge, int))
    try:
        return media_name(width, height)
    except ValueError:
        return None

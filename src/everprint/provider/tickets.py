"""From job template attributes to the ticket: what of a job's options changes the paper that comes out."""

from __future__ import annotations

from everprint.contract.limits import MOST_NUMBER_UP
from everprint.documents.media import media_name, media_size
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Group
from everprint.ipp.values import MAX_INTEGER, Collection


def read_ticket(job: Group, default: Ticket) -> Ticket:
    """The ticket of a job whose attributes were found supported; what it leaves out is what the device does.

    Raises BadValue for an attribute of the wrong syntax.
    """
    sides = job.string("sides")
    handling = job.string("multiple-document-handling")
    return Ticket(
        copies=_count(job, "copies", MAX_INTEGER) or default.copies,
        sides=default.sides if sides is None else SidesKeyword(sides),
        number_up=_count(job, "number-up", MOST_NUMBER_UP) or default.number_up,
        page_ranges=tuple((pages.lower, pages.upper) for pages in job.ranges("page-ranges")),
        print_color_mode=job.string("print-color-mode") or default.print_color_mode,
        media=_media(job),
        collated=default.collated if handling is None else handling != "separate-documents-uncollated-copies",
    )


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

"""Options for the job ticket: what a client would ask for by IPP, to see what would come out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

import click

from everprint.documents.media import STANDARD, media_size
from everprint.documents.ticket import SidesKeyword, TicketPart

F = TypeVar("F", bound=Callable[..., Any])

COLOUR_MODES = (
    "auto",
    "color",
    "monochrome",
    "auto-monochrome",
    "process-monochrome",
    "bi-level",
    "process-bi-level",
)
PageRanges = tuple[tuple[int, int], ...]

_BY_LABEL = {label.casefold(): name for name, label in STANDARD.items()}
_MOST = 1_000_000_000


class TicketOptions(TypedDict):
    """As the command gets them; None for what is not given."""

    copies: int | None
    sides: str | None
    number_up: int | None
    page_ranges: PageRanges | None
    print_color_mode: str | None
    media: str | None
    collated: bool | None


class _PageRanges(click.ParamType[PageRanges]):
    """`1-3,7,12-`, ascending."""

    name = "page-ranges"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> PageRanges:
        ranges: list[tuple[int, int]] = []
        for piece in value.split(","):
            found = re.fullmatch(r"\s*(\d{1,9})\s*(?:(-)\s*(\d{1,9})?)?\s*", piece)
            first = int(found[1]) if found else 0
            last = (int(found[3]) if found[3] else _MOST if found[2] else first) if found else 0
            if first < 1 or last < first or (ranges and first <= ranges[-1][1]):
                self.fail(f"{value!r} is not a list of ascending ranges such as 1-3,7,12-", param, ctx)
            ranges.append((first, last))
        return tuple(ranges)


class _Media(click.ParamType[str]):
    """A self-describing name (PWG 5101.1), or what people call the paper."""

    name = "media"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = _BY_LABEL.get(value.casefold(), value)
        if media_size(name) is None:
            self.fail(f"{value!r} is no paper: write A4, Letter or a name such as iso_a4_210x297mm", param, ctx)
        return name


_OPTIONS = (
    click.option("--copies", type=click.IntRange(1, _MOST), help="How many copies the client would ask for."),
    click.option(
        "--sides",
        type=click.Choice([sides.value for sides in SidesKeyword]),
        help="On one side of the paper or both.",
    ),
    click.option("--number-up", type=click.IntRange(1, 1000), help="Pages on one side of a sheet."),
    click.option("--page-ranges", type=_PageRanges(), help="Only these pages, such as 1-3,7,12- (to the end)."),
    click.option("--print-color-mode", type=click.Choice(COLOUR_MODES), help="Whether colour is printed."),
    click.option(
        "--media", type=_Media(), help="The paper to print on: A4, Letter, or a PWG name such as iso_a4_210x297mm."
    ),
    click.option(
        "--collate/--no-collate",
        "collated",
        default=None,
        help="Copies one after the other, or all copies of each sheet together.",
    ),
)


def ticket_options(command: F) -> F:
    """Adds them; the command takes them as keywords, and asked_for() makes a ticket of these."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked_for(options: TicketOptions) -> TicketPart:
    """What the client would say; None where the option is not given."""
    sides = options["sides"]
    return TicketPart(
        copies=options["copies"],
        sides=SidesKeyword(sides) if sides else None,
        number_up=options["number_up"],
        page_ranges=options["page_ranges"],
        print_color_mode=options["print_color_mode"],
        media=options["media"],
        collated=options["collated"],
    )

"""The paper a printer takes, and how IPP describes it (*media* and *media-col*, PWG 5100.7 and 5101.1).

Lengths in IPP are hundredths of a millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass

from everprint.documents.media import media_label, media_size
from everprint.ipp.message import Attribute, collection, integer, keyword
from everprint.ipp.values import Collection

# 4.23 mm, the unprintable edge of most laser printers.
MARGIN = 423

# Short names for the command line, in the order in which a printer lists its paper.
SHORT_NAMES = {
    "a4": "iso_a4_210x297mm",
    "a5": "iso_a5_148x210mm",
    "a6": "iso_a6_105x148mm",
    "b5": "iso_b5_176x250mm",
    "letter": "na_letter_8.5x11in",
    "legal": "na_legal_8.5x14in",
    "executive": "na_executive_7.25x10.5in",
    "4x6": "na_index-4x6_4x6in",
    "dl": "iso_dl_110x220mm",
    "a3": "iso_a3_297x420mm",
    "tabloid": "na_ledger_11x17in",
}
BIG = frozenset({"a3", "tabloid"})


@dataclass(frozen=True, slots=True)
class Paper:
    """One size that fits."""

    name: str  # self-describing, PWG 5101.1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as it is fed, short edge first."""
        edges = media_size(self.name)
        assert edges is not None, self.name
        return round(edges[0] * 100), round(edges[1] * 100)

    @property
    def label(self) -> str:
        """What people call it."""
        return media_label(self.name)


def papers_of(loaded: tuple[str, ...]) -> tuple[Paper, ...]:
    """Every size that fits a printer with these (short names) in its trays; only a big one takes the big ones."""
    big = bool(BIG & set(loaded))
    return tuple(Paper(name) for short, name in SHORT_NAMES.items() if big or short not in BIG)


def media_size_of(paper: Paper) -> tuple[Attribute, ...]:
    """The members of *media-size*."""
    width, height = paper.size
    return integer("x-dimension", width), integer("y-dimension", height)


def media_col(paper: Paper, source: str | None = None) -> tuple[Attribute, ...]:
    """The members of a *media-col* value; with its tray if it lies in one."""
    members = (
        collection("media-size", media_size_of(paper)),
        keyword("media-size-name", paper.name),
        keyword("media-type", "stationery"),
        integer("media-bottom-margin", MARGIN),
        integer("media-left-margin", MARGIN),
        integer("media-right-margin", MARGIN),
        integer("media-top-margin", MARGIN),
    )
    return (*members, keyword("media-source", source)) if source else members


def paper_asked_for(media_col: Collection, papers: tuple[Paper, ...]) -> Paper | None:
    """The paper that a *media-col* means, by its name or by its size; None if this printer has none such."""
    asked_name = media_col.get("media-size-name")
    if asked_name is not None:
        return next((paper for paper in papers if paper.name == asked_name.value), None)
    size = media_col.get("media-size")
    if size is None or not isinstance(size.value, Collection):
        return None
    width, height = (size.value.get(edge) for edge in ("x-dimension", "y-dimension"))
    if width is None or height is None:
        return None
    asked = (width.value, height.value)
    return next((paper for paper in papers if asked in (paper.size, paper.size[::-1])), None)

"""What PJL sets for the documents after it (`@PJL SET COPIES=2`), as parts of the job ticket.

PJL Technical Reference Manual, chapter 6, and what drivers of other makers send. QTY prints the whole job so many
times; COPIES prints each page so many times, as PCL's own command does.
"""

from __future__ import annotations

from everprint.documents.media import MM_PER_POINT, media_name, media_size
from everprint.documents.ticket import SidesKeyword, TicketPart

MOST_COPIES = 32_767

_PAPER = {
    "LETTER": "na_letter_8.5x11in",
    "LEGAL": "na_legal_8.5x14in",
    "EXECUTIVE": "na_executive_7.25x10.5in",
    "LEDGER": "na_ledger_11x17in",
    "TABLOID": "na_ledger_11x17in",
    "11X17": "na_ledger_11x17in",
    "STATEMENT": "na_invoice_5.5x8.5in",
    "FOOLSCAP": "na_foolscap_8.5x13in",
    "8.5X13": "na_foolscap_8.5x13in",
    "A0": "iso_a0_841x1189mm",
    "A1": "iso_a1_594x841mm",
    "A2": "iso_a2_420x594mm",
    "A3": "iso_a3_297x420mm",
    "A4": "iso_a4_210x297mm",
    "A5": "iso_a5_148x210mm",
    "A6": "iso_a6_105x148mm",
    "JISB4": "jis_b4_257x364mm",
    "JISB5": "jis_b5_182x257mm",
    "JISB6": "jis_b6_128x182mm",
    "B5": "iso_b5_176x250mm",
    "JPOST": "jpn_hagaki_100x148mm",
    "JPOSTD": "jpn_oufuku_148x200mm",
    "COM10": "na_number-10_4.125x9.5in",
    "MONARCH": "na_monarch_3.875x7.5in",
    "DL": "iso_dl_110x220mm",
    "C5": "iso_c5_162x229mm",
    "C6": "iso_c6_114x162mm",
}

_OFF = frozenset({"OFF", "NONE", "NO", "FALSE", "0"})
_GREY_MODES = frozenset({"GRAYSCALE", "GREYSCALE", "MONO", "MONOCHROME", "BLACK", "BLACKANDWHITE", "BW"})
_COLOUR_MODES = frozenset({"COLOR", "COLOUR", "FULLCOLOR", "AUTO", "RGB", "CMYK"})
_NUMBER_UP = frozenset({"NUP", "NUMBERUP", "PAGESPERSHEET", "PAGESPERSIDE"})
_PREPARED_BY_PRINTER = frozenset({"BOOKLET", "IMPOSE", "IMPOSITION", "WATERMARK", "BANNERPAGE", "BANNER"})

_FINISHINGS = {"staple": ("STAPLE", "STAPLING"), "punch": ("PUNCH", "HOLEPUNCH"), "fold": ("FOLD",)}


def ticket_part(variables: dict[str, str]) -> tuple[TicketPart, int, tuple[str, ...]]:
    """What the variables set, how many times the whole job is to come, and what could not be followed.

    Names and values are in capitals. A value that cannot be is as if it were not set, as printers do.
    """
    copies = _copies(variables.get("COPIES"))
    doubts = [
        f"its PJL header sets {name}, which is not followed"
        for name in sorted(_PREPARED_BY_PRINTER & variables.keys())
        if variables[name] not in _OFF
    ]
    part = TicketPart(
        copies=copies,
        collated=False if copies is not None and copies > 1 else None,
        sides=_sides(variables),
        number_up=_number_up(variables),
        print_color_mode=_colour_mode(variables),
        media=_media(variables),
        finishings=_finishings(variables),
    )
    return part, _copies(variables.get("QTY")) or 1, tuple(doubts)


def _copies(value: str | None) -> int | None:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
        return None
    return min(int(value), MOST_COPIES) or None


def _sides(variables: dict[str, str]) -> SidesKeyword | None:
    duplex = variables.get("DUPLEX")
    if duplex is None:
        return None
    if duplex in _OFF or duplex == "SIMPLEX":
        return SidesKeyword.ONE_SIDED
    binding = duplex if duplex not in ("ON", "DUPLEX", "TRUE") else variables.get("BINDING", "LONGEDGE")
    return SidesKeyword.TWO_SIDED_SHORT_EDGE if "SHORT" in binding else SidesKeyword.TWO_SIDED_LONG_EDGE


def _number_up(variables: dict[str, str]) -> int | None:
    for name in sorted(_NUMBER_UP & variables.keys()):
        pages = _copies(variables[name])
        if pages is not None:
            return min(pages, 64)
    return None


def _colour_mode(variables: dict[str, str]) -> str | None:
    for name in ("RENDERMODE", "COLORMODE", "PRINTCOLORMODE"):
        mode = variables.get(name, "").replace(" ", "")
        if mode in _GREY_MODES:
            return "monochrome"
        if mode in _COLOUR_MODES:
            grey = variables.get("GRAYSCALE", "OFF")
            return "monochrome" if grey not in _OFF else "auto"
    if variables.get("GRAYSCALE", "OFF") not in _OFF:
        return "monochrome"
    return "monochrome" if variables.get("PLANESINUSE") == "1" else None


def _media(variables: dict[str, str]) -> str | None:
    for name in ("PAPER", "MEDIASIZE", "PAPERSIZE"):
        said = variables.get(name)
        if said is None:
            continue
        if media_size(said.lower()) is not None:
            return said.lower()
        if (known := _PAPER.get(said.replace(" ", "").replace("-", ""))) is not None:
            return known
    return _custom(variables.get("PAPERWIDTH"), variables.get("PAPERLENGTH"))


def _custom(width: str | None, length: str | None) -> str | None:
    """The name of a paper whose edges are given in tenths of a point."""
    edges = [int(edge) / 10 * MM_PER_POINT for edge in (width, length) if edge and edge.isdecimal() and len(edge) < 9]
    try:
        return media_name(edges[0], edges[1]) if len(edges) == 2 else None
    except ValueError:
        return None


def _finishings(variables: dict[str, str]) -> tuple[str, ...] | None:
    wanted = []
    finish = variables.get("FINISH", "")
    for keyword, names in _FINISHINGS.items():
        said = [variables[name] for name in names if name in variables and variables[name] not in _OFF]
        if said or keyword.upper() in finish:
            wanted.append(keyword)
    return tuple(wanted) or None

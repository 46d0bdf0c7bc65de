"""What the catalog of a PDF says beside its pages: how it wants to be printed, and what may keep it from being so.

ViewerPreferences (ISO 32000-2 section 12.2) are the document's own job ticket. Duplex, NumCopies and PrintPageRange
change what comes out. PrintScaling only fits the page to the paper, and PickTrayByPDFSize is about the page's own
size, which we take in any case.
"""

from __future__ import annotations

from dataclasses import dataclass

import pikepdf

from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart

_DUPLEX = {
    "/Simplex": SidesKeyword.ONE_SIDED,
    "/DuplexFlipLongEdge": SidesKeyword.TWO_SIDED_LONG_EDGE,
    "/DuplexFlipShortEdge": SidesKeyword.TWO_SIDED_SHORT_EDGE,
}

_MOST_RANGES = 10_000


@dataclass(frozen=True, slots=True)
class Catalog:
    """The document's settings, and what there is to remark or to doubt for all of its pages."""

    settings: TicketPart = SILENT
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


NOTHING_SAID = Catalog()


def read_catalog(pdf: pikepdf.Pdf) -> Catalog:
    """What it says, as far as it makes sense. Raises what pikepdf raises for what cannot be read."""
    remarks, doubts = list[str](), list[str]()
    settings = _settings(_dictionary(pdf.Root.get("/ViewerPreferences")), remarks)
    if pdf.is_encrypted and not (pdf.allow.print_lowres or pdf.allow.print_highres):
        remarks.append("its author allows no printing: a printer may refuse it")
    _look_at_form(pdf, remarks, doubts)
    return Catalog(settings, tuple(remarks), tuple(doubts))


def _settings(preferences: pikepdf.Dictionary, remarks: list[str]) -> TicketPart:
    wanted = preferences.get("/NumCopies")
    copies = _positive(wanted)
    duplex = preferences.get("/Duplex")
    sides = _DUPLEX.get(str(duplex)) if isinstance(duplex, pikepdf.Name) else None
    ranges = preferences.get("/PrintPageRange")
    page_ranges = _page_ranges(ranges) if isinstance(ranges, pikepdf.Array) else None
    for name, value, understood in (
        ("NumCopies", wanted, copies),
        ("Duplex", duplex, sides),
        ("PrintPageRange", ranges, page_ranges),
    ):
        if value is not None and understood is None:
            remarks.append(f"its {name} preference makes no sense and is left out")
    return TicketPart(copies=copies, sides=sides, page_ranges=page_ranges)


def _page_ranges(numbers: pikepdf.Array) -> tuple[tuple[int, int], ...] | None:
    """Pairs of first and last page, in ascending order; None if they are anything else."""
    if not 0 < len(numbers) <= 2 * _MOST_RANGES or len(numbers) % 2:
        return None
    values = [value for number in numbers if (value := _positive(number)) is not None]
    if len(values) != len(numbers):
        return None
    pairs = sorted(zip(values[::2], values[1::2], strict=True))
    return tuple(pairs) if all(first <= last for first, last in pairs) else None


def _look_at_form(pdf: pikepdf.Pdf, remarks: list[str], doubts: list[str]) -> None:
    form = _dictionary(pdf.Root.get("/AcroForm"))
    fields = form.get("/Fields")
    if "/XFA" in form:
        remarks.append("it holds an XFA form; counted is what is printed where XFA is not known")
    if _is_true(pdf.Root.get("/NeedsRendering")):
        doubts.append("it is a dynamic XFA form: its pages are made by whoever prints it")
    if _is_true(form.get("/NeedAppearances")) and isinstance(fields, pikepdf.Array) and len(fields):
        doubts.append("it leaves it to the printer to draw its form fields")


def _positive(thing: object) -> int | None:
    """A whole number of 1 or more; anything else is None. pikepdf gives numbers and booleans as Python's own."""
    return thing if isinstance(thing, int) and not isinstance(thing, bool) and thing > 0 else None


def _is_true(thing: object) -> bool:
    return thing is True


def _dictionary(thing: object) -> pikepdf.Dictionary:
    return thing if isinstance(thing, pikepdf.Dictionary) else pikepdf.Dictionary()

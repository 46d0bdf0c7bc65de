"""Documents made into what a device takes, read back by other readers than wrote them."""

from __future__ import annotations

import asyncio
import ctypes
import random
import sys
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from everprint.documents.analyse import analyse
from everprint.documents.conversion import drawing
from everprint.documents.conversion.convert import convert
from everprint.documents.conversion.converter import Converter
from everprint.documents.conversion.packing import Packer
from everprint.documents.conversion.task import (
    Conversion,
    ConversionFailed,
    Edges,
    Pixel,
    Raster,
    Scaling,
    SheetBack,
    Target,
)
from everprint.documents.pwg_raster import draw_page
from everprint.documents.result import Confidence
from everprint.documents.source import Source
from everprint.documents.ticket import SIGNATURE, SidesKeyword, Ticket
from tests.documents.raster_writer import packed_rows

EXAMPLES = Path(__file__).parents[1] / "data" / "ipptool"
DPI = 30
LONG, SHORT = SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE
A4_MEDIA = "iso_a4_210x297mm"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pages, with a square in the upper left corner: black, on page 2 red. The pages say their numbers."""
    path = tmp_path_factory.mktemp("conversion") / "document.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for number in range(1, 6):
        canvas.setFillColorRGB(*((1, 0, 0) if number == 2 else (0, 0, 0)))
        canvas.rect(36, A4[1] - 144, 108, 108, fill=1, stroke=0)
        canvas.drawString(300, 400, f"page {number}")
        canvas.showPage()
    canvas.save()
    return path


def conversion(path: Path, target: Target, ticket: Ticket = Ticket(), **others: object) -> Conversion:  # noqa: B008
    found = analyse(path)
    raster = None if target is Target.PDF else Raster((DPI, DPI), Pixel.SRGB_8)
    made = Conversion(
        language=found.language, target=target, pages=found.pages, ticket=ticket, papers={}, raster=raster
    )
    return replace_in(made, **others)


def replace_in(made: Conversion, **others: object) -> Conversion:
    fields = {name: getattr(made, name) for name in made.__struct_fields__}
    return Conversion(**(fields | others))


def converted(path: Path, to: Path, wanted: Conversion) -> Path:
    to.write_bytes(b"".join(convert(path, wanted)))
    return to


def corner(made: Path, number: int) -> tuple[bool, bool]:
    """In which half of the side its square is: right, and low."""
    grey = np.asarray(draw_page(Source.whole(made), number, DPI).convert("L"))
    dark = np.argwhere(grey < 128).mean(axis=0)
    return bool(dark[1] > grey.shape[1] / 2), bool(dark[0] > grey.shape[0] / 2)


@pytest.mark.parametrize("target", [Target.PWG_RASTER, Target.URF])
def test_every_page_is_there_in_its_colour(document: Path, tmp_path: Path, target: Target) -> None:
    made = analyse(converted(document, tmp_path / "made", conversion(document, target)))
    assert made.confidence is Confidence.EXACT and not made.remarks
    assert [page.colour for page in made.pages] == [False, True, False, False, False]
    assert {page.media for page in made.pages} == {A4_MEDIA}


@pytest.mark.parametrize(
    ("ticket", "pages", "colours"),
    [
        (Ticket(page_ranges=((2, 3), (5, 9))), 3, 1),
        (Ticket(number_up=2), 3, 1),
        (Ticket(number_up=4, print_color_mode="monochrome"), 2, 0),
        (Ticket(copies=2), 10, 2),
        (Ticket(copies=2, collated=False), 10, 2),
        # Each copy begins on a new sheet: the first one ends with an empty back.
        (Ticket(copies=2, sides=LONG), 11, 2),
        (Ticket(imposition=SIGNATURE, sides=SHORT), 4, 1),
    ],
)
@pytest.mark.parametrize("target", [Target.PWG_RASTER, Target.PDF])
def test_options(document: Path, tmp_path: Path, target: Target, ticket: Ticket, pages: int, colours: int) -> None:
    made = analyse(converted(document, tmp_path / "made", conversion(document, target, ticket)))
    assert len(made.pages) == pages
    if target is not Target.PDF:  # whose colours are the device's affair
        assert sum(page.colour for page in made.pages) == colours
        assert made.settings.sides == (None if ticket.sides is SidesKeyword.ONE_SIDED else ticket.sides)


def test_a_pdf_keeps_its_pages_and_loses_its_wishes(document: Path, tmp_path: Path) -> None:
    wishing = tmp_path / "wishing.pdf"
    with pikepdf.open(document) as pdf:
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(NumCopies=3, Duplex=pikepdf.Name.DuplexFlipLongEdge)
        pdf.save(wishing)
    ticket = Ticket(page_ranges=((4, 5),), copies=2)
    made = converted(wishing, tmp_path / "made.pdf", conversion(wishing, Target.PDF, ticket))
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made)]
    assert [text.strip() for text in pages] == ["page 4", "page 5", "page 4", "page 5"]
    assert analyse(made).settings.copies is None


def test_several_pages_on_a_side_in_reading_order(document: Path, tmp_path: Path) -> None:
    made = converted(document, tmp_path / "made.pdf", conversion(document, Target.PDF, Ticket(number_up=4)))
    page = pypdfium2.PdfDocument(made)[0]
    width, height = page.get_size()
    text = page.get_textpage()
    places = {}
    for number in (1, 2, 3, 4):
        left, bottom, _, _ = text.get_charbox(text.search(f"page {number}").get_next()[0])
        places[number] = (left > width / 2, bottom < height / 2)
    assert places == {1: (False, False), 2: (True, False), 3: (False, True), 4: (True, True)}


@pytest.mark.parametrize(
    ("back", "sides", "expected"),
    [
        (SheetBack.NORMAL, LONG, (False, False)),
        (SheetBack.NORMAL, SHORT, (False, False)),
        (SheetBack.FLIPPED, LONG, (False, True)),
        (SheetBack.FLIPPED, SHORT, (True, False)),
        (SheetBack.ROTATED, LONG, (True, True)),
        (SheetBack.ROTATED, SHORT, (False, False)),
        (SheetBack.MANUAL_TUMBLE, LONG, (False, False)),
        (SheetBack.MANUAL_TUMBLE, SHORT, (True, True)),
    ],
)
def test_backs_lie_as_the_device_wants_them(
    document: Path, tmp_path: Path, back: SheetBack, sides: SidesKeyword, expected: tuple[bool, bool]
) -> None:
    """PWG 5102.4 section 7.3."""
    raster = Raster((DPI, DPI), Pixel.SGRAY_8, back)
    ticket = Ticket(sides=sides, page_ranges=((1, 2),))
    made = converted(document, tmp_path / "made", conversion(document, Target.PWG_RASTER, ticket, raster=raster))
    assert (corner(made, 1), corner(made, 2)) == ((False, False), expected)


def test_bands_make_no_difference(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = conversion(document, Target.PWG_RASTER, Ticket(number_up=2))
    whole = converted(document, tmp_path / "whole", wanted)
    monkeypatch.setattr(drawing, "BAND_OCTETS", 20_000)
    banded = converted(document, tmp_path / "banded", wanted)
    for number in (1, 2, 3):
        pictures = [np.asarray(draw_page(Source.whole(made), number, DPI), np.int16) for made in (whole, banded)]
        assert np.abs(pictures[0] - pictures[1]).max() <= 2


@pytest.mark.parametrize(
    ("scaling", "margins", "left_mm"),
    [
        (Scaling.NONE, Edges(), 12.7 - 31),
        (Scaling.AUTO, Edges(5, 5, 5, 5), 5 + 12.7 * 138 / 210),
        (Scaling.AUTO, Edges(), 12.7 * 210 / 297),
        (Scaling.FIT, Edges(20, 20, 20, 20), 20 + 12.7 * 108 / 210),
    ],
)
def test_a_page_larger_than_its_paper(
    document: Path, tmp_path: Path, scaling: Scaling, margins: Edges, left_mm: float
) -> None:
    """A4 on A5; the square begins at half an inch from the left."""
    wanted = conversion(
        document, Target.PWG_RASTER, Ticket(page_ranges=((1, 1),)), scaling=scaling, margins=margins,
        papers={A4_MEDIA: "iso_a5_148x210mm"},
        raster=Raster((100, 100), Pixel.SGRAY_8),
    )  # fmt: skip
    grey = np.asarray(draw_page(Source.whole(converted(document, tmp_path / "made", wanted)), 1, 100).convert("L"))
    assert grey.shape == (827, 583)
    first = np.argwhere(grey < 128)[:, 1].min() / 100 * 25.4
    assert first == pytest.approx(max(0.0, left_mm), abs=0.8)


@pytest.mark.parametrize("pixel", list(Pixel))
def test_kinds_of_pixels(document: Path, tmp_path: Path, pixel: Pixel) -> None:
    raster = Raster((DPI * 2, DPI), pixel)
    made = converted(
        document, tmp_path / "made", conversion(document, Target.PWG_RASTER, Ticket(number_up=6), raster=raster)
    )
    (page,) = analyse(made).pages
    assert (page.media, page.blank, page.colour) == (A4_MEDIA, False, pixel is Pixel.SRGB_8)


@pytest.mark.parametrize("name", ["testfile.txt", "color.jpg", "document-a4.ps"])
def test_other_languages(tmp_path: Path, name: str) -> None:
    path = EXAMPLES / name
    found = analyse(path)
    made = analyse(converted(path, tmp_path / "made", conversion(path, Target.PWG_RASTER)))
    assert [page.colour for page in made.pages] == [page.colour for page in found.pages]
    assert not any(page.blank for page in made.pages)


def test_nothing_is_made_that_was_not_counted(document: Path) -> None:
    wanted = conversion(document, Target.PWG_RASTER)
    with pytest.raises(ConversionFailed, match="5 pages now, and had 4"):
        list(convert(document, replace_in(wanted, pages=wanted.pages[:4])))
    with pytest.raises(ConversionFailed, match="none of its pages"):
        list(convert(document, replace_in(wanted, ticket=Ticket(page_ranges=((7, 9),)))))


ROWS = st.lists(st.lists(st.sampled_from([0, 1, 255]), min_size=37, max_size=37), min_size=1, max_size=8)


@given(ROWS, st.booleans())
def test_rows_are_packed_as_the_standard_says(rows: list[list[int]], wide: bool) -> None:
    octets = [bytes(value for pixel in row for value in ([pixel] * 3 + [9] if wide else [pixel])) for row in rows]
    joined = ctypes.create_string_buffer(b"".join(octets))
    packer = Packer(len(octets[0]), wide=wide)
    made = b"".join(packer.packed(ctypes.addressof(joined), len(rows)))
    plain = [bytes(value for pixel in row for value in [pixel] * (3 if wide else 1)) for row in rows]
    assert unpacked(made, 3 if wide else 1, 37, len(rows)) == plain
    assert len(made) <= len(packed_rows(plain, 3 if wide else 1)) + len(rows)


def unpacked(octets: bytes, unit: int, width: int, height: int) -> list[bytes]:
    """PWG 5102.4 section 4.4, as it is written there."""
    rows: list[bytes] = []
    at = 0
    while len(rows) < height:
        times, row = octets[at] + 1, b""
        at += 1
        while len(row) < width * unit:
            code = octets[at]
            assert code != 128
            if code < 128:
                row += octets[at + 1 : at + 1 + unit] * (code + 1)
                at += 1 + unit
            else:
                row += octets[at + 1 : at + 1 + unit * (257 - code)]
                at += 1 + unit * (257 - code)
        rows += [row] * times
    assert at == len(octets)
    return rows


def test_noise_is_packed_and_read_back() -> None:
    """The greatest rows and the longest runs of single pixels."""
    noise = random.Random(1).randbytes(3000 * 40)
    packer = Packer(3000, wide=False)
    buffer = ctypes.create_string_buffer(noise, len(noise))
    made = b"".join(packer.packed(ctypes.addressof(buffer), 40))
    assert b"".join(unpacked(made, 1, 3000, 40)) == noise


# In a process of its own.


async def _pieces(converter: Converter, path: Path, wanted: Conversion) -> bytes:
    async with converter.converting(path, wanted) as made:
        return b"".join([piece async for piece in made.pieces()])


def test_a_process_makes_the_same(document: Path) -> None:
    wanted = conversion(document, Target.URF, Ticket(copies=2))
    made = asyncio.run(_pieces(Converter(120, 1 << 30), document, wanted))
    assert made == b"".join(convert(document, wanted))


def test_a_document_that_cannot_be_converted_says_why(document: Path, tmp_path: Path) -> None:
    wanted = conversion(document, Target.PWG_RASTER)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(ConversionFailed, match="too damaged to repair"):
        asyncio.run(_pieces(Converter(120, 1 << 30), broken, wanted))


@pytest.mark.parametrize(
    ("program", "silence_s", "said"),
    [
        ("import time; time.sleep(600)", 1, "took longer than 1 s"),
        ("import os; os.abort()", 120, "ended in the middle"),
        ("import sys; sys.stdout.write('hello, who is there?')", 120, "ended in the middle"),
    ],
)
def test_a_process_that_fails_is_ended(
    document: Path, program: str, silence_s: float, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("everprint.documents.conversion.converter._START_S", 0.0)
    converter = Converter(silence_s, 1 << 30, command=(sys.executable, "-c", program))
    with pytest.raises(ConversionFailed, match=said):
        asyncio.run(_pieces(converter, document, conversion(document, Target.PWG_RASTER)))


# Writes for as long as it can, and says when nobody has read for half a second.
_FILLS_THE_PIPE = """
import os, select, sys, time
piece = bytes([1]) + (1 << 16).to_bytes(4, "big") + bytes(1 << 16)
os.set_blocking(1, False)
rest = piece
while select.select([], [1], [], 0.5)[1]:
    rest = rest[os.write(1, rest):] or piece
open(sys.argv[1], "w").close()
time.sleep(600)
"""


def test_a_process_whose_document_nobody_takes_is_ended(document: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    converter = Converter(120, 1 << 30, command=(sys.executable, "-c", _FILLS_THE_PIPE, str(full)))

    async def take_one() -> None:
        async with asyncio.timeout(60), converter.converting(document, conversion(document, Target.URF)) as made:
            await anext(made.pieces())
            while not full.exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.01)

    asyncio.run(take_one())


def test_a_long_job_comes_as_it_is_made(document: Path) -> None:
    """No piece is larger than a band of one side."""
    wanted = conversion(document, Target.PWG_RASTER, Ticket(copies=200))
    sizes = [len(piece) for piece in convert(document, wanted)]
    assert len(sizes) > 1000
    assert max(sizes) < 1 << 18


def test_no_colour_is_left_where_the_ticket_forces_grey(document: Path, tmp_path: Path) -> None:
    wanted = conversion(document, Target.PWG_RASTER, Ticket(print_color_mode="monochrome", page_ranges=((2, 2),)))
    made = converted(document, tmp_path / "made", wanted)
    pixels = np.asarray(draw_page(Source.whole(made), 1, DPI), np.int16)
    assert np.ptp(pixels, axis=2).max() == 0 and pixels.min() < 128
    assert not analyse(made).pages[0].colour

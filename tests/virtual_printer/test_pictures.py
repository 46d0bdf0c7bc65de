"""The pictures show what lies in the tray: page for page, side for side, grey where no colour was used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from everprint.virtual_printer.job import Job
from everprint.virtual_printer.pictures import compose, lay_cells
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from tests.virtual_printer.asking import printed
from tests.virtual_printer.documents import write_pdf


@pytest.fixture(scope="module")
def photographed() -> Iterator[VirtualPrinter]:
    with run_virtual_printer("--pictures", "all") as printer:
        yield printer


def pictures(printer: VirtualPrinter, job: Job) -> dict[str, Image.Image]:
    """All that lie in the job's folder, and the record names them all."""
    folder = printer.folder / "jobs" / job.key
    found = {path.name: Image.open(path) for path in sorted(folder.glob("*.png"))}
    assert sorted(job.pictures) == list(found)
    return found


def bars(picture: Image.Image) -> int:
    """How many bars there are from top to bottom: the documents of these tests have one a page."""
    ink = picture.convert("L").point(lambda level: 255 if level < 200 else 0)
    rows = [ink.crop((0, y, ink.width, y + 1)).getbbox() is not None for y in range(ink.height)]
    return sum(now and not before for before, now in zip([False, *rows], rows, strict=False))


def is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.convert("RGB").split()
    return (
        ImageChops.difference(red, green).getbbox() is None and ImageChops.difference(green, blue).getbbox() is None
    )


def printed_pictures(printer: VirtualPrinter, document: Path, *asked: str) -> dict[str, Image.Image]:
    return pictures(printer, printer.wait_for_end(printed(printer, document, *asked)))


def test_each_side_of_each_sheet_has_its_picture(photographed: VirtualPrinter, tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "three.pdf", "gcg")
    sheets = printed_pictures(photographed, document, "keyword sides two-sided-long-edge")
    assert list(sheets) == ["sheet-001-back.png", "sheet-001-front.png", "sheet-002-front.png"]
    assert [is_grey(picture) for picture in sheets.values()] == [False, True, True]
    assert all(bars(picture) == 1 for picture in sheets.values())
    assert all(picture.height > picture.width for picture in sheets.values())


def test_grey_is_really_grey(photographed: VirtualPrinter, tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "colour.pdf", "cc")
    sheets = printed_pictures(photographed, document, "keyword print-color-mode monochrome")
    assert [(picture.mode, is_grey(picture), bars(picture)) for picture in sheets.values()] == [("L", True, 1)] * 2


def test_a_mono_printer_takes_grey_pictures(tmp_path: Path) -> None:
    with run_virtual_printer("--mono") as mono:
        sheets = printed_pictures(mono, write_pdf(tmp_path / "colour.pdf", "c"))
        assert [is_grey(picture) for picture in sheets.values()] == [True]


def test_two_of_four_pages_share_a_side(photographed: VirtualPrinter, tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "four.pdf", "gggg")
    sheets = printed_pictures(photographed, document, "integer number-up 2")
    assert list(sheets) == ["sheet-001-front.png", "sheet-002-front.png"]
    for picture in sheets.values():
        assert picture.width > picture.height
        halves = [picture.crop((x, 0, x + picture.width // 2, picture.height)) for x in (0, picture.width // 2)]
        assert [bars(half) for half in halves] == [1, 1]


def test_the_last_side_keeps_its_empty_cells(photographed: VirtualPrinter, tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "three.pdf", "ggg")
    sheets = printed_pictures(photographed, document, "integer number-up 2")
    last = sheets["sheet-002-front.png"]
    right = last.crop((last.width // 2, 0, last.width, last.height))
    assert (bars(last), bars(right)) == (1, 0)


def test_a_booklet_keeps_the_place_of_the_page_that_is_not_there(
    photographed: VirtualPrinter, tmp_path: Path
) -> None:
    document = write_pdf(tmp_path / "three.pdf", "ggg")
    sheets = printed_pictures(photographed, document, "keyword imposition-template signature")
    assert list(sheets) == ["sheet-001-back.png", "sheet-001-front.png"]
    front = sheets["sheet-001-front.png"]
    left = front.crop((0, 0, front.width // 2, front.height))
    assert (bars(front), bars(left)) == (1, 0)


@pytest.mark.parametrize("handling", ["collated", "uncollated"])
def test_every_copy_has_its_pictures(photographed: VirtualPrinter, tmp_path: Path, handling: str) -> None:
    document = write_pdf(tmp_path / "two.pdf", "gc")
    asked = ("integer copies 2", f"keyword multiple-document-handling separate-documents-{handling}-copies")
    sheets = printed_pictures(photographed, document, *asked)
    colour = [not is_grey(picture) for picture in sheets.values()]
    assert colour == ([False, True, False, True] if handling == "collated" else [False, False, True, True])


def test_large_paper_lies_as_it_should(photographed: VirtualPrinter, tmp_path: Path) -> None:
    (picture,) = printed_pictures(photographed, write_pdf(tmp_path / "big.pdf", "G")).values()
    assert 1.39 < picture.height / picture.width < 1.43
    assert picture.height > 900


def test_only_the_first_sheet_is_taken_where_that_is_asked(tmp_path: Path) -> None:
    with run_virtual_printer("--pictures", "first") as printer:
        document = write_pdf(tmp_path / "five.pdf", "ggggg")
        sheets = printed_pictures(printer, document, "keyword sides two-sided-long-edge")
        assert list(sheets) == ["sheet-001-back.png", "sheet-001-front.png"]


@pytest.mark.parametrize(
    ("page", "number_up", "lies"),
    [
        ((210, 297), 1, (210, 297, 1, 1)),
        ((297, 210), 1, (297, 210, 1, 1)),
        ((210, 297), 2, (297, 210, 2, 1)),
        ((297, 210), 2, (210, 297, 1, 2)),
        ((210, 297), 4, (210, 297, 2, 2)),
        ((210, 297), 6, (297, 210, 3, 2)),
        ((210, 297), 16, (210, 297, 4, 4)),
    ],
)
def test_pages_lie_so_that_they_are_as_large_as_can_be(
    page: tuple[float, float], number_up: int, lies: tuple[int, int, int, int]
) -> None:
    assert lay_cells((210, 297), page, number_up) == lies


def test_a_page_that_cannot_be_drawn_leaves_a_grey_field() -> None:
    octets = compose([None], (210, 297), "iso_a4_210x297mm", 20, 1, colour=True)
    with Image.open(io.BytesIO(octets)) as picture:
        assert picture.getpixel((picture.width // 2, picture.height // 2)) == (200, 200, 200)

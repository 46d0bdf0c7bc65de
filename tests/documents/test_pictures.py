"""A page as people see it: the right page, the right way up, at the size asked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from everprint.documents.pictures import draw_page
from everprint.documents.result import Language, Unreadable
from tests.documents.corpus import A5, Leaf, ghostscript, jpeg, make_pdf, photo
from tests.documents.raster_writer import picture, plain, pwg, urf


def drawn(path: Path, number: int = 1, dpi: int = 72) -> Image.Image:
    return Image.open(io.BytesIO(draw_page(path, number, dpi))).convert("RGB")


def average(image: Image.Image) -> tuple[int, ...]:
    pixel = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(channel) for channel in pixel)


def flag() -> Image.Image:
    """Red above blue: which way up can be seen."""
    image = Image.new("RGB", (595, 842), "red")
    image.paste("blue", (0, 421, 595, 842))
    return image


def pdf_pages(path: Path) -> Path:
    return make_pdf(path, [Leaf("nothing"), Leaf("pale blue"), Leaf("text", A5)])


MAKERS: dict[Language, Callable[[Path], Path]] = {
    Language.PDF: pdf_pages,
    Language.POSTSCRIPT: lambda path: ghostscript(pdf_pages(path.with_suffix(".pdf")), path, "ps2write"),
}


@pytest.mark.parametrize("language", MAKERS)
def test_the_page_of_that_number_at_those_dpi(language: Language, tmp_path: Path) -> None:
    path = MAKERS[language](tmp_path / "a")
    assert average(drawn(path, 1)) == (255, 255, 255)
    assert average(drawn(path, 2))[2] == 255 > average(drawn(path, 2))[0]
    width, height = drawn(path, 3, 144).size
    assert (width, height) == (pytest.approx(839, abs=1), pytest.approx(1190, abs=1))


@pytest.mark.parametrize("writer", [pwg, urf])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_raster_page_is_what_was_packed(writer: Callable[..., bytes], mode: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(writer([plain(), picture(flag().convert(mode)), plain()]))
    expected = flag().convert(mode).convert("RGB")
    image = drawn(tmp_path / "a", 2)
    assert image.size == (595, 842)
    assert image.tobytes() == expected.tobytes()


def test_a_raster_is_made_smaller_but_not_larger(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pwg([picture(flag(), dpi=72)]))
    small = drawn(tmp_path / "a", dpi=18)
    assert small.size == (149, 211)
    assert (small.getpixel((5, 5)), small.getpixel((5, 205))) == ((255, 0, 0), (0, 0, 255))
    assert drawn(tmp_path / "a", dpi=300).size == (595, 842)


def test_a_bit_raster(tmp_path: Path) -> None:
    path = ghostscript(make_pdf(tmp_path / "a.pdf", [Leaf("grey by equal RGB")]), tmp_path / "a", "urf", "-r100")
    assert 190 < average(drawn(path))[0] < 250  # a grey box on white, and not the other way round


def test_a_raster_cut_off_is_white_where_it_ends(tmp_path: Path) -> None:
    octets = pwg([picture(photo("RGB", (300, 300)))])
    (tmp_path / "a").write_bytes(octets[: len(octets) // 2])
    assert drawn(tmp_path / "a").getpixel((150, 299)) == (255, 255, 255)


def test_a_picture_fits_the_paper(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(jpeg(photo("CMYK", (3000, 2000))))
    image = drawn(tmp_path / "a", dpi=50)
    assert image.width == pytest.approx(585, abs=1)
    assert image.height < 413


CANNOT_BE_DRAWN: dict[str, Callable[[Path], object]] = {
    "pdf": pdf_pages,
    "postscript": MAKERS[Language.POSTSCRIPT],
    "unknown": lambda path: path.write_bytes(b"JZJZ, a printer's own language"),
    "jpeg": lambda path: path.write_bytes(jpeg(photo("RGB", (30, 20)))),
    "broken jpeg": lambda path: path.write_bytes(b"\xff\xd8\xff, but no picture"),
    "broken urf": lambda path: path.write_bytes(b"UNIRAST\0" + b"\xff" * 100),
    "pwg": lambda path: path.write_bytes(pwg([plain()])),
}


@pytest.mark.parametrize(
    ("kind", "number", "dpi", "reason"),
    [
        ("pdf", 4, 72, "no page 4"),
        ("pdf", 0, 72, "no page 0"),
        ("pdf", 1, 100_000, "100000 dpi"),
        ("pdf", 1, 0, "0 dpi"),
        ("unknown", 1, 72, "ZjStream cannot be drawn"),
        ("jpeg", 2, 72, "no page 2"),
        ("broken jpeg", 1, 72, "cannot be read as JPEG"),
        ("broken urf", 1, 72, "a colour space"),
        ("pwg", 3, 72, "no page 3"),
        ("postscript", 7, 72, "no page 7"),
    ],
)
def test_what_cannot_be_drawn_says_why(kind: str, number: int, dpi: int, reason: str, tmp_path: Path) -> None:
    CANNOT_BE_DRAWN[kind](tmp_path / "a")
    with pytest.raises(Unreadable, match=reason):
        draw_page(tmp_path / "a", number, dpi)

"""PNG: one page, colour as its pixels show on white paper, and no picture so large or broken that it does harm."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.pictures import draw_page
from everprint.documents.result import Analysis, Confidence, Language
from tests.documents.corpus import Leaf, ghostscript, make_pdf, photo


def png(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def write(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path


def looks(analysis: Analysis) -> str:
    (page,) = analysis.pages
    return "colour" if page.colour else "blank" if page.blank else "grey"


GREY, COLOUR = photo("L"), photo("RGB")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (GREY.convert("1"), "grey"), (GREY, "grey"), (GREY.convert("LA"), "grey"), (GREY.convert("P"), "grey"),
        (GREY.convert("RGB"), "grey"), (GREY.convert("RGBA"), "grey"), (COLOUR.convert("P"), "colour"),
        (COLOUR, "colour"), (COLOUR.convert("RGBA"), "colour"), (Image.new("I;16", (9, 9), 40_000), "grey"),
        (Image.new("I;16", (9, 9), 65_535), "blank"), (Image.new("RGB", (9, 9), "white"), "blank"),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "blank"), (Image.new("RGBA", (9, 9), (255, 0, 0, 90)), "colour"),
        (Image.new("LA", (9, 9), (0, 0)), "blank"), (Image.new("1", (9, 9), 1), "blank"),
    ],
)  # fmt: skip
def test_every_kind_of_pixel_on_white_paper(image: Image.Image, expected: str, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", png(image)))
    assert (analysis.language, analysis.confidence) == (Language.PNG, Confidence.EXACT)
    assert looks(analysis) == expected


def chunk(kind: bytes, octets: bytes) -> bytes:
    return struct.pack(">I", len(octets)) + kind + octets + struct.pack(">I", zlib.crc32(kind + octets))


def raw_png(width: int, height: int, bits: int, kind: int, rows: bytes, *, interlaced: bool = False) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(("pixel", "expected"), [(b"\x80\0\x80\0\x80\0", "grey"), (b"\xff\0\x80\0\x80\0", "colour")])
def test_sixteen_bits_a_colour(pixel: bytes, expected: str, tmp_path: Path) -> None:
    assert looks(analyse(write(tmp_path / "a", raw_png(2, 1, 16, 2, b"\0" + pixel * 2)))) == expected


def test_an_interlaced_picture(tmp_path: Path) -> None:
    # A picture of one pixel is the first of the seven passes, and no other.
    path = write(tmp_path / "a", raw_png(1, 1, 8, 2, b"\0\xff\0\0", interlaced=True))
    assert looks(analyse(path)) == "colour"


def test_one_coloured_pixel_and_a_transparent_colour(tmp_path: Path) -> None:
    image = GREY.convert("RGB")
    image.putpixel((119, 159), (255, 0, 0))
    assert looks(analyse(write(tmp_path / "a", png(image)))) == "colour"
    assert looks(analyse(write(tmp_path / "a", png(image, transparency=(255, 0, 0))))) == "grey"


def test_an_animation_is_one_page(tmp_path: Path) -> None:
    octets = png(GREY.convert("RGB"), save_all=True, append_images=[COLOUR, COLOUR])
    assert b"acTL" in octets
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, "grey")


@pytest.mark.parametrize(
    ("device", "expected"), [("png16m", "colour"), ("pngalpha", "colour"), ("png256", "colour"), ("pnggray", "grey"),
                             ("pngmono", "grey")]
)  # fmt: skip
def test_pictures_of_ghostscript(device: str, expected: str, tmp_path: Path) -> None:
    path = ghostscript(make_pdf(tmp_path / "a.pdf", [Leaf("photo")]), tmp_path / "a", device, "-r50")
    analysis = analyse(path)
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, expected)


def test_coverage_is_the_mean_ink(tmp_path: Path) -> None:
    image = Image.new("RGB", (10, 10), "white")
    image.paste((255, 255, 0), (0, 0, 10, 5))
    image.paste("black", (0, 5, 5, 10))
    (page,) = analyse(write(tmp_path / "a", png(image))).pages
    assert page.coverage is not None
    assert (page.coverage.yellow, page.coverage.black, page.coverage.cyan) == pytest.approx((0.5, 0.25, 0))


def test_a_page_is_drawn_on_white(tmp_path: Path) -> None:
    path = write(tmp_path / "a", png(Image.new("RGBA", (200, 300), (255, 0, 0, 0))))
    with Image.open(io.BytesIO(draw_page(path, 1, 20))) as drawn:
        assert drawn.getextrema() == ((255, 255),) * 3


def test_a_picture_that_claims_gigapixels_is_not_decoded(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", raw_png(100_000, 100_000, 8, 2, b"\0" * 100)))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "100000 by 100000 pixels are too many" in analysis.reason


def test_a_picture_cut_off_is_estimated(tmp_path: Path) -> None:
    octets = png(COLOUR)
    analysis = analyse(write(tmp_path / "a", octets[: len(octets) // 2]))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "damaged" in analysis.reason


@pytest.mark.parametrize("kept", [8, 20, 33])
def test_no_header_is_unknown(kept: int, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", png(COLOUR)[:kept]))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert analysis.reason


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_picture_is_an_answer(data: st.DataObject, tmp_path: Path) -> None:
    octets = bytearray(png(photo("RGB", (20, 20))))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(8, len(octets) - 1))] = data.draw(st.integers(0, 255))
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason

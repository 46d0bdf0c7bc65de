"""JPEG: one page, colour as its pixels show, and no picture so large or broken that it does harm."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.colour import look
from everprint.documents.result import Confidence, Language
from tests.documents.corpus import IPPTOOL, jpeg, photo


def write(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (photo("RGB"), True),
        (photo("L"), False),
        (photo("L").convert("RGB"), False),
        (photo("RGB").convert("CMYK"), True),
        (photo("L").convert("CMYK"), False),
    ],
    ids=["colour", "grey", "grey stored as RGB", "CMYK", "grey stored as CMYK"],
)
def test_the_pixels_decide(image: Image.Image, colour: bool, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", jpeg(image)))
    assert (analysis.language, analysis.confidence) == (Language.JPEG, Confidence.EXACT)
    assert [page.colour for page in analysis.pages] == [colour]


def test_what_the_mean_of_a_block_hides_is_seen(tmp_path: Path) -> None:
    """A faint tint in a corner: at an eighth of the size its block is grey."""
    image = Image.new("RGB", (160, 160), (200, 200, 200))
    image.paste((200, 165, 200), (100, 100, 102, 103))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=100, subsampling=0)
    path = write(tmp_path / "a", out.getvalue())
    with Image.open(path) as small:
        small.draft("RGB", (20, 20))
        assert not look(small).colour
    analysis = analyse(path)
    assert (analysis.confidence, analysis.pages[0].colour) == (Confidence.EXACT, True)


def test_one_dark_dot_is_not_blank(tmp_path: Path) -> None:
    image = Image.new("RGB", (160, 160), "white")
    image.putpixel((77, 77), (180, 180, 180))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=100)
    (page,) = analyse(write(tmp_path / "a", out.getvalue())).pages
    assert (page.colour, page.blank) == (False, False)


def test_four_inks_with_and_without_adobes_mark(tmp_path: Path) -> None:
    octets = jpeg(Image.new("CMYK", (64, 64), (0, 0, 0, 0)))
    assert b"Adobe" in octets
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence, analysis.pages[0].blank) == (Confidence.EXACT, True)
    mark = octets.index(b"\xff\xee")
    bare = octets[:mark] + octets[mark + 2 + int.from_bytes(octets[mark + 2 : mark + 4], "big") :]
    analysis = analyse(write(tmp_path / "a", bare))
    assert (analysis.confidence, analysis.pages[0].blank) == (Confidence.ESTIMATED, False)
    assert "without Adobe's mark" in analysis.reason


def test_four_inks_stored_as_lightness_and_chroma(tmp_path: Path) -> None:
    """YCCK, as image editors write it: by the mark's last octet."""
    octets = bytearray(jpeg(Image.new("CMYK", (64, 64), (0, 255, 255, 0))))
    analysis = analyse(write(tmp_path / "a", octets))
    assert analysis.pages[0].colour
    mark = octets.index(b"Adobe")
    octets[mark + 11] = 2
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 1)


@pytest.mark.parametrize(("name", "colour"), [("color.jpg", True), ("gray.jpg", False)])
def test_real_pictures(name: str, colour: bool) -> None:
    assert [page.colour for page in analyse(IPPTOOL / name).pages] == [colour]


def test_a_picture_has_no_paper_and_the_answer_says_so(tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", jpeg(photo("RGB", (400, 300)))))
    (page,) = analysis.pages
    assert (page.media, page.width_mm) == ("iso_a4_210x297mm", 297)
    assert "A4 is assumed" in analysis.remarks[0]


def test_a_picture_cut_off_is_estimated(tmp_path: Path) -> None:
    octets = jpeg(photo("RGB", (800, 800)))
    analysis = analyse(write(tmp_path / "a", octets[: len(octets) // 2]))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "damaged" in analysis.reason


def test_a_picture_that_claims_gigapixels_is_not_decoded(tmp_path: Path) -> None:
    octets = bytearray(jpeg(photo("RGB")))
    frame = octets.index(b"\xff\xc0")
    octets[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "65000 by 65000 pixels are too many" in analysis.reason


@pytest.mark.parametrize("octets", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\xff\xd8\xff" * 1000])
def test_no_header_is_unknown_and_the_path_is_not_told(octets: bytes, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "spool-name", octets))
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.reason
    assert "spool-name" not in analysis.reason


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_picture_is_an_answer(data: st.DataObject, tmp_path: Path) -> None:
    octets = bytearray(jpeg(photo("RGB", (40, 40))))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(3, len(octets) - 1))] = data.draw(st.integers(0, 255))
    analysis = analyse(write(tmp_path / "a", octets))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason

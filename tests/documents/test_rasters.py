"""PWG raster and URF: pages are what the data holds, colour is what the pixels show, headers may lie."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language
from tests.documents.corpus import A3, IPPTOOL, Leaf, found, ghostscript, make_pdf, photo, truth
from tests.documents.raster_writer import Sheet, packed, picture, plain, pwg, urf

A4 = "iso_a4_210x297mm"
WRITERS = {"PWG raster": pwg, "URF": urf}


def write(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path


def looks(analysis: Analysis) -> list[str]:
    return ["colour" if page.colour else "blank" if page.blank else "grey" for page in analysis.pages]


@pytest.mark.parametrize("language", WRITERS)
def test_pages_are_counted_though_the_total_is_0(language: str, tmp_path: Path) -> None:
    sheets = [plain("RGB", colour="black"), plain("RGB", colour="red"), plain("RGB"), plain("L", (842, 1191))]
    analysis = analyse(write(tmp_path / "a", WRITERS[language](sheets)))
    assert (analysis.language, analysis.confidence) == (Language(language), Confidence.EXACT)
    assert [page.media for page in analysis.pages] == [A4, A4, A4, "iso_a3_297x420mm"]
    assert looks(analysis) == ["grey", "colour", "blank", "blank"]
    assert analysis.remarks == ()


@pytest.mark.parametrize("language", WRITERS)
@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (picture(photo("RGB")), "colour"),
        (picture(photo("L")), "grey"),
        (picture(photo("L").convert("RGB")), "grey"),
        (picture(photo("RGB").convert("CMYK")), "colour"),
        (picture(Image.new("CMYK", (50, 50), (0, 0, 0, 200))), "grey"),
        (picture(Image.new("CMYK", (50, 50), (0, 0, 0, 0))), "blank"),
        (picture(Image.new("CMYK", (50, 50), (0, 0, 90, 0))), "colour"),
        (picture(Image.new("RGB", (50, 50), (100, 110, 105))), "grey"),
        (picture(Image.new("RGB", (50, 50), (100, 120, 105))), "colour"),
        (picture(Image.new("RGB", (50, 50), (254, 255, 254))), "blank"),
    ],
)
def test_the_pixels_decide(language: str, sheet: Sheet, expected: str, tmp_path: Path) -> None:
    assert looks(analyse(write(tmp_path / "a", WRITERS[language]([sheet])))) == [expected]


@pytest.mark.parametrize("language", WRITERS)
def test_one_coloured_pixel_is_colour(language: str, tmp_path: Path) -> None:
    image = photo("L").convert("RGB")
    image.putpixel((119, 159), (255, 0, 0))
    assert looks(analyse(write(tmp_path / "a", WRITERS[language]([picture(image)])))) == ["colour"]


def test_black_ink_on_nothing(tmp_path: Path) -> None:
    ink = Sheet([bytes(50)] * 50, 50, "K")
    marked = Sheet([bytes(49) + b"\xff"] * 50, 50, "K")
    assert looks(analyse(write(tmp_path / "a", pwg([ink, marked])))) == ["blank", "grey"]


@pytest.mark.parametrize(("mode", "white", "black"), [("L", b"\xff", b"\0"), ("K", b"\0", b"\xff")])
def test_one_bit_pixels(mode: str, white: bytes, black: bytes, tmp_path: Path) -> None:
    blank = Sheet([white * 75] * 842, 600, mode, depth=1)
    marked = Sheet([white * 74 + black] * 842, 600, mode, depth=1)
    assert looks(analyse(write(tmp_path / "a", pwg([blank, marked])))) == ["blank", "grey"]


def test_sixteen_bits_a_channel(tmp_path: Path) -> None:
    grey = Sheet([b"\x80\x11\x80\x22\x80\x33" * 50] * 50, 50, "RGB", depth=16)
    red = Sheet([b"\xff\x00\x10\x00\x10\x00" * 50] * 50, 50, "RGB", depth=16)
    assert looks(analyse(write(tmp_path / "a", pwg([grey, red])))) == ["grey", "colour"]


def test_white_to_the_end_of_the_row(tmp_path: Path) -> None:
    sheet = plain("RGB", (100, 100))
    whole = pwg([sheet])
    short = whole[: len(whole) - len(packed(sheet))] + b"\x63\x80"  # 100 rows of white
    analysis = analyse(write(tmp_path / "a", short + pwg([plain("RGB", colour="red")])[4:]))
    assert analysis.confidence is Confidence.EXACT
    assert looks(analysis) == ["blank", "colour"]


def test_the_page_size_of_the_header_is_the_paper_where_pixels_leave_margins_out(tmp_path: Path) -> None:
    sheet = plain("L", (560, 800))
    sheet.header = {352: 595, 356: 842}
    assert analyse(write(tmp_path / "a", pwg([sheet]))).pages[0].media == A4


@pytest.mark.parametrize("name", ["onepage-a4-300-black-1.pwg", "onepage-letter-300-black-1.pwg"])
def test_a_real_raster(name: str, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", gzip.decompress((IPPTOOL / name).read_bytes())))
    assert analysis.confidence is Confidence.EXACT
    assert looks(analysis) == ["grey"]
    assert ("letter" in analysis.pages[0].media) == ("letter" in name)


LEAVES = [Leaf("text"), Leaf("red text"), Leaf("photo"), Leaf("nothing"), Leaf("text", A3)]


@pytest.mark.parametrize(
    ("device", "options", "coloured"),
    [
        ("pwgraster", ("-dcupsColorSpace=19", "-dcupsBitsPerColor=8"), True),
        ("pwgraster", ("-dcupsColorSpace=18", "-dcupsBitsPerColor=8"), False),
        ("pwgraster", (), False),
        ("urf", (), False),
    ],
)
def test_rasters_of_ghostscript_whose_total_is_0(
    device: str, options: tuple[str, ...], coloured: bool, tmp_path: Path
) -> None:
    path = ghostscript(make_pdf(tmp_path / "a.pdf", LEAVES), tmp_path / "a", device, "-r100", *options)
    analysis = analyse(path)
    assert analysis.confidence is Confidence.EXACT
    assert found(analysis) == [(media, colour and coloured, blank) for media, colour, blank in truth(LEAVES)]


# Lies and damage.


def test_a_total_that_lies_is_remarked(tmp_path: Path) -> None:
    for language, writer in WRITERS.items():
        analysis = analyse(write(tmp_path / "a", writer([plain()] * 3, 7)))
        assert len(analysis.pages) == 3, language
        assert analysis.remarks == ("its header says 7 pages, the data are 3",)


@pytest.mark.parametrize("language", WRITERS)
def test_what_was_cut_off_counts_and_is_estimated(language: str, tmp_path: Path) -> None:
    octets = WRITERS[language]([picture(photo("RGB"))] * 2)
    analysis = analyse(write(tmp_path / "a", octets[:-100]))
    assert analysis.confidence is Confidence.ESTIMATED
    assert analysis.reason == "it ends in the middle of page 2"
    assert looks(analysis) == ["colour", "colour"]


@pytest.mark.parametrize(("language", "kept"), [("PWG raster", 4), ("PWG raster", 900), ("URF", 9), ("URF", 30)])
def test_no_whole_header_is_unknown(language: str, kept: int, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", WRITERS[language]([plain()])[:kept]))
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.reason


@pytest.mark.parametrize(("language", "kept"), [("PWG raster", 4), ("URF", 12)])
def test_no_page_is_unknown_and_never_nothing(language: str, kept: int, tmp_path: Path) -> None:
    analysis = analyse(write(tmp_path / "a", WRITERS[language]([plain()])[:kept]))
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "no page was found in it")


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        (372, 0xFFFFFFFF, "a width of 4294967295 pixels"),
        (376, 0, "a height of 0 pixels"),
        (376, 300_000, "a height of 300000 pixels"),
        (276, 0, "cross-feed resolution of 0"),
        (280, 1_000_000, "feed resolution of 1000000"),
        (392, 7, "7 octets per line"),
        (396, 1, "a colour order of 1"),
        (400, 77, "a colour space of 77"),
        (388, 12, "12 per pixel"),
        (384, 0, "0 bits per colour"),
    ],
)
def test_a_pwg_header_that_cannot_be_is_named(field: int, value: int, complaint: str, tmp_path: Path) -> None:
    sheet = plain()
    sheet.header = {field: value}
    analysis = analyse(write(tmp_path / "a", pwg([sheet])))
    assert analysis.confidence is Confidence.UNKNOWN
    assert complaint in analysis.reason
    after_a_good_page = analyse(write(tmp_path / "b", pwg([plain(), sheet])))
    assert (after_a_good_page.confidence, len(after_a_good_page.pages)) == (Confidence.ESTIMATED, 1)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        (12, 0, "a width of 0"),
        (16, 0xFFFFFFFF, "a height of"),
        (20, 0, "resolution of 0"),
        (0, 0x0900_0000, "9 bits"),
    ],
)
def test_a_urf_header_that_cannot_be_is_named(field: int, value: int, complaint: str, tmp_path: Path) -> None:
    sheet = plain()
    sheet.header = {field: value}
    analysis = analyse(write(tmp_path / "a", urf([sheet])))
    assert analysis.confidence is Confidence.UNKNOWN
    assert complaint in analysis.reason


def test_more_pages_than_the_limit_are_unknown(tmp_path: Path) -> None:
    tiny = Sheet([b"\0"], 1)
    analysis = analyse(write(tmp_path / "a", urf([tiny] * 21)), limits=Limits(pages=20))
    assert analysis.confidence is Confidence.UNKNOWN
    assert "more than 20 pages" in analysis.reason


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), language=st.sampled_from(sorted(WRITERS)))
def test_a_damaged_file_is_an_answer(data: st.DataObject, language: str, tmp_path: Path) -> None:
    octets = bytearray(WRITERS[language]([picture(photo("RGB", (20, 20))), plain("L", (30, 30), "grey")]))
    for _ in range(data.draw(st.integers(0, 6))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path / "a", octets[: data.draw(st.integers(4, len(octets)))])
    analysis = analyse(path)
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    pixels=st.lists(
        st.sampled_from([b"\0\0\0", b"\xff\xff\xff", b"\x80\x80\x80", b"\xff\0\0"]), min_size=6, max_size=6
    ),
    rows=st.integers(1, 300),
    language=st.sampled_from(sorted(WRITERS)),
)
def test_any_pixels_are_seen_and_the_next_page_is_found(
    pixels: list[bytes], rows: int, language: str, tmp_path: Path
) -> None:
    sheet = Sheet([b"".join(pixels)] * rows, 6, "RGB")
    analysis = analyse(write(tmp_path / "a", WRITERS[language]([sheet, plain("RGB", (5, 5), "blue")])))
    colour, blank = b"\xff\0\0" in pixels, set(pixels) == {b"\xff\xff\xff"}
    assert analysis.confidence is Confidence.EXACT
    assert looks(analysis) == ["colour" if colour else "blank" if blank else "grey", "colour"]

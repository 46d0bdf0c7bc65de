"""PDF: what a printer would put on the page decides its colour, however it is said and however small it is."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.pdf import draw_page
from everprint.documents.pdf_pictures import jpeg_can_be_decoded
from everprint.documents.result import Analysis, Confidence, Coverage, Page
from everprint.documents.source import Source
from tests.documents.corpus import jpeg, photo
from tests.documents.pdf_writer import one_page, stream, write_pdf

A4_POINTS = 595 * 842


def with_content(tmp_path: Path, content: bytes, resources: bytes = b"", **more: bytes) -> Analysis:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << %b >> %b >>" % (
        resources,
        more.get("page", b""),
    )
    catalog = b"<< /Type /Catalog /Pages 2 0 R %b >>" % more.get("catalog", b"")
    objects = {**one_page(page, catalog), 4: stream(content)}
    objects |= {number: more[f"object_{number}"] for number in range(5, 9) if f"object_{number}" in more}
    (tmp_path / "a.pdf").write_bytes(write_pdf(objects))
    return analyse(tmp_path / "a.pdf")


def the_page(analysis: Analysis) -> Page:
    assert analysis.confidence is Confidence.EXACT
    (page,) = analysis.pages
    return page


# However it is said.


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        (b"0.5 g 100 100 200 200 re f", False),
        (b"0.5 0.5 0.5 rg 100 100 200 200 re f", False),
        (b"0 0 0 1 k 100 100 200 200 re f", False),
        (b"0 0 0 0.4 k 100 100 200 200 re f", False),
        (b"0.6 0.4 0.4 1 k 100 100 200 200 re f", False),  # rich black
        (b"1 0 0 0 k 100 100 200 200 re f", True),
        (b"0 0 0.2 0 k 100 100 200 200 re f", True),
        (b"1 0 0 rg 0 g 100 100 200 200 re f", False),  # named, and not used
        (b"1 0 0 rg", False),
        (b"1 0 0 rg 900 900 200 200 re f", False),  # beside the page
        (b"1 0 0 rg 100 100 200 200 re f 0 g 99 99 202 202 re f", False),  # covered
        (b"q 0 0 50 50 re W n 1 0 0 rg 100 100 200 200 re f Q", False),  # clipped away
        (b"BT /F1 12 Tf 3 Tr 1 0 0 rg 100 100 Td (invisible) Tj ET", False),
    ],
)
def test_colour_is_what_is_seen(content: bytes, colour: bool, tmp_path: Path) -> None:
    fonts = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    assert the_page(with_content(tmp_path, content, fonts)).colour is colour


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"1 0 0 RG 0 w 100 100 m 400 103 l S", "the thinnest line"),
        (b"1 0 0 RG 0.1 w 100 100 m 400 100 l S", "a hairline"),
        (b"1 0 0 rg 100 100 400 0.1 re f", "a hairline that is a box"),
        (b"1 0 0 rg 100 100 0.1 400 re f", "an upright one"),
        (b"1 0 0 rg 100 100 m 400 300 l 400.1 300 l 100.1 100 l f", "a sliver across the page"),
        (b"0 0 1 RG 0.2 w [1 20] 0 d 100 100 m 400 130 l S", "dots"),
        (b"1 0 0 rg 100 100 m 100.7 100 l 100.7 100.6 l 100 100.7 l f", "a full stop"),
        (b"0.2 g 50 400 500 300 re f 1 0.5 0 rg 300 500 m 500 520 l 500 520.1 l f", "a sliver on dark grey"),
    ],
)
def test_small_coloured_things_are_not_lost(content: bytes, what: str, tmp_path: Path) -> None:
    assert the_page(with_content(tmp_path, content)).colour, what


def picture_page(tmp_path: Path, octets: bytes, mode: str, more: bytes) -> Analysis:
    space = {"RGB": b"/DeviceRGB", "L": b"/DeviceGray", "CMYK": b"/DeviceCMYK"}[mode]
    entries = b"/Type /XObject /Subtype /Image /Width 120 /Height 160 /BitsPerComponent 8 /ColorSpace %b" % space
    content = b"q 300 0 0 400 100 100 cm /I Do Q " + more
    image = stream(octets, entries + b" /Filter /DCTDecode")
    return with_content(tmp_path, content, b"/XObject << /I 5 0 R >>", object_5=image)


@pytest.mark.parametrize(
    ("mode", "source", "more", "colour"),
    [
        ("RGB", "RGB", b"", True),
        ("RGB", "L", b"", False),
        ("L", "L", b"", False),
        ("RGB", "L", b"1 0 0 rg 100 100 m 400 300 l 400.1 300 l 100.1 100 l f", True),  # a sliver over the photograph
    ],
)
def test_photographs_and_what_is_over_them(mode: str, source: str, more: bytes, colour: bool, tmp_path: Path) -> None:
    octets = jpeg(photo(source).convert(mode))
    assert the_page(picture_page(tmp_path, octets, mode, more)).colour is colour


def as_frame(octets: bytes, marker: int = 0xC0, precision: int = 8) -> bytes:
    """The JPEG, said to be coded by another process or with other samples."""
    at = octets.index(b"\xff\xc0")
    return octets[: at + 1] + bytes((marker,)) + octets[at + 2 : at + 4] + bytes((precision,)) + octets[at + 5 :]


@pytest.mark.parametrize(
    "octets",
    [
        as_frame(jpeg(photo("RGB")), marker=0xC9),
        as_frame(jpeg(photo("RGB")), marker=0xC3),
        as_frame(jpeg(photo("RGB")), precision=12),
        jpeg(photo("RGB"))[:200],
        b"not a JPEG at all",
    ],
    ids=["arithmetic", "lossless", "12 bits", "header cut off", "none"],
)
def test_a_photograph_that_we_cannot_decode_is_never_exact(octets: bytes, tmp_path: Path) -> None:
    analysis = picture_page(tmp_path, octets, "RGB", b"")
    assert analysis.confidence is Confidence.ESTIMATED
    assert "a picture cannot be decoded on page 1" in analysis.reason


@pytest.mark.parametrize("form", [b"/JPXDecode", b"/UnheardOfDecode"])
@pytest.mark.parametrize("more", [b"", b"0 g 10 10 50 50 re f"], ids=["alone", "with text"])
def test_a_picture_that_we_cannot_decode_is_never_exact(form: bytes, more: bytes, tmp_path: Path) -> None:
    entries = b"/Type /XObject /Subtype /Image /Width 120 /Height 160 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    image = stream(b"what is this" * 50, entries + b" /Filter " + form)
    content = b"q 300 0 0 400 100 100 cm /I Do Q " + more
    analysis = with_content(tmp_path, content, b"/XObject << /I 5 0 R >>", object_5=image)
    assert analysis.confidence is Confidence.ESTIMATED


@pytest.mark.parametrize(("pixel", "colour"), [(b"777777", False), (b"77aa77", True)])
def test_a_picture_within_the_content_is_looked_at(pixel: bytes, colour: bool, tmp_path: Path) -> None:
    content = b"q 90 0 0 90 9 9 cm BI /W 1 /H 1 /CS /RGB /BPC 8 /F /AHx ID %b> EI Q" % pixel
    assert the_page(with_content(tmp_path, content)).colour is colour


@pytest.mark.parametrize("progressive", [True, False])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_photographs_of_cameras_and_scanners_can_be_decoded(mode: str, progressive: bool) -> None:
    stored = io.BytesIO()
    photo("L").convert(mode).save(stored, "JPEG", progressive=progressive)
    assert jpeg_can_be_decoded(stored.getvalue())


# What is printed and what is only shown.


@pytest.mark.parametrize(
    ("usage", "base", "colour"),
    [
        (b"/Usage << /Print << /PrintState /OFF >> /View << /ViewState /ON >> >>", b"", False),
        (b"/Usage << /Print << /PrintState /ON >> /View << /ViewState /OFF >> >>", b"", True),
        (b"", b"", True),
        (b"", b"/OFF [6 0 R]", False),
    ],
    ids=["printed off", "printed on", "on", "off"],
)
def test_optional_content_counts_in_its_print_state(usage: bytes, base: bytes, colour: bool, tmp_path: Path) -> None:
    automatic = b"/AS [<< /Event /Print /Category [/Print] /OCGs [6 0 R] >>]"
    analysis = with_content(
        tmp_path,
        b"/OC /L BDC 1 0 0 rg 100 100 200 200 re f EMC",
        b"/Properties << /L 6 0 R >>",
        catalog=b"/OCProperties << /OCGs [6 0 R] /D << %b %b >> >>" % (base, automatic),
        object_6=b"<< /Type /OCG /Name (layer) %b >>" % usage,
    )
    assert the_page(analysis).colour is colour


@pytest.mark.parametrize(
    ("flags", "colour"),
    [(4, True), (0, False), (6, False), (36, True), (5, True)],
    ids=["print", "view", "hidden", "print, not view", "print, invisible if unknown"],
)
def test_annotations_count_by_their_flags(flags: int, colour: bool, tmp_path: Path) -> None:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]"
    note = b"/Annots [<< /Type /Annot /Subtype /Stamp /Rect [100 100 200 200] /F %d /AP << /N 5 0 R >> >>]" % flags
    analysis = with_content(tmp_path, b"0 g", page=note, object_5=stream(b"1 0 0 rg 0 0 100 100 re f", form))
    assert the_page(analysis).colour is colour


# Coverage.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Coverage(0, 0, 0, 0)),
        (b"0 g 0 0 595 842 re f", Coverage(0, 0, 0, 1)),
        (b"0 g 0 0 595 421 re f", Coverage(0, 0, 0, 0.5)),
        (b"0.5 g 0 0 595 842 re f", Coverage(0, 0, 0, 0.5)),
        (b"0 1 1 rg 0 0 595 421 re f", Coverage(0.5, 0, 0, 0)),
        (b"1 0 1 rg 0 0 297.5 842 re f", Coverage(0, 0.5, 0, 0)),
        (b"1 1 0 rg 0 0 297.5 421 re f", Coverage(0, 0, 0.25, 0)),
        (b"1 0 0 rg 0 0 297.5 421 re f 0 g 297.5 421 297.5 421 re f", Coverage(0, 0.25, 0.25, 0.25)),
    ],
)
def test_coverage_is_the_share_of_the_page_that_each_ink_covers(
    content: bytes, expected: Coverage, tmp_path: Path
) -> None:
    coverage = the_page(with_content(tmp_path, content)).coverage
    assert coverage is not None
    for ink in ("cyan", "magenta", "yellow", "black"):
        assert getattr(coverage, ink) == pytest.approx(getattr(expected, ink), abs=0.005)


def test_a_page_is_drawn_for_people(tmp_path: Path) -> None:
    with_content(tmp_path, b"1 0 0 rg 0 0 595 421 re f")
    drawn = draw_page(Source.whole(tmp_path / "a.pdf"), 1, 72)
    assert drawn.size == (595, 842)
    assert drawn.getpixel((300, 100)) == (255, 255, 255)
    assert drawn.getpixel((300, 800)) == (255, 0, 0)

"""PDF: the truth by construction, the ways to write it, and the ways to lie."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language
from tests.documents.corpus import (
    A3,
    A5,
    CONTENTS,
    IPPTOOL,
    LETTER,
    Leaf,
    found,
    make_pdf,
    pages_by_pdfinfo,
    pages_by_qpdf,
    qpdf,
    truth,
)

MIXED = [Leaf("text"), Leaf("photo", A3), Leaf("nothing", A5), Leaf("red text", LETTER), Leaf("text", (297.0, 210.0))]


def with_pages(path: Path, *, pages: int = 1) -> tuple[Path, pikepdf.Pdf]:
    """A PDF of A4 pages to do things to."""
    make_pdf(path, [Leaf()] * pages)
    return path, pikepdf.open(path, allow_overwriting_input=True)


def rewrite(path: Path, old: bytes, new: bytes) -> Path:
    """Changes octets in place; the cross-reference table stays right if the lengths agree."""
    octets = path.read_bytes()
    assert old in octets
    path.write_bytes(octets.replace(old, new))
    return path


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_on_a_page_decides_its_colour(content: str, tmp_path: Path) -> None:
    analysis = analyse(make_pdf(tmp_path / "a.pdf", [Leaf(content)]))
    assert analysis.confidence is Confidence.EXACT
    assert found(analysis) == truth([Leaf(content)])


def test_each_page_has_its_own_size_and_colour(tmp_path: Path) -> None:
    analysis = analyse(make_pdf(tmp_path / "a.pdf", MIXED))
    assert (analysis.language, analysis.confidence) == (Language.PDF, Confidence.EXACT)
    assert [page.number for page in analysis.pages] == [1, 2, 3, 4, 5]
    assert found(analysis) == truth(MIXED)


@pytest.mark.parametrize(
    "options",
    [
        ("--object-streams=generate",),
        ("--linearize",),
        ("--qdf",),
        ("--stream-data=uncompress",),
        ("--force-version=1.3",),
        ("--encrypt", "", "owner", "256", "--"),
        ("--allow-weak-crypto", "--encrypt", "", "owner", "40", "--"),
        ("--encrypt", "", "owner", "256", "--print=none", "--"),
    ],
    ids=" ".join,
)
def test_the_same_pages_however_they_are_written(options: tuple[str, ...], tmp_path: Path) -> None:
    plain = make_pdf(tmp_path / "a.pdf", MIXED)
    analysis = analyse(qpdf(plain, tmp_path / "b.pdf", *options))
    assert analysis.confidence is Confidence.EXACT
    assert found(analysis) == truth(MIXED)


@pytest.mark.parametrize("number", [1, 2, 21, 300])
def test_the_count_is_what_pdfinfo_and_qpdf_count(number: int, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("text")] * number)
    assert len(analyse(path).pages) == number == pages_by_pdfinfo(path) == pages_by_qpdf(path)


@pytest.mark.parametrize("name", ["document-a4.pdf", "document-letter.pdf"])
def test_a_real_document(name: str) -> None:
    analysis = analyse(IPPTOOL / name)
    assert analysis.confidence is Confidence.EXACT
    assert [page.colour for page in analysis.pages] == [True, False, True, False]
    assert len(analysis.pages) == pages_by_pdfinfo(IPPTOOL / name) == pages_by_qpdf(IPPTOOL / name)


def test_rotation_turns_the_page(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    pdf.pages[0].obj["/Rotate"] = 90
    pdf.save(path)
    (page,) = analyse(path).pages
    assert (round(page.width_mm), round(page.height_mm)) == (297, 210)
    assert page.media == "iso_a4_210x297mm"


def test_the_crop_box_is_the_page(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    pdf.pages[0].obj["/CropBox"] = [0, 0, 420, 595]
    pdf.save(path)
    assert analyse(path).pages[0].media == "iso_a5_148x210mm"


def test_the_user_unit_scales_the_page(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    pdf.pages[0].obj["/UserUnit"] = 2
    pdf.save(path)
    assert analyse(path).pages[0].media == "iso_a2_420x594mm"


@pytest.mark.parametrize("unit", [0, -1, 10**9, "x"])
def test_a_user_unit_that_cannot_be_is_one(unit: object, tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    pdf.pages[0].obj["/UserUnit"] = unit
    pdf.save(path)
    assert analyse(path).pages[0].media == "iso_a4_210x297mm"


@pytest.mark.parametrize(("flags", "colour"), [(4, True), (0, False)], ids=["printed", "on the screen only"])
def test_only_annotations_that_print_count(flags: int, colour: bool, tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    appearance = pdf.make_stream(b"1 0 0 rg 0 0 100 100 re f", {"/Type": pikepdf.Name.XObject})
    appearance["/Subtype"], appearance["/BBox"] = pikepdf.Name.Form, [0, 0, 100, 100]
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, Rect=[100, 100, 200, 200], F=flags,
        AP=pikepdf.Dictionary(N=appearance),
    )  # fmt: skip
    pdf.pages[0].obj["/Annots"] = pdf.make_indirect(pikepdf.Array([note]))
    pdf.save(path)
    assert analyse(path).pages[0].colour is colour


def test_rubbish_before_the_header_is_read_over(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", MIXED)
    path.write_bytes(b"@@ some driver's greeting\r\n" + path.read_bytes())
    assert found(analyse(path)) == truth(MIXED)


# Lies. A page tree that says less than it holds would print more than is paid for.


@pytest.mark.parametrize("lie", [b"/Count 1 ", b"/Count 2 ", b"/Count 9 "])
def test_a_page_tree_that_lies_about_its_count_is_walked(lie: bytes, tmp_path: Path) -> None:
    path = rewrite(make_pdf(tmp_path / "a.pdf", [Leaf()] * 5), b"/Count 5 ", lie)
    analysis = analyse(path)
    assert len(analysis.pages) == 5
    assert analysis.confidence is Confidence.ESTIMATED
    assert "contradicts itself" in analysis.reason
    assert any("holds 5 pages" in remark for remark in analysis.remarks)


@pytest.mark.parametrize("lie", [b"/Count -1", b"/Cuont 5 "])
def test_where_the_count_is_no_count_both_readers_walk(lie: bytes, tmp_path: Path) -> None:
    path = rewrite(make_pdf(tmp_path / "a.pdf", [Leaf()] * 5), b"/Count 5 ", lie)
    assert len(analyse(path).pages) == 5


def unknown_because(analysis: Analysis) -> str:
    assert analysis.confidence is Confidence.UNKNOWN
    assert analysis.pages == ()
    return analysis.reason


def test_no_pages_is_unknown_and_never_nothing(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    del pdf.pages[0]
    pdf.save(path)
    assert unknown_because(analyse(path)) == "it has no pages"


def test_a_page_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf", pages=2)
    pages = pdf.Root["/Pages"]
    pages["/Kids"].append(pages)
    pdf.save(path)
    analysis = analyse(path)
    assert analysis.confidence is not Confidence.EXACT
    assert len(analysis.pages) in (0, 2)


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    plain = make_pdf(tmp_path / "a.pdf", MIXED)
    path = qpdf(plain, tmp_path / "b.pdf", "--encrypt", "secret", "owner", "256", "--")
    assert unknown_because(analyse(path)) == "it needs a password"


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_what_was_cut_off_is_never_exact(kept: float, tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("photo"), Leaf("text"), Leaf("red text")])
    octets = path.read_bytes()
    path.write_bytes(octets[: int(len(octets) * kept)])
    analysis = analyse(path)
    assert analysis.confidence is not Confidence.EXACT
    assert analysis.reason
    assert len(analysis.pages) <= 3


def test_a_repaired_file_says_so(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", MIXED)
    octets = path.read_bytes()
    path.write_bytes(octets[: octets.rindex(b"startxref")])
    analysis = analyse(path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert found(analysis) == truth(MIXED)
    assert any("repair" in remark for remark in analysis.remarks)


def test_a_picture_that_unpacks_to_gigabytes_costs_little(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    image = pdf.make_stream(b"\0" * 1000)
    image["/Type"], image["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Image
    image["/Width"], image["/Height"] = 100_000, 100_000
    image["/ColorSpace"], image["/BitsPerComponent"] = pikepdf.Name.DeviceRGB, 8
    pdf.pages[0].obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
    pdf.pages[0].obj["/Contents"] = pdf.make_stream(b"500 0 0 500 0 0 cm /I Do")
    pdf.save(path)
    assert len(analyse(path).pages) == 1


def test_a_page_of_absurd_size_is_measured_and_drawn_small(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf")
    pdf.pages[0].obj["/MediaBox"] = [0, 0, 1e9, 10]
    pdf.save(path)
    (page,) = analyse(path).pages
    assert page.width_mm <= 100_000


def test_a_page_that_takes_too_long_is_estimated(tmp_path: Path) -> None:
    path, pdf = with_pages(tmp_path / "a.pdf", pages=2)
    endless = io.BytesIO()
    for number in range(60_000):
        endless.write(
            b"%d %d m 500 800 300 %d 100 %d c 20 w S\n" % (number % 600, number % 800, number % 70, number % 90)
        )
    pdf.pages[0].obj["/Contents"] = pdf.make_stream(endless.getvalue())
    pdf.save(path)
    analysis = analyse(path, limits=Limits(page_s=0.1))
    assert len(analysis.pages) == 2
    assert analysis.confidence is Confidence.ESTIMATED
    assert "page 1 took too long to draw" in analysis.reason


def test_a_document_that_takes_too_long_is_estimated(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf("red text")] * 10)
    analysis = analyse(path, limits=Limits(document_s=0))
    assert len(analysis.pages) == 10
    assert "pages 1, 2, 3, 4, 5 and 5 more" in analysis.reason


def test_more_pages_than_the_limit_are_unknown(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf()] * 11)
    assert "11 pages" in unknown_because(analyse(path, limits=Limits(pages=10)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_an_answer(data: st.DataObject, tmp_path: Path) -> None:
    octets = bytearray(make_pdf(tmp_path / "a.pdf", [Leaf("text"), Leaf("red text")]).read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(9, len(octets) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "b.pdf").write_bytes(octets)
    analysis = analyse(tmp_path / "b.pdf")
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason

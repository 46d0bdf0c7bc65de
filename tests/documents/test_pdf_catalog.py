"""PDF: how the document wants to be printed, and what may keep it from being so."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.result import Analysis, Confidence, Language
from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart
from tests.documents.corpus import Leaf, make_pdf, qpdf
from tests.documents.pdf_writer import one_page, write_pdf


def with_catalog(tmp_path: Path, entries: bytes) -> Analysis:
    octets = write_pdf(one_page(catalog=b"<< /Type /Catalog /Pages 2 0 R %b >>" % entries))
    (tmp_path / "a.pdf").write_bytes(octets)
    return analyse(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("preferences", "settings"),
    [
        (b"", SILENT),
        (b"/Duplex /Simplex", TicketPart(sides=SidesKeyword.ONE_SIDED)),
        (b"/Duplex /DuplexFlipLongEdge", TicketPart(sides=SidesKeyword.TWO_SIDED_LONG_EDGE)),
        (b"/Duplex /DuplexFlipShortEdge", TicketPart(sides=SidesKeyword.TWO_SIDED_SHORT_EDGE)),
        (b"/NumCopies 3", TicketPart(copies=3)),
        (b"/NumCopies 1000000000", TicketPart(copies=1_000_000_000)),
        (b"/PrintPageRange [1 2 5 9]", TicketPart(page_ranges=((1, 2), (5, 9)))),
        (b"/PrintPageRange [5 9 1 2]", TicketPart(page_ranges=((1, 2), (5, 9)))),
        (b"/PrintScaling /None /PickTrayByPDFSize true", SILENT),
    ],
)
def test_viewer_preferences_are_its_ticket(preferences: bytes, settings: TicketPart, tmp_path: Path) -> None:
    analysis = with_catalog(tmp_path, b"/ViewerPreferences << %b >>" % preferences)
    assert analysis.settings == settings
    assert (analysis.confidence, analysis.remarks) == (Confidence.EXACT, ())


@pytest.mark.parametrize(
    "preference",
    [
        b"/Duplex /Sometimes",
        b"/Duplex 2",
        b"/NumCopies 0",
        b"/NumCopies -3",
        b"/NumCopies 2.5",
        b"/NumCopies true",
        b"/NumCopies (2)",
        b"/PrintPageRange []",
        b"/PrintPageRange [1]",
        b"/PrintPageRange [0 2]",
        b"/PrintPageRange [3 2]",
        b"/PrintPageRange [1 /Two]",
    ],
)
def test_a_preference_without_sense_is_left_out_and_remarked(preference: bytes, tmp_path: Path) -> None:
    analysis = with_catalog(tmp_path, b"/ViewerPreferences << %b >>" % preference)
    assert analysis.settings == SILENT
    assert [remark.endswith("makes no sense and is left out") for remark in analysis.remarks] == [True]


def test_preferences_that_are_none_at_all_are_left_out(tmp_path: Path) -> None:
    assert with_catalog(tmp_path, b"/ViewerPreferences [1 2]").settings == SILENT


@pytest.mark.parametrize(("allowed", "remarked"), [("none", True), ("low", False), ("full", False)])
def test_a_document_that_may_not_be_printed_says_so(allowed: str, remarked: bool, tmp_path: Path) -> None:
    plain = make_pdf(tmp_path / "plain.pdf", [Leaf()])
    path = qpdf(plain, tmp_path / "a.pdf", "--encrypt", "", "owner", "256", f"--print={allowed}", "--")
    analysis = analyse(path)
    assert analysis.confidence is Confidence.EXACT
    assert any("allows no printing" in remark for remark in analysis.remarks) is remarked


def test_a_static_form_is_what_is_drawn(tmp_path: Path) -> None:
    analysis = with_catalog(tmp_path, b"/AcroForm << /Fields [] /XFA (<xdp/>) >>")
    assert analysis.confidence is Confidence.EXACT
    assert any("XFA" in remark for remark in analysis.remarks)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (b"/NeedsRendering true /AcroForm << /Fields [] /XFA (<xdp/>) >>", "dynamic XFA"),
        (b"/AcroForm << /NeedAppearances true /Fields [<< /T (name) /FT /Tx /V (me) >>] >>", "form fields"),
    ],
)
def test_what_the_printer_is_to_draw_itself_is_never_exact(entries: bytes, said: str, tmp_path: Path) -> None:
    analysis = with_catalog(tmp_path, entries)
    assert analysis.confidence is Confidence.ESTIMATED
    assert said in analysis.reason


def test_pclm_is_a_pdf(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(write_pdf(one_page(), header=b"%PDF-1.7\n%PCLm 1.0\n"))
    analysis = analyse(tmp_path / "a", "application/PCLm")
    assert (analysis.language, analysis.confidence, len(analysis.pages)) == (Language.PDF, Confidence.EXACT, 1)
    assert analysis.remarks == ()
    assert analyse(tmp_path / "a", "image/urf").remarks == ("sent as image/urf, but the content is PCLm",)

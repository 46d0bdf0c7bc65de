"""PJL: every document in it is found, whatever its language, and what the header sets is not lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.result import Analysis, Confidence, Language
from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart
from tests.documents import pclxl_writer as xl
from tests.documents.corpus import A5, LETTER, Leaf, ghostscript, make_pdf
from tests.documents.pcl_writer import NASTY, UEL, picture, pjl, with_data
from tests.documents.raster_writer import plain, pwg, urf

A4 = "iso_a4_210x297mm"
PCL = b"\x1bE\x1b&l26Atext\f\x1bE"
PLOT = b"IN;PS11880,8400;SP1;PD9,9;PG;"


def read(octets: bytes, tmp_path: Path) -> Analysis:
    (tmp_path / "a").write_bytes(octets)
    return analyse(tmp_path / "a")


@pytest.mark.parametrize(
    ("octets", "pages"),
    [
        (pjl(("PCL", PCL)), 1),
        (pjl(("PCL", PCL), ("PCL", PCL)), 2),
        (UEL + b"@PJL\n@PJL ENTER LANGUAGE = PCL\n" + PCL, 1),
        (UEL + b"@PJL\r@PJL enter language=pcl\r" + PCL + UEL, 1),
        (UEL + UEL + b"\r\n\r\n@PJL\r\n" + PCL + UEL + UEL, 1),
        (b"@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n" + PCL, 1),
        (UEL + PCL + UEL, 1),
        (UEL + PCL + UEL + PCL + UEL, 2),
        (UEL + b"@PJL\r\n" + PCL + UEL + b"\0\0\r\n", 1),
        (pjl(("PCL", b"plain text in PCL\r\n" * 65)), 2),
        (pjl(("PCL", b"\f")), 1),
        (pjl(("PCL", b"\x1bE\x1bE"), ("PCL", PCL)), 1),
        (UEL + b"@PJL COMMENT " + b"<xml>" * 100_000 + b"\r\n@PJL ENTER LANGUAGE=PCL\r\n" + PCL, 1),
        (UEL + b"@PJL COMMENT \x00\x01\xff\x1b binary\r\n@PJL ENTER LANGUAGE=PCL\r\n" + PCL, 1),
        (UEL + b'@PJL FSDOWNLOAD FORMAT:BINARY SIZE=%d NAME="0:\\a"\r\n%s' % (len(PCL), PCL) + pjl(("PCL", PCL)), 1),
        (UEL + b"@PJL USTATUS JOB=ON\r\n@PJL INFO STATUS\r\n" + pjl(("PCL", PCL)), 1),
    ],
)
def test_documents_are_found(octets: bytes, pages: int, tmp_path: Path) -> None:
    analysis = read(octets, tmp_path)
    assert (analysis.language, len(analysis.pages)) == (Language.PCL, pages)
    assert analysis.reason in ("", "its lines are counted for A4, as it does not say its paper")


@pytest.mark.parametrize(
    "octets",
    [
        UEL + b"@PJL INFO STATUS\r\n" + UEL,
        UEL + b"@PJL\r\n@PJL DEFAULT COPIES=5\r\n@PJL USTATUSOFF",
        UEL,
        b"@PJL",
        UEL + b"@PJL ENTER LANGUAGE=PCL",
        UEL + b"@PJL ENTER LANGUAGE=PCL\r\n" + UEL,
    ],
)
def test_a_job_without_a_document_says_so(octets: bytes, tmp_path: Path) -> None:
    analysis = read(octets, tmp_path)
    assert (analysis.confidence, analysis.pages) == (Confidence.UNKNOWN, ())
    assert analysis.reason == "it is a PJL job without a document: it only asks or sets the printer"


def test_a_document_without_pages_is_unknown(tmp_path: Path) -> None:
    analysis = read(pjl(("PCL", b"\x1bE\x1bE")), tmp_path)
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "no page was found in it")


def test_a_language_of_which_only_the_name_is_known(tmp_path: Path) -> None:
    analysis = read(pjl(("XYZZY", b"\1\2\3" * 50)), tmp_path)
    assert (analysis.confidence, analysis.language) == (Confidence.UNKNOWN, Language.UNKNOWN)
    assert "names the language XYZZY" in analysis.reason


def test_any_language_may_be_inside(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", [Leaf("red text"), Leaf("text", LETTER)])
    postscript = ghostscript(pdf, tmp_path / "a.ps", "ps2write")
    documents = {
        "PDF": (pdf.read_bytes(), Language.PDF, 2),
        "POSTSCRIPT": (postscript.read_bytes(), Language.POSTSCRIPT, 2),
        "PWGRASTER": (pwg([plain(), plain()]), Language.PWG_RASTER, 2),
        "URF": (urf([plain()]), Language.URF, 1),
        "HPGL2": (PLOT, Language.HPGL, 1),
        "PCL": (PCL, Language.PCL, 1),
    }
    for name, (document, language, pages) in documents.items():
        for said in (name, "AUTO"):
            analysis = read(pjl((said, document)), tmp_path)
            assert (analysis.language, len(analysis.pages)) == (language, pages), (said, analysis.reason)
            assert analysis.confidence is Confidence.EXACT, (said, analysis.reason)


def test_documents_of_several_languages_in_one_job(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "a.pdf", [Leaf("red text"), Leaf("text", A5)])
    analysis = read(pjl(("PCL", PCL), ("PDF", pdf.read_bytes()), ("HPGL2", PLOT)), tmp_path)
    assert [page.number for page in analysis.pages] == [1, 2, 3, 4]
    assert [page.media for page in analysis.pages] == [A4, A4, "iso_a5_148x210mm", A4]
    assert [page.colour for page in analysis.pages] == [False, True, False, False]
    assert [page.starts_sheet for page in analysis.pages] == [False, True, False, True]
    assert analysis.remarks == ("it holds documents in PCL 5 and PDF and HP-GL/2",)


@pytest.mark.parametrize(
    "document",
    [
        b"\x1bE\x1b&l26A" + picture([NASTY, UEL + b"@PJL EOJ\r\n"]) + b"\f\x1bE",
        b"\x1bE\x1b&l26A" + with_data("(s", "W", UEL + b"@PJL\r\n" + UEL) + b"text\f\x1bE",
        b"\x1bE\x1b&l26A" + with_data("&p", "X", UEL) + b"text\f\x1bE",
    ],
)
@pytest.mark.parametrize("times", [1, 3])
def test_a_uel_in_binary_data_ends_nothing(document: bytes, times: int, tmp_path: Path) -> None:
    analysis = read(pjl(*[("PCL", document)] * times), tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (times, Confidence.EXACT), analysis.reason


# Settings.


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["COPIES=3"], TicketPart(copies=3, collated=False)),
        (["QTY=3"], TicketPart(copies=3, collated=True)),
        (["QTY=2", "COPIES=3"], TicketPart(copies=6, collated=False)),
        (["DUPLEX=ON"], TicketPart(sides=SidesKeyword.TWO_SIDED_LONG_EDGE)),
        (["DUPLEX=ON", "BINDING=SHORTEDGE"], TicketPart(sides=SidesKeyword.TWO_SIDED_SHORT_EDGE)),
        (["DUPLEX=OFF", "BINDING=SHORTEDGE"], TicketPart(sides=SidesKeyword.ONE_SIDED)),
        (["PAPER=A3"], TicketPart(media="iso_a3_297x420mm")),
        (['LPARM:PCL PAPER = "LETTER"'], TicketPart(media="na_letter_8.5x11in")),
        (["PAPERWIDTH=5953", "PAPERLENGTH=8418"], TicketPart(media=A4)),
        (["RENDERMODE=GRAYSCALE"], TicketPart(print_color_mode="monochrome")),
        (["RENDERMODE=COLOR"], TicketPart(print_color_mode="auto")),
        (["RENDERMODE=COLOR", "GRAYSCALE=ON"], TicketPart(print_color_mode="monochrome")),
        (["FINISH=STAPLE"], TicketPart(finishings=("staple",))),
        (["STAPLE=LEFTTOP", "PUNCH=NONE"], TicketPart(finishings=("staple",))),
        (["NUP=4"], TicketPart(number_up=4)),
        (["HOLD=ON", 'JOBNAME="x"', "RESOLUTION=600", 'USERNAME="anna"'], SILENT),
        (["COPIES=0", "QTY=-1", "PAPER=HUGE"], SILENT),
        (["COPIES=999999999"], TicketPart(copies=32767, collated=False)),
        (["COPIES=" + "9" * 1000], SILENT),
        (["COPIES=3", "COPIES=2"], TicketPart(copies=2, collated=False)),
    ],
)
def test_what_a_header_sets(lines: list[str], expected: TicketPart, tmp_path: Path) -> None:
    document = b"\x1bEtext\f"
    assert read(pjl(("PCL", document), settings=tuple(lines)), tmp_path).settings == expected
    spaced = tuple(line.replace("=", " = ", 1).lower() for line in lines)
    assert read(pjl(("PCL", document), settings=spaced), tmp_path).settings == expected


def test_the_document_itself_says_it_last(tmp_path: Path) -> None:
    document = b"\x1bE\x1b&l26a1S\x1b&l1Xtext\f"
    said = read(pjl(("PCL", document), settings=("COPIES=5", "PAPER=LETTER", "DUPLEX=OFF")), tmp_path).settings
    assert (said.copies, said.media, said.sides) == (1, A4, SidesKeyword.TWO_SIDED_LONG_EDGE)


def test_whole_copies_multiply_what_the_document_says(tmp_path: Path) -> None:
    one = read(pjl(("PCL", b"\x1bE\x1b&l1Xtext\f"), settings=("QTY=3",)), tmp_path)
    assert (one.settings.copies, one.settings.collated) == (3, True)
    two = read(pjl(("PCL", b"\x1bE\x1b&l2Xtext\f\x1b&l1Xtext\f"), settings=("QTY=3",)), tmp_path)
    assert (two.settings.copies, [page.copies for page in two.pages]) == (None, [6, 3])


def test_the_header_s_paper_does_not_hide_a_document_s_several(tmp_path: Path) -> None:
    analysis = read(pjl(("PCL", b"\x1bE\x1b&l26Aone\f\x1b&l2Atwo\f"), settings=("PAPER=A3",)), tmp_path)
    assert analysis.settings.media is None


def test_what_parts_set_apart_goes_to_their_pages(tmp_path: Path) -> None:
    first = pjl(("PCL", b"\x1bEtext\f"), settings=("COPIES=2", "DUPLEX=ON", "PAPER=A3"))
    second = pjl(("PCL", b"\x1bE\x1b*r3U\x1b*v1Stext\f"), settings=("RENDERMODE=GRAYSCALE", "PAPER=LETTER"))
    analysis = read(first + second, tmp_path)
    assert analysis.settings == SILENT
    one, two = analysis.pages
    assert (one.copies, one.sides, one.media) == (2, SidesKeyword.TWO_SIDED_LONG_EDGE, "iso_a3_297x420mm")
    assert (two.copies, two.sides, two.media, two.colour) == (1, None, "na_letter_8.5x11in", False)


def test_settings_end_with_their_job(tmp_path: Path) -> None:
    for end in (b"@PJL EOJ", b"@PJL RESET", b"@PJL JOB"):
        first = UEL + b"@PJL SET COPIES=2\r\n@PJL ENTER LANGUAGE=PCL\r\n" + PCL + UEL
        analysis = read(first + end + b"\r\n" + PCL, tmp_path)
        assert [page.copies for page in analysis.pages] == [2, 1]
        analysis = read(first + b"@PJL\r\n" + PCL, tmp_path)
        assert analysis.settings.copies == 2


def test_parts_finished_apart_are_estimated(tmp_path: Path) -> None:
    both = pjl(("PCL", PCL), settings=("STAPLE=ON", "NUP=2")) + pjl(("PCL", PCL))
    analysis = read(both, tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert "finished in different ways" in analysis.reason
    assert "pages to a side" in analysis.reason


def test_what_the_printer_makes_of_it_is_doubted(tmp_path: Path) -> None:
    analysis = read(pjl(("PCL", PCL), settings=("BOOKLET=ON",)), tmp_path)
    assert "sets BOOKLET" in analysis.reason


def test_a_document_that_was_cut_off(tmp_path: Path) -> None:
    octets = pjl(("PCL", b"\x1bE\x1b&l26A" + picture([b"\xff" * 500]) + b"\f"))
    analysis = read(octets[:300], tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (1, Confidence.ESTIMATED)


def test_one_document_that_is_unknown_makes_all_unknown(tmp_path: Path) -> None:
    analysis = read(pjl(("PCL", PCL), ("PDF", b"%PDF-1.4 nothing")), tmp_path)
    assert (analysis.confidence, analysis.pages) == (Confidence.UNKNOWN, ())


def test_jobs_within_jobs_end_somewhere(tmp_path: Path) -> None:
    analysis = read(UEL * 50_000 + b"@PJL\r\n" * 50_000 + PCL, tmp_path)
    assert len(analysis.pages) == 1


PIECES = (
    *(UEL, PCL, PLOT, NASTY, b"\r", b"\0", b"text", b"@", b"\x1b*b9W"),
    *(b"@PJL\r\n", b"@PJL SET COPIES=2\n", b"@PJL ENTER LANGUAGE=PCL\r\n", b"@PJL ENTER LANGUAGE="),
    b"@PJL FSDOWNLOAD SIZE=5\r\n",
)


@settings(max_examples=80, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=15))
def test_any_job_is_an_answer(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        analysis = read(UEL + b"".join(pieces), Path(folder))
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason


W = xl.Writer()
UEL_PIXELS = (UEL + b"@PJL EOJ\r\n" + UEL + b"%!PS\nshowpage\n").ljust(100)


def grey_image(data: bytes) -> bytes:
    """A page with an image of one row, in which those octets are pixels."""
    return W.page(W.space(xl.GRAY), W.cursor(100, 100), W.image(len(data), [(1, xl.UNCOMPRESSED, data)]))


@pytest.mark.parametrize(
    "inside",
    [
        grey_image(UEL_PIXELS),
        W.page(W.text(9, 9)) + W.stream(b"form", UEL_PIXELS),
        W.page(W.text(9, 9, UEL_PIXELS)),
    ],
)
def test_uel_within_data_of_pcl_xl_is_data(inside: bytes, tmp_path: Path) -> None:
    document = W.document(inside, W.page(W.text(9, 9)))
    assert UEL in document
    analysis = read(pjl(("PCLXL", document), ("PCL", PCL)), tmp_path)
    assert (analysis.language, len(analysis.pages)) == (Language.PCL_XL, 3)
    assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")


def test_damage_in_pcl_xl_hides_no_document_behind_it(tmp_path: Path) -> None:
    document = W.document(W.page(W.text(9, 9))) + b"\x01damage" + W.document(grey_image(UEL_PIXELS))
    analysis = read(pjl(("PCLXL", document), ("PCL", PCL)), tmp_path)
    assert analysis.confidence is not Confidence.EXACT


def test_data_of_pcl_xl_that_claim_too_much_are_not_exact(tmp_path: Path) -> None:
    document = W.header() + W.page(W.text(9, 9)) + W.document(grey_image(UEL_PIXELS))[len(W.header()) :]
    length = document.rindex(b"\xfb")
    document = document[:length] + b"\xfa\xff\xff\xff\x7f" + document[length + 2 :]
    analysis = read(pjl(("PCLXL", document), ("PCL", PCL)), tmp_path)
    assert analysis.confidence is not Confidence.EXACT

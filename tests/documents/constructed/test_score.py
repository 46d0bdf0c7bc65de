"""Documents made by construction, in every language that programs at hand can make: all of it is found out, exactly.

The score by language stands at the end of pytest's output.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.imposition import impose
from everprint.documents.media import media_name
from everprint.documents.merge import merge
from everprint.documents.result import Analysis, Confidence, Language
from everprint.documents.ticket import SILENT, Ticket
from tests.documents.constructed.books import Book
from tests.documents.constructed.makers import MAKERS, Maker, pdf_of
from tests.documents.constructed.score import SCORE
from tests.documents.corpus import IPPTOOL

IPPTOOL_PAGES = {
    "color.jpg": [True],
    "gray.jpg": [False],
    "testfile.jpg": [True],
    "document-a4.pdf": [True, False, True, False],
    "document-a4.ps": [True, False, True, False],
    "document-letter.pdf": [True, False, True, False],
    "onepage-a4.pdf": [True],
    "onepage-a4.ps": [True],
    "onepage-letter.pdf": [True],
    "onepage-a4-300-black-1.pwg": [False],
    "onepage-letter-300-black-1.pwg": [False],
    "testfile.pdf": [False, True, *[False] * 6],
    "testfile.ps": [True],
    "testfile.pcl": [False],
    "testfile.txt": [False],
}
"""Which pages are in colour, by looking at them."""
IPPTOOL_DOUBTS = {
    "testfile.ps": "it asks which printer it is on",
    "testfile.txt": "how much fits on a page is the printer's affair",
}

A4, A3 = "iso_a4_210x297mm", "iso_a3_297x420mm"
SAMPLES = {
    # By LibreOffice 7.4.7: `soffice --convert-to pdf libreoffice.fodt`, and the same as PDF/A-2.
    "libreoffice.pdf": [(A4, "g"), (A4, "c"), (A4, "g"), (A4, "c"), (A4, "b"), (A3, "g"), (A4, "c")],
    "libreoffice-pdfa.pdf": [(A4, "g"), (A4, "c"), (A4, "g"), (A4, "c"), (A4, "b"), (A3, "g"), (A4, "c")],
    # By img2pdf 0.6.3 on A4: JPEG in colour, grey and CMYK; PNG grey as RGB, by palette and white; a fax.
    "img2pdf.pdf": [(A4, "c"), (A4, "g"), (A4, "g"), (A4, "c"), (A4, "g"), (A4, "b"), (A4, "c")],
}
"""Files by programs that the tests do not ask for: paper, and whether grey, coloured or blank."""

CASES = [(maker, book) for maker in MAKERS for book in maker.books]


def check_confidence(analysis: Analysis, doubt: str) -> None:
    """Exact, unless there is a reason to doubt that we know of."""
    if doubt:
        assert analysis.confidence is Confidence.ESTIMATED
        assert doubt in analysis.reason
    else:
        assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")


def answers(analysis: Analysis, maker: Maker, book: Book) -> dict[str, bool]:
    """Of each question whether the answer is the truth."""
    pages = analysis.pages
    out = None
    if pages:
        merged = merge(SILENT, analysis.settings, Ticket(), pages)
        out = impose(merged.pages, merged.ticket)
    colour = [leaf.colour and not maker.mono for leaf in book.leaves]
    return {
        "pages": len(pages) == len(book.leaves),
        "paper": [page.media for page in pages] == [media_name(*leaf.size) for leaf in book.leaves],
        "colour": [page.colour for page in pages] == colour,
        "blank": [page.blank for page in pages] == [leaf.blank for leaf in book.leaves],
        "sheets": out is not None
        and (out.sheets, out.impressions, out.colour_impressions)
        == (book.sheets, book.impressions, sum(colour) * book.copies),
    }


@pytest.mark.parametrize(
    ("maker", "book"), CASES, ids=[f"{maker.language}: {maker.name}: {book.name}" for maker, book in CASES]
)
def test_the_truth_is_found(maker: Maker, book: Book, tmp_path: Path) -> None:
    made = maker.make(pdf_of(book, tmp_path), tmp_path / "made", book)
    book = maker.comes_out(book)
    analysis = analyse(made)
    found = answers(analysis, maker, book)
    SCORE.add(maker.language, f"{maker.name}: {book.name}", len(book.leaves), analysis, found)
    check_confidence(analysis, maker.doubt)
    assert analysis.language is maker.language
    assert found == dict.fromkeys(found, True)


NO_END = {Language.PCL, Language.HPGL, Language.TEXT}
"""Languages whose files may end after any page: what is left of one is all of another."""
TO_CUT = list({maker.language: maker for maker in MAKERS if maker.language not in NO_END}.values())


@pytest.mark.parametrize("maker", TO_CUT, ids=[f"{maker.language}: {maker.name}" for maker in TO_CUT])
def test_what_is_cut_off_is_never_exact_and_wrong(maker: Maker, tmp_path: Path) -> None:
    book = maker.books[0]
    octets = maker.make(pdf_of(book, tmp_path), tmp_path / "made", book).read_bytes()
    for part in (3, 6, 9):
        (tmp_path / "cut").write_bytes(octets[: len(octets) * part // 10])
        analysis = analyse(tmp_path / "cut")
        assert analysis.confidence is not Confidence.EXACT or all(answers(analysis, maker, book).values())


@pytest.mark.parametrize("name", SAMPLES)
def test_kept_samples_of_other_programs(name: str) -> None:
    analysis = analyse(Path(__file__).parent / "samples" / name)
    assert analysis.confidence is Confidence.EXACT
    kinds = [(page.media, "c" if page.colour else "b" if page.blank else "g") for page in analysis.pages]
    assert kinds == SAMPLES[name]


@pytest.mark.parametrize("name", IPPTOOL_PAGES)
def test_the_files_of_ipptool(name: str) -> None:
    analysis = analyse(IPPTOOL / name)
    check_confidence(analysis, IPPTOOL_DOUBTS.get(name, ""))
    assert [page.colour for page in analysis.pages] == IPPTOOL_PAGES[name]


def test_no_file_of_ipptool_is_left_out() -> None:
    assert {path.name for path in IPPTOOL.iterdir()} == {*IPPTOOL_PAGES, "README.md"}

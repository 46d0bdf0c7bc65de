"""The same pages through programs that we did not write: PDF and PostScript as they come from them are exact."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.result import Confidence, Language
from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart
from tests.documents.corpus import A3, A5, LETTER, Leaf, found, ghostscript, make_pdf, qpdf, truth

MIXED = [
    Leaf("text"),
    Leaf("photo", A3),
    Leaf("nothing", A5),
    Leaf("red hairline", LETTER),
    Leaf("grey photo stored as RGB", (297.0, 210.0)),
]


def poppler(tool: str, *options: str) -> Callable[[Path, Path], Path]:
    def make(source: Path, target: Path) -> Path:
        subprocess.run([tool, *options, source, target], check=True, capture_output=True)
        return target

    return make


def by_ghostscript(device: str, *options: str) -> Callable[[Path, Path], Path]:
    return lambda source, target: ghostscript(source, target, device, *options)


@pytest.mark.parametrize(
    ("make", "language"),
    [
        (by_ghostscript("pdfwrite"), Language.PDF),
        (by_ghostscript("pdfwrite", "-dCompatibilityLevel=1.3"), Language.PDF),
        (poppler("pdftocairo", "-pdf"), Language.PDF),
        (
            lambda source, target: qpdf(source, target, "--object-streams=generate", "--compress-streams=y"),
            Language.PDF,
        ),
        (by_ghostscript("ps2write"), Language.POSTSCRIPT),
        (poppler("pdftocairo", "-ps"), Language.POSTSCRIPT),
        (poppler("pdftops", "-level2", "-origpagesizes"), Language.POSTSCRIPT),
        (poppler("pdftops", "-level3", "-origpagesizes"), Language.POSTSCRIPT),
    ],
    ids=[
        "pdfwrite",
        "pdfwrite 1.3",
        "cairo",
        "qpdf",
        "ps2write",
        "cairo ps",
        "pdftops level 2",
        "pdftops level 3",
    ],
)
def test_all_pages_are_exact(make: Callable[[Path, Path], Path], language: Language, tmp_path: Path) -> None:
    path = make(make_pdf(tmp_path / "source.pdf", MIXED), tmp_path / "made")
    analysis = analyse(path)
    assert (analysis.language, analysis.confidence, analysis.reason) == (language, Confidence.EXACT, "")
    assert found(analysis) == truth(MIXED)
    assert analysis.settings == SILENT


def test_what_a_print_system_puts_before_the_pages_is_taken(tmp_path: Path) -> None:
    source = make_pdf(tmp_path / "source.pdf", [Leaf("text"), Leaf("red text")])
    path = poppler("pdftops", "-level2", "-duplex")(source, tmp_path / "made.ps")
    analysis = analyse(path)
    assert analysis.confidence is Confidence.EXACT
    assert [page.colour for page in analysis.pages] == [False, True]
    assert analysis.settings == TicketPart(sides=SidesKeyword.TWO_SIDED_LONG_EDGE)

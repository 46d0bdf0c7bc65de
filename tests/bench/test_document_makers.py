"""The documents of the benchmarks have the pages that they are made with, and all who count them agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import document_makers as make
from bench.documents import count_by_ghostscript, count_by_mutool, count_by_pdfinfo, count_by_pypdf, count_by_qpdf
from everprint.documents.analyse import analyse
from everprint.documents.result import Confidence, Language


@pytest.mark.parametrize(
    ("draw", "colour"),
    [
        (make.text, False),
        (make.table, False),
        (make.chart, True),
        (make.inks, True),
        (make.glass, True),
        (make.photograph("L", (120, 160), "JPEG"), False),
        (make.photograph("RGB", (120, 160), "pixels"), True),
    ],
    ids=["text", "table", "chart", "inks", "glass", "grey photograph", "photograph"],
)
def test_pages_of_every_kind_are_what_they_say(draw: make.Draw, colour: bool, tmp_path: Path) -> None:
    analysis = analyse(make.pdf(tmp_path / "a.pdf", draw, 2))
    assert analysis.confidence is Confidence.EXACT
    assert [page.colour for page in analysis.pages] == [colour, colour]


def test_all_who_count_agree(tmp_path: Path) -> None:
    path = make.pdf(tmp_path / "a.pdf", make.text, 3)
    readers = (count_by_mutool, count_by_ghostscript, count_by_pdfinfo, count_by_pypdf, count_by_qpdf)
    assert [count(path) for count in readers] == [3] * len(readers)


def test_documents_are_joined(tmp_path: Path) -> None:
    parts = [make.pdf(tmp_path / f"{number}.pdf", make.text, number) for number in (1, 2)]
    assert count_by_qpdf(make.joined(tmp_path / "a.pdf", parts)) == 3


def test_a_plot_and_a_job_in_pjl_are_what_they_say(tmp_path: Path) -> None:
    plot = make.plot(tmp_path / "a.plt")
    job = make.twice_in_pjl(tmp_path / "a.pjl", plot, "HPGL2")
    for path, pages in ((plot, 1), (job, 2)):
        analysis = analyse(path)
        assert (analysis.language, analysis.confidence) == (Language.HPGL, Confidence.EXACT)
        assert [page.colour for page in analysis.pages] == [False] * pages

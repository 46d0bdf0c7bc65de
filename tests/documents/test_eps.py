"""EPS: one drawing on the paper that is there, with and without the header of its DOS form."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.eps import draw_page
from everprint.documents.postscript import NO_SIZE
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source
from tests.documents.corpus import CONTENTS, Leaf, ghostscript, make_pdf, truth

HEADER = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 90 90 160 160\n%%EndComments\n"
RED = "1 0 0 setrgbcolor 100 100 50 50 rectfill\n"


def of(tmp_path: Path, text: str) -> Analysis:
    (tmp_path / "a.eps").write_text(text, "latin-1")
    return analyse(tmp_path / "a.eps")


def dos(text: bytes) -> bytes:
    preview = b"II*\0 a TIFF preview that is not PostScript"
    lengths = struct.pack("<IIIIIIH", 30, len(text), 0, 0, 30 + len(text), len(preview), 0xFFFF)
    return b"\xc5\xd0\xd3\xc6" + lengths + text + preview


@pytest.mark.parametrize(
    ("maker", "content"),
    [*(("pdftocairo", content) for content in CONTENTS), ("eps2write", "photo"), ("eps2write", "text")],
)
def test_what_is_drawn_decides_the_colour(maker: str, content: str, tmp_path: Path) -> None:
    leaf = Leaf(content)
    pdf, eps = make_pdf(tmp_path / "a.pdf", [leaf]), tmp_path / "a.eps"
    if maker == "eps2write":
        ghostscript(pdf, eps, "eps2write")
    else:
        subprocess.run(["pdftocairo", "-eps", pdf, eps], check=True, capture_output=True)
    analysis = analyse(eps)
    assert analysis.language is Language.EPS
    # eps2write leaves out showpage.
    assert analysis.confidence is (Confidence.ESTIMATED if maker == "eps2write" else Confidence.EXACT)
    assert [(page.colour, page.blank) for page in analysis.pages] == [entry[1:] for entry in truth([leaf])]


def test_it_comes_out_on_the_paper_that_is_there(tmp_path: Path) -> None:
    analysis = of(tmp_path, HEADER + RED + "showpage\n")
    assert analysis.confidence is Confidence.EXACT
    assert [(page.media, page.colour) for page in analysis.pages] == [("iso_a4_210x297mm", True)]
    assert analysis.remarks == (NO_SIZE,)


def test_without_showpage_it_is_printed_only_by_some(tmp_path: Path) -> None:
    analysis = of(tmp_path, HEADER + RED)
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert "it has no showpage" in analysis.reason


def test_several_pages_are_counted_and_remarked(tmp_path: Path) -> None:
    analysis = of(tmp_path, HEADER + (RED + "showpage\n") * 3)
    assert len(analysis.pages) == 3
    assert "it says that it is EPS, and prints 3 pages" in analysis.remarks


@pytest.mark.parametrize("box", ["-20 90 160 160", "90 90 700 160", "0 0 595 900"])
def test_a_drawing_that_is_larger_than_the_paper_is_never_exact(box: str, tmp_path: Path) -> None:
    analysis = of(tmp_path, HEADER.replace("90 90 160 160", box) + RED + "showpage\n")
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)


def test_the_dos_form_is_its_postscript_part(tmp_path: Path) -> None:
    (tmp_path / "a.eps").write_bytes(dos(f"{HEADER}{RED}showpage\n".encode()))
    analysis = analyse(tmp_path / "a.eps", "image/x-eps")
    assert (analysis.language, analysis.confidence) == (Language.EPS, Confidence.EXACT)
    assert [page.colour for page in analysis.pages] == [True]
    assert analysis.remarks == (NO_SIZE,)


@pytest.mark.parametrize("start", [0, 5, 10**6, 2**32 - 1])
def test_a_dos_header_that_points_elsewhere_is_unknown(start: int, tmp_path: Path) -> None:
    octets = dos(f"{HEADER}{RED}showpage\n".encode())
    (tmp_path / "a.eps").write_bytes(octets[:4] + struct.pack("<I", start) + octets[8:])
    analysis = analyse(tmp_path / "a.eps")
    assert (analysis.confidence, analysis.language) == (Confidence.UNKNOWN, Language.EPS)
    assert "points to something" in analysis.reason


@pytest.mark.parametrize("ending", ["showpage\n", ""], ids=["with showpage", "without"])
def test_it_is_drawn_for_people(ending: str, tmp_path: Path) -> None:
    of(tmp_path, HEADER + RED + ending)
    drawn = draw_page(Source.whole(tmp_path / "a.eps"), 1, 144)
    assert drawn.size in {(1190, 1684), (1191, 1684)}
    assert drawn.getpixel((250, drawn.height - 250)) == (255, 0, 0)
    with pytest.raises(Unreadable, match="no page 2"):
        draw_page(Source.whole(tmp_path / "a.eps"), 2, 144)


def test_copies_and_sides_of_its_page_device(tmp_path: Path) -> None:
    analysis = of(tmp_path, HEADER + "<< /NumCopies 2 /Duplex true >> setpagedevice\n" + RED + "showpage\n")
    assert (analysis.settings.copies, analysis.settings.sides) == (2, "two-sided-long-edge")

"""HP-GL/2: pages end where a plotter ends them, and pens have the colours that the plot gives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.result import Analysis, Confidence, Language

A3 = "PS16800,11880;"


def read(text: str | bytes, tmp_path: Path) -> Analysis:
    (tmp_path / "a").write_bytes(text if isinstance(text, bytes) else text.encode("latin-1"))
    return analyse(tmp_path / "a")


def looks(analysis: Analysis) -> str:
    return "".join("C" if page.colour else "B" if page.blank else "G" for page in analysis.pages)


@pytest.mark.parametrize(
    ("plot", "expected"),
    [
        ("SP1;PU0,0;PD100,100;PG;", "G"),
        ("SP1;PU0,0;PD100,100;", "G"),
        ("SP1;PD9,9;PG;PG;PD9,9;PG;", "GG"),
        ("SP1;PD9,9;AF;PD9,9;AH;", "GG"),
        ("PG1;", "B"),
        ("SP1;PU0,0;PU100,100;PG1;", "B"),
        ("SP0;PD100,100;PG;", "B"),
        ("SP1;LBPG;PD;SP2\x03PG;", "G"),
        ("SP1;DT#,1;LBPG;\x03PG#PG;", "G"),
        ("PU;PA1,1;PA5,5;PG1;", "B"),
        ("PD;PA5,5;", "G"),
        ("PU1,1;CI50;", "G"),
        ("PU1,1;RA50,50;", "G"),
        ("PU;PM0;PD1,1,5,5;PM2;PU;PG1;", "B"),
        ("PU;PM0;PD1,1,5,5;PM2;FP;", "G"),
        ("PE<=\xc3\xc3;PG1;", "B"),
        ("PE<=\xc3\xc3\xc1A\xc2;PG;", "G"),
        ("PE=PG\xc3PD\xc3;PG;", "G"),
        ("PE7<=aa;PG1;", "B"),
        ("PE7<=aaBbCb;PG;", "G"),
        ("PE>\xc3<=\xc3\xc3;PG1;", "B"),
        ('BP1,"PG;PD;";SP1;PD9,9;', "G"),
        ('CO"PG;PD9,9;";PG1;', "B"),
        ("SP1;PD9,9;BP;PD9,9;", "GG"),
        ("pd9,9;pg;", "G"),
        ("PD 9 , 9 PG SP1 PD 9 9", "GG"),
    ],
)
def test_what_is_drawn_and_where_pages_end(plot: str, expected: str, tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + plot, tmp_path)
    assert (analysis.language, looks(analysis), analysis.confidence) == (Language.HPGL, expected, Confidence.EXACT)
    assert {page.media for page in analysis.pages} == {"iso_a3_297x420mm"}


@pytest.mark.parametrize(
    ("plot", "expected"),
    [
        ("PC2,255,0,0;SP2;PD9,9;", "C"),
        ("PC2,90,90,90;SP2;PD9,9;", "G"),
        ("PC2,255,255,255;SP2;PD9,9;", "B"),
        ("PC2,255,0,0;SP2;PU9,9;SP1;PD5,5;", "G"),
        ("PC2,255,0,0;SP1;PE:\xc3=\xc3\xc3;", "C"),
        ("PC2,255,0,0;SP1;PE7:c=ab;", "C"),
        ("PC2,255,0,0;SP1;PE<:\xc3=\xc3\xc3;PG1;", "B"),
        ("PC2,255,0,0;SP2;PE:\xc1=\xc3\xc3;PG1;", "G"),
        ("CR0,1,0,1,0,1;PC2,.5,.5,.5;SP2;PD9,9;", "G"),
        ("CR0,1,0,1,0,1;PC2,.5,0,.5;SP2;PD9,9;", "C"),
        ("PC3,0,255,0;RF1,2,1,3,0;FT11,1;RA9,9;", "C"),
    ],
)
def test_pens_have_the_colours_that_are_said(plot: str, expected: str, tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + plot, tmp_path)
    assert (looks(analysis), analysis.confidence) == (expected, Confidence.EXACT), analysis.reason


def test_pens_whose_colour_is_not_said_are_estimated(tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + "SP2;PD9,9;", tmp_path)
    assert (looks(analysis), analysis.confidence) == ("C", Confidence.ESTIMATED)
    assert "colours of its pens" in analysis.reason


def test_paper_that_is_not_said_is_estimated(tmp_path: Path) -> None:
    analysis = read("IN;SP1;PD9,9;", tmp_path)
    assert ([page.media for page in analysis.pages], analysis.confidence) == (
        ["iso_a4_210x297mm"],
        Confidence.ESTIMATED,
    )


def test_a_letter_that_is_no_command_hides_nothing_behind_it(tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + "PD9,9;PG1;X5;PD9,9;PG1;", tmp_path)
    assert (looks(analysis), analysis.confidence) == ("GG", Confidence.ESTIMATED)
    assert "rules of HP-GL/2" in analysis.reason


def test_a_roll(tmp_path: Path) -> None:
    analysis = read("IN;PS200000,36576;SP1;PD9,9;", tmp_path)
    assert (analysis.pages[0].height_mm, analysis.pages[0].width_mm) == (5000, 914.4)
    assert analysis.settings.media == "custom_914.4x5000mm_914.4x5000mm"


def test_replots_are_copies_and_estimated(tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + "SP1;PD9,9;RP3;", tmp_path)
    assert (len(analysis.pages), analysis.settings.copies) == (1, 4)
    assert "again (RP)" in analysis.reason


def test_sequences_for_the_port_are_passed_over(tmp_path: Path) -> None:
    analysis = read("\x1b.(\x1b.I81;;17:\x1b.N;19:IN;" + A3 + "SP1;PD9,9;\x1b.)", tmp_path)
    assert (analysis.language, looks(analysis), analysis.confidence) == (Language.HPGL, "G", Confidence.EXACT)


def test_a_plot_with_nothing_in_it_is_unknown(tmp_path: Path) -> None:
    analysis = read("IN;" + A3 + "SP1;PU9,9;", tmp_path)
    assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "no page was found in it")


@pytest.mark.parametrize("size", ["0,0", "-5,7", "9" * 30 + ",5", "1", "0.0001,0.0001"])
def test_absurd_paper_is_an_answer(size: str, tmp_path: Path) -> None:
    analysis = read(f"IN;PS{size};SP1;PD9,9;RP{'9' * 40};", tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (1, Confidence.ESTIMATED), analysis.reason


PIECES = (
    "PD9,9;",
    "PU;",
    "PG;",
    "PG1;",
    "SP1;",
    "SP0;",
    "LB PG;PD \x03",
    "PM0;",
    "PM2;",
    "FP;",
    "RP;",
    "PE:\xc3=\xc3\xc3;",
)


@settings(max_examples=80, deadline=None)
@given(pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.text('PDSGLB0;:\x1b.%"', max_size=5)), max_size=20))
def test_any_plot_is_an_answer(pieces: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    analysis = read("IN;" + "".join(pieces), tmp_path_factory.getbasetemp())
    assert (analysis.confidence is Confidence.UNKNOWN) == (not analysis.pages)
    assert "analyser failed" not in analysis.reason

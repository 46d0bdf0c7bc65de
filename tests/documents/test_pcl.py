"""PCL 5: whatever is written is counted as a LaserJet counts it, and binary data are never commands."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.documents import pcl
from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword
from tests.documents.corpus import A3, A5, IPPTOOL, LETTER, Leaf, found, ghostscript, make_pdf, truth
from tests.documents.pcl_writer import (
    NASTY,
    Made,
    Writer,
    command,
    delta,
    packbits,
    picture,
    replacement,
    run_lengths,
    with_data,
)

A4 = "iso_a4_210x297mm"
START = b"\x1bE\x1b&l26A"


def read(octets: bytes, tmp_path: Path) -> Analysis:
    (tmp_path / "a").write_bytes(octets)
    return analyse(tmp_path / "a")


def looks(analysis: Analysis) -> str:
    """A letter a page: C for colour, G for grey, B for blank."""
    return "".join("C" if page.colour else "B" if page.blank else "G" for page in analysis.pages)


# Any sequence of commands.

OPERATIONS: dict[str, st.SearchStrategy[tuple[object, ...]]] = {
    "text": st.tuples(),
    "form_feed": st.tuples(),
    "reset": st.tuples(),
    "choose_paper": st.tuples(st.sampled_from([2, 3, 26])),
    "orient": st.tuples(st.booleans()),
    "copy": st.tuples(st.integers(1, 9)),
    "turn": st.tuples(st.integers(0, 2)),
    "combine": st.tuples(st.integers(1, 9), st.sampled_from([2, 3, 26])),
    "lines": st.tuples(st.integers(1, 200)),
    "picture": st.tuples(st.integers(0, 99), st.integers(1, 4), st.sampled_from([0, 1, 2, 3, 9])),
    "white_picture": st.tuples(st.integers(1, 3)),
    "colour_picture": st.tuples(st.booleans()),
    "ink": st.tuples(st.booleans()),
    "font": st.tuples(),
    "transparent": st.tuples(),
    "pattern": st.tuples(),
    "rectangle": st.tuples(st.booleans()),
    "macro": st.tuples(st.booleans()),
    "plot": st.tuples(st.booleans()),
}
CALLS = st.one_of([values.map(lambda given, name=name: (name, given)) for name, values in OPERATIONS.items()])


def made(analysis: Analysis) -> list[Made]:
    """What was found, as the writer keeps it."""
    said = analysis.settings
    return [
        Made(
            page.media,
            page.orientation == "landscape",
            page.colour,
            page.blank,
            said.copies or page.copies,
            said.sides or page.sides,
        )
        for page in analysis.pages
    ]


@settings(max_examples=120, deadline=None)
@given(calls=st.lists(CALLS, max_size=25))
def test_any_commands_are_counted_as_they_were_written(calls: list[tuple[str, tuple[object, ...]]]) -> None:
    writer = Writer()
    for name, values in calls:
        getattr(writer, name)(*values)
    octets = writer.finish()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(octets)
        analysis = analyse(path)
    assert made(analysis) == writer.pages
    if writer.pages:
        assert (analysis.language, analysis.confidence) == (Language.PCL, Confidence.EXACT), analysis.reason
    else:
        assert analysis.confidence is Confidence.UNKNOWN


# What other programs write.

LEAVES = [Leaf("text"), Leaf("red text"), Leaf("nothing", A5), Leaf("grey photo stored as RGB"), Leaf("text", A3)]


@pytest.mark.parametrize("device", ["ljet4", "ljet4d", "ljet2p", "ljet4pjl", "lp2563"])
def test_grey_printers_of_ghostscript(device: str, tmp_path: Path) -> None:
    # Where it prints on both sides, this driver says the first page's size only.
    leaves = [Leaf(leaf.content) for leaf in LEAVES] if device.endswith("d") else LEAVES
    analysis = analyse(ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", device, "-r150"))
    assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")
    assert found(analysis) == [(media, False, blank) for media, _, blank in truth(leaves)]
    two_sided = SidesKeyword.TWO_SIDED_LONG_EDGE if device.endswith("d") else None
    assert {analysis.settings.sides or page.sides for page in analysis.pages} == {two_sided}


def test_a_colour_printer_of_ghostscript(tmp_path: Path) -> None:
    leaves = [
        *[
            Leaf(content)
            for content in ("text", "red text", "photo", "grey photo stored as RGB", "grey by equal RGB")
        ],
        *[Leaf(content) for content in ("nothing", "yellow dot", "pale blue", "red hairline", "white box")],
        Leaf("text", LETTER),
    ]
    analysis = analyse(ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", "cljet5c", "-r150"))
    assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")
    assert found(analysis) == truth(leaves)


@pytest.mark.parametrize("device", ["cdj550", "djet500c", "cljet5"])
def test_deskjets_and_planes_of_ghostscript(device: str, tmp_path: Path) -> None:
    """All of one size: some of these devices stop where it changes."""
    leaves = [Leaf("text"), Leaf("red text"), Leaf("text")]
    analysis = analyse(ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", device))
    assert looks(analysis) == "GCG"


def test_an_empty_page_of_a_deskjet_is_doubted(tmp_path: Path) -> None:
    leaves = [Leaf("text"), Leaf("nothing"), Leaf("text")]
    analysis = analyse(ghostscript(make_pdf(tmp_path / "a.pdf", leaves), tmp_path / "a", "cdj550"))
    assert (looks(analysis), analysis.confidence) == ("GBG", Confidence.ESTIMATED)
    assert "page 2 is empty" in analysis.reason


@pytest.mark.parametrize(
    ("model", "option"), [("laserjet", ""), ("laserjet", "Duplex=DuplexTumble"), ("deskjet", "")]
)
def test_the_filter_of_cups(model: str, option: str, tmp_path: Path) -> None:
    subprocess.run(["ppdc", "-d", tmp_path, "/usr/share/cups/drv/sample.drv"], check=True, capture_output=True)
    # Where it prints on both sides, this driver says the first page's size only.
    second = Leaf("text") if option else Leaf("text", LETTER)
    pdf = make_pdf(tmp_path / "a.pdf", [Leaf("text"), second, Leaf("red text")])
    size = ("-sDEVICE=cups", "-r150", "-dcupsColorSpace=3", "-dcupsBitsPerColor=1", "-dcupsColorOrder=0")
    duplex = ("-dDuplex=true",) if option else ()
    raster = ghostscript(pdf, tmp_path / "a.ras", "cups", *size, *duplex)
    done = subprocess.run(
        ["/usr/lib/cups/filter/rastertohp", "1", "anna", "title", "1", option, str(raster)],
        env={"PPD": str(tmp_path / f"{model}.ppd"), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    analysis = read(done.stdout, tmp_path)
    assert [page.media for page in analysis.pages] == [A4, A4 if option else "na_letter_8.5x11in", A4]
    assert "C" not in looks(analysis)
    sides = {analysis.settings.sides} | {page.sides for page in analysis.pages}
    assert (SidesKeyword.TWO_SIDED_LONG_EDGE in sides) == (option != "")


def test_a_real_file_without_a_paper_size() -> None:
    analysis = analyse(IPPTOOL / "testfile.pcl")
    assert (len(analysis.pages), analysis.confidence) == (1, Confidence.EXACT)
    assert "does not say its paper size" in analysis.remarks[0]
    assert analysis.settings.media is None


# Pages.


@pytest.mark.parametrize(
    ("octets", "pages"),
    [
        (b"\f", "B"),
        (b"text\f", "G"),
        (b"text", "G"),
        (b"text\x1bE", "G"),
        (b"text\f\x1bE\x1bE", "G"),
        (b"\x1bEtext\x1bE", "G"),
        (b"one\x1b&l26Atwo\x1b&l1Othree\x1b&l1Ofour", "GGG"),
        (b"one\x1b&l1Htwo\x1b&l0H", "GG"),
        (b"one\x1b&l1Mtwo", "GG"),
        (b"one\x1b&l66Ptwo", "GG"),
        (b"\x1b&l26A\x1b&l26A\x1b&l1O", "unknown"),
        (b"", "unknown"),
        (b"\f\f\f", "BBB"),
        (b"one\x1b&a0Gtwo\x1b&l1Sthree", "GGG"),
        (b"one\x1b%-12345Xtwo", "GG"),
    ],
)
def test_where_pages_end(octets: bytes, pages: str, tmp_path: Path) -> None:
    analysis = read(START + octets, tmp_path)
    if pages == "unknown":
        assert (analysis.confidence, analysis.reason) == (Confidence.UNKNOWN, "no page was found in it")
    else:
        assert (looks(analysis), analysis.confidence) == (pages, Confidence.EXACT), analysis.reason


@pytest.mark.parametrize(
    ("before", "lines", "pages"),
    [
        (b"", 64, 1),
        (b"", 65, 2),
        (b"\x1b&l2A", 60, 1),
        (b"\x1b&l2A", 61, 2),
        (b"\x1b&l8D", 85, 1),
        (b"\x1b&l8D", 86, 2),
        (b"\x1b&l6C", 85, 1),
        (b"\x1b&l6C", 86, 2),
        (b"\x1b&l0L", 67, 1),
        (b"\x1b&l0L", 68, 2),
        (b"\x1b&l10F", 10, 1),
        (b"\x1b&l10F", 11, 2),
        (b"\x1b&l20E", 47, 1),
        (b"\x1b&l20E", 48, 2),
        (b"\x1b&l1O", 43, 1),
        (b"\x1b&l1O", 44, 2),
        (b"\x1b&k2G", 65, 2),
    ],
)
def test_lines_flow_to_the_next_page(before: bytes, lines: int, pages: int, tmp_path: Path) -> None:
    octets = START + before + b"\r\n".join([b"a line"] * max(1, lines))
    analysis = read(octets, tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (pages, Confidence.EXACT)


def test_carriage_returns_may_feed_lines(tmp_path: Path) -> None:
    assert len(read(START + b"\x1b&k1G" + b"a line\r" * 65, tmp_path).pages) == 2
    assert len(read(START + b"a line\r" * 650, tmp_path).pages) == 1


@pytest.mark.parametrize(("wrap", "pages"), [(b"\x1b&s0C", 2), (b"\x1b&s1C", 1), (b"", 1)])
def test_long_lines_wrap_only_where_told(wrap: bytes, pages: int, tmp_path: Path) -> None:
    """77 characters of ten an inch fit between the margins of A4."""
    analysis = read(START + wrap + b"x" * (77 * 64 + 1), tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (pages, Confidence.EXACT)
    assert len(read(START + wrap + b"x" * (77 * 64), tmp_path).pages) == 1


def test_wrapping_at_unknown_widths_is_estimated(tmp_path: Path) -> None:
    analysis = read(START + b"\x1b(s1P\x1b&s0C" + b"x" * 10_000, tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert "widths of characters" in analysis.reason


def test_lines_on_unsaid_paper_are_estimated(tmp_path: Path) -> None:
    analysis = read(b"\x1bE" + b"a line\r\n" * 70, tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (2, Confidence.ESTIMATED)
    assert "does not say its paper" in analysis.reason


def test_a_rotated_text_that_flows_is_estimated(tmp_path: Path) -> None:
    assert read(START + b"\x1b&a90P" + b"a line\r\n" * 70, tmp_path).confidence is Confidence.ESTIMATED


# Settings.


def test_what_all_pages_say_alike_is_of_the_document(tmp_path: Path) -> None:
    analysis = read(START + b"\x1b&l3x1S" + b"one\ftwo\f", tmp_path)
    said = analysis.settings
    assert (said.copies, said.collated, said.media) == (3, False, A4)
    assert said.sides is SidesKeyword.TWO_SIDED_LONG_EDGE
    assert {(page.copies, page.sides) for page in analysis.pages} == {(1, None)}


def test_what_pages_say_apart_is_theirs(tmp_path: Path) -> None:
    analysis = read(START + b"\x1b&l3X\x1b&l0Sone\f\x1b&l2X\x1b&l2A\x1b&l2Stwo\f", tmp_path)
    assert analysis.settings == replace(analysis.settings, copies=None, sides=None, media=None)
    assert [(page.copies, page.sides) for page in analysis.pages] == [
        (3, SidesKeyword.ONE_SIDED),
        (2, SidesKeyword.TWO_SIDED_SHORT_EDGE),
    ]


@pytest.mark.parametrize(
    ("octets", "starts"),
    [
        (b"\x1b&l1Sone\ftwo\fthree", [False, False, False]),
        (b"\x1b&l1Sone\f\x1b&a1Gtwo\fthree", [False, True, False]),
        (b"\x1b&l1Sone\f\x1b&a2Gtwo\fthree", [False, False, False]),
        (b"\x1b&l1Sone\f\x1bE\x1b&l26A\x1b&l1Stwo\fthree", [False, True, False]),
        (b"\x1b&l1Sone\x1b&a0Gtwo\fthree", [False, False, False]),
        (b"\x1b&l1Sone\f\x1b&a0Gtwo\fthree", [False, True, False]),
        (b"\x1b&l1S\x1b&l1Hone\f\x1b&l4Htwo\f\x1b&l4Hthree", [False, True, False]),
    ],
)
def test_which_pages_start_a_sheet(octets: bytes, starts: list[bool], tmp_path: Path) -> None:
    analysis = read(START + octets, tmp_path)
    assert [page.starts_sheet for page in analysis.pages] == starts
    assert analysis.confidence is Confidence.EXACT


def test_an_empty_front_is_doubted(tmp_path: Path) -> None:
    analysis = read(START + b"\x1b&l1S\x1b&a2Gon the back", tmp_path)
    assert "front of a sheet empty" in analysis.reason


@pytest.mark.parametrize(
    ("said", "media"),
    [
        (b"\x1b&l27A", "iso_a3_297x420mm"),
        (b"\x1b&l6A", "na_ledger_11x17in"),
        (b"\x1b&l81A", "na_number-10_4.125x9.5in"),
        (b"\x1b&l66P", "na_letter_8.5x11in"),
        (b"\x1b&l84P", "na_legal_8.5x14in"),
        (b"\x1b&f4176I\x1b&f5904J\x1b&l101A", "iso_a5_148x210mm"),
    ],
)
def test_papers(said: bytes, media: str, tmp_path: Path) -> None:
    analysis = read(b"\x1bE" + said + b"text", tmp_path)
    assert ([page.media for page in analysis.pages], analysis.confidence) == ([media], Confidence.EXACT)


@pytest.mark.parametrize("said", [b"\x1b&l222A", b"\x1b&l101A", b"\x1b&f999999999I\x1b&f1J\x1b&l101A"])
def test_a_paper_that_is_not_known_is_doubted(said: bytes, tmp_path: Path) -> None:
    analysis = read(b"\x1bE" + said + b"text", tmp_path)
    assert (len(analysis.pages), analysis.confidence) == (1, Confidence.ESTIMATED)


# Colour.

RED, EQUAL = b"\xf0\x10\x10", b"\x55\x55\x55"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"\x1b*r3U\x1b*v1Stext", "C"),
        (b"\x1b*r3U\x1b*v0Stext", "G"),
        (b"\x1b*r3U\x1b*v7Stext\f", "B"),
        (b"\x1b*r-3U\x1b*v7Stext", "G"),
        (b"\x1b*r-3U\x1b*v1Stext", "C"),
        (b"\x1b*v1Stext", "G"),
        (b"\x1b*v1Ttext\f", "B"),
        (b"   \xa0 \f", "B"),
        (b"\x1b*r3U\x1b*v1S\x1b*c10a10b0P", "C"),
        (b"\x1b*r3U\x1b*v1S\x1b*c10a10b1P\f", "B"),
        (b"\x1b*r3U\x1b*v1S\x1b*r1Utext", "C"),
        (b"\x1b*v6W\0\1\4\4\4\4\x1b*v200a10b10c3I\x1b*v3Stext", "C"),
        (b"\x1b*v6W\0\1\4\4\4\4\x1b*v90a90b90c3I\x1b*v3Stext", "G"),
        (b"\x1b*p0P\x1b*r3U\x1b*p1P\x1b*v1Stext", "G"),
        (b"\x1b*r3U\x1b&p5i6C\x1b*r1U\x1b&p5S\x1b*v1Stext", "C"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([EQUAL * 9]), "G"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([EQUAL * 9 + RED]), "C"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([EQUAL * 9 + b"\x60\x68\x60"]), "G"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([b"\xff" * 9]) + b"\f", "B"),
        (b"\x1b*v6W\1\3\x08\x08\x08\x08" + picture([bytes(9)]) + b"\f", "B"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([packbits(EQUAL * 90 + RED)], 2), "C"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([run_lengths(EQUAL * 9), run_lengths(EQUAL + RED)], 1), "C"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([delta(EQUAL * 9), b"\x41\1\2\3"], 3), "C"),
        (b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([delta(EQUAL * 9), b"\x43\x11\x11\x11"], 3), "G"),
        (b"\x1b*v6W\0\1\x08\x08\x08\x08" + picture([b"\0\7\0\7"]), "G"),
        (b"\x1b*v6W\0\1\x08\x08\x08\x08" + picture([b"\0\1\0\7"]), "C"),
        (b"\x1b*v6W\0\1\4\x08\x08\x08" + picture([b"\x07\x70"]), "G"),
        (b"\x1b*v6W\0\1\4\x08\x08\x08" + picture([b"\x07\x71"]), "C"),
        (b"\x1b*v6W\0\0\2\x08\x08\x08\x1b*r1A" + b"\x1b*b1V\xf0\x1b*b1W\xf0", "G"),
        (b"\x1b*v6W\0\0\2\x08\x08\x08\x1b*r1A" + b"\x1b*b1V\xf0\x1b*b1W\xf8", "C"),
        (b"\x1b*r-3U\x1b*r1A" + b"\x1b*b1V\xf0\x1b*b1V\xf0\x1b*b1W\xf0", "G"),
        (b"\x1b*r-3U\x1b*r1A" + b"\x1b*b1V\xf0\x1b*b1V\xf0\x1b*b1W\xe0", "C"),
        (b"\x1b*r-4U\x1b*r1A" + b"\x1b*b1V\xf0\x1b*bV\x1b*bV\x1b*bW", "G"),
        (b"\x1b*r-4U\x1b*r1A" + b"\x1b*b1V\xf0\x1b*bV\x1b*bV\x1b*b1W\1", "C"),
        (b"\x1b*r-3U\x1b*r1A\x1b*b9m2v" + replacement(b"\xf0") + b"2v" + replacement(b"\xf0") + b"2W"
         + replacement(b"\xf0"), "G"),
        (picture([bytes(9)] * 2) + b"\f", "B"),
        (picture([bytes(9), b"\0\1"]), "G"),
        (b"\x1b*r8S" + picture([b"\0\1"]) + b"\f", "B"),
        (picture([b"\2\0\2\xff\x0f\4\0\7\5\0\3\1\0\2\0\0"], 5), "G"),
        (picture([b"\4\0\7\5\0\3\1\0\2\0\0"], 5) + b"\f", "B"),
        (b"\x1b%0BIN;SP1;PD10,10;\x1b%0A", "G"),
        (b"\x1b%0BIN;SP5;PD10,10;\x1b%0A", "G"),
        (b"\x1b%0BIN;NP8;SP5;PD10,10;\x1b%0A", "C"),
        (b"\x1b%0BIN;NP8;PC5,9,9,9;SP5;PD10,10;\x1b%0A", "G"),
        (b"\x1b%0BIN;SP1;PU10,10;\x1b%0A\f", "B"),
    ],
)  # fmt: skip
def test_colour_is_followed_to_what_is_drawn(octets: bytes, expected: str, tmp_path: Path) -> None:
    analysis = read(START + octets, tmp_path)
    assert (looks(analysis), analysis.confidence) == (expected, Confidence.EXACT), analysis.reason


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"\x1b*v6W\3\3\x08\x08\x08\x08" + picture([RED * 9]), "device-independent"),
        (b"\x1b*v18W\0\3\x08\x08\x08\x08" + bytes(12) + picture([RED * 9]), "white and black points"),
        (b"\x1b*v6W\0\3\x08\4\4\4" + picture([RED * 9]), "eight bits a colour"),
        (picture([b"anything"], 10), "method 10"),
        (b"\x1b*v6W\0\1\3\x08\x08\x08" + picture([b"\x29\x4a\x52"]), "indexes of 3 bits"),
        (b"\x1b*g12W\6\x1f\0\3" + bytes(8) + picture([b"anything"], 9), "laid out"),
        (b"\x1b*r3U\x1b*v4Ttext", "patterns of its own"),
        (b"   \x1bE", "nothing that can be seen"),
        (b"\x1bYtext\f\x1bZ\f", "control codes"),
        (b"\x1b*b100Wtoo little", "in the middle of binary data"),
        (b"\x1b&f9y2Xtext", "macro 9"),
        (b"\x1b&f1Y\x1b&f0Xform\x1b&f1X\x1bE\x1b&l26A\x1b&f1y2Xtext", "macro 1"),
        (b"text\x1bE\f", "a reset and a form feed"),
        (b"\x1b*r3U\x1b*v1S\x1b*p9000x100Ytext", "beside the page"),
        (b"\x1b*r3U\x1b*v1S\x1b*p30000Y\x1b*c10a10b0P", "beside the page"),
        (b"\x1b%0BIN;SP1;X5;PD10,10;\x1b%0A", "break the rules of HP-GL/2"),
        (b"\x1b*r1A\x1b*b5Y1w\xff1W\xff", "break the rules"),
    ],
)
def test_what_is_estimated(octets: bytes, reason: str, tmp_path: Path) -> None:
    analysis = read(START + octets, tmp_path)
    assert analysis.confidence is Confidence.ESTIMATED
    assert analysis.pages
    assert reason in analysis.reason


def test_pictures_that_take_too_long_are_estimated_as_colour(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(START + b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([EQUAL]))
    analysis = analyse(tmp_path / "a", limits=Limits(document_s=-1))
    assert (looks(analysis), analysis.confidence) == ("C", Confidence.ESTIMATED)


# Macros, plots.


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"\x1b&f1Y\x1b&f0Xform\f\x1b&f1Xtext\f", "G"),
        (b"\x1b&f1Y\x1b&f0Xform\f\x1b&f1Xtext\f\x1b&f1y2X", "GG"),
        (b"\x1b&f1Y\x1b&f0Xform\x1b&f1X\x1b&f4X\f\f\x1b&f5X\f", "GGB"),
        (b"\x1b&f1Y\x1b&f0X\f\x1b&f2y3X\x1b&f1X\x1b&f2Y\x1b&f0Xin\f\x1b&f1X\x1b&f1y3X", "BG"),
        (b"\x1b&f1Y\x1b&f0X\f\x1b&f1y2X\x1b&f1X\x1b&f1y2X", "BBB"),
        (b"\x1b&f1Y\x1b&f0X\x1b&l27A\x1b&f1X\x1b&f1y3Xtext", "G"),
        (b"\x1b&f1Y\x1b&f0Xform\x1b&f1X\x1b&f10X\x1bE\x1b&l26A\x1b&f1y2X", "G"),
        (b"\x1b&f1Y\x1b&f0Xtext\x1bEform", "G"),
    ],
)
def test_macros_print_when_they_are_used(octets: bytes, expected: str, tmp_path: Path) -> None:
    analysis = read(START + octets, tmp_path)
    assert (looks(analysis), analysis.confidence) == (expected, Confidence.EXACT), analysis.reason


def test_a_called_macro_gives_the_state_back(tmp_path: Path) -> None:
    macro = b"\x1b&f1Y\x1b&f0X\x1b&l27A\x1b&f1X"
    assert read(START + macro + b"\x1b&f1y3Xtext", tmp_path).pages[0].media == A4
    assert read(START + macro + b"\x1b&f1y2Xtext", tmp_path).pages[0].media == "iso_a3_297x420mm"


def test_macros_that_multiply_are_stopped(tmp_path: Path) -> None:
    bomb = b"\x1b&f3Y\x1b&f0X" + b"\x1b&l1O\x1b&l0O" * 20_000 + b"\x1b&f1X"
    bomb += b"\x1b&f2Y\x1b&f0X" + b"\x1b&f3y2X" * 20_000 + b"\x1b&f1X" + b"\x1b&f2y2X" * 20_000
    (tmp_path / "a").write_bytes(START + b"\f" + bomb)
    analysis = analyse(tmp_path / "a", limits=Limits(document_s=0.5))
    assert (analysis.confidence, analysis.reason) == (
        Confidence.UNKNOWN,
        "its macros repeat more than can be followed",
    )


def test_a_plot_in_standalone_mode_has_its_own_pages_and_paper(tmp_path: Path) -> None:
    octets = b"\x1bE\x1b%-1BBP;IN;PS16800,11880;SP1;PD5,5;PG;PD5,5;PG;\x1b%0A\x1bE"
    analysis = read(octets, tmp_path)
    assert ([page.media for page in analysis.pages], looks(analysis)) == (["iso_a3_297x420mm"] * 2, "GG")


# Abuse.


@pytest.mark.parametrize(
    "octets",
    [
        command("&l", 10**30, "X") + b"text",
        command("&l", "1" * 100_000, "X") + b"text",
        command("&l", -5, "X") + b"text",
        b"\x1b&l1.5.5X\x1b&l--A\x1b&l\x1b\x1b*text",
        command("*b", 10**9 - 1, "W") + b"text",
        command("&a", "+99999999", "R") + b"text",
        command("&l", 0, "C") + b"text\n\n\n" * 1000,
        command("&l", 1, "F") + b"\n" * 50,
        command("*r", 10**9, "S") + picture([b"\xff"]),
        picture([b"\xe1\xff" + b"\xff" * 5000 + b"\1"], 3),
        picture([b"\x1f" + b"\xff" * 50_000], 9),
        picture([b"\4\xff\xff" * 1000], 5),
        with_data("*v", "W", b"\0"),
        with_data("*g", "W", b"\2\xff"),
        b"\x1b%0BLB" + b"x" * 1000,
        b"\x1b%0BPE:::::;PC;PC1;CR1;RF;SM;DT;PM;PS0,0;PS-5;SP" + b"9" * 5000 + b";PD1;",
    ],
)
def test_absurd_values_are_an_answer(octets: bytes, tmp_path: Path) -> None:
    analysis = read(START + b"\f" + octets, tmp_path)
    assert analysis.pages, analysis.reason
    assert "analyser failed" not in analysis.reason


def test_digits_without_end_are_read_once(tmp_path: Path) -> None:
    # Tried in all their divisions, they would take days.
    analysis = read(START + b"\x1b&l" + b"1" * (1 << 20) + b"\0text\f", tmp_path)
    assert len(analysis.pages) == 1


def test_more_pages_than_the_limit_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(START + b"\f" * 21)
    analysis = analyse(tmp_path / "a", limits=Limits(pages=20))
    assert (analysis.confidence, analysis.reason) == (
        Confidence.UNKNOWN,
        "it has more than 20 pages, which are not counted",
    )


SEEDS: list[Callable[[], bytes]] = [
    lambda: START + picture([packbits(NASTY)], 2) + b"\f",
    lambda: START + b"\x1b*v6W\0\3\x08\x08\x08\x08" + picture([delta(RED * 9)], 3),
    lambda: START + b"\x1b%0BIN;SP1;PD1,2;PE<=AB:C;LBx\x03PC1,2,3,4;\x1b%0A\x1b&f1Y\x1b&f0Xa\f\x1b&f1X\x1b&f2X",
]


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_damaged_documents_raise_nothing_else(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(SEEDS))())
    for _ in range(data.draw(st.integers(0, 8))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(octets[: data.draw(st.integers(0, len(octets)))])
        with suppress(Unreadable):
            pcl.analyse(Source.whole(path), Limits())

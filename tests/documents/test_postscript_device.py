"""PostScript: copies, sides and paper are what the page device was set to when the page came out."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.documents.analyse import analyse
from everprint.documents.postscript import NO_SIZE
from everprint.documents.result import Analysis, Confidence
from everprint.documents.ticket import SILENT, SidesKeyword, TicketPart

MARK = "100 100 moveto 50 50 rlineto stroke "
PAGE = f"{MARK} showpage\n"
ONE, LONG, SHORT = (
    SidesKeyword.ONE_SIDED,
    SidesKeyword.TWO_SIDED_LONG_EDGE,
    SidesKeyword.TWO_SIDED_SHORT_EDGE,
)


def run(tmp_path: Path, text: str) -> Analysis:
    (tmp_path / "a.ps").write_text(f"%!PS\n{text}\n", "latin-1")
    return analyse(tmp_path / "a.ps")


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (PAGE, SILENT),
        ("<< /Duplex false >> setpagedevice " + PAGE, TicketPart(sides=ONE)),
        ("<< /Duplex true >> setpagedevice " + PAGE, TicketPart(sides=LONG)),
        ("<< /Duplex true /Tumble false >> setpagedevice " + PAGE, TicketPart(sides=LONG)),
        ("<< /Duplex true /Tumble true >> setpagedevice " + PAGE, TicketPart(sides=SHORT)),
        ("<< /Tumble true >> setpagedevice " + PAGE, SILENT),
        ("statusdict begin true setduplexmode end " + PAGE, TicketPart(sides=LONG)),
        ("statusdict begin false setduplexmode end " + PAGE, TicketPart(sides=ONE)),
        ("statusdict begin true setduplexmode true settumble end " + PAGE, TicketPart(sides=SHORT)),
        ("statusdict dup /setduplexmode known { begin true setduplexmode end } if " + PAGE, TicketPart(sides=LONG)),
        ("[{ %%BeginFeature: *Duplex DuplexTumble\n << /Duplex true /Tumble true >> setpagedevice\n"
         "%%EndFeature\n } stopped cleartomark " + PAGE, TicketPart(sides=SHORT)),
        ("%%Requirements: duplex numcopies(3) collate\n" + PAGE, SILENT),
        ("/#copies 3 def " + PAGE, TicketPart(copies=3, collated=False)),
        ("<< /NumCopies 3 >> setpagedevice " + PAGE, TicketPart(copies=3, collated=False)),
        ("<< /NumCopies 3 /Collate true >> setpagedevice " + PAGE * 2, TicketPart(copies=3, collated=True)),
        ("<< /NumCopies 3 >> setpagedevice /#copies 9 def " + PAGE, TicketPart(copies=3, collated=False)),
        ("/#copies 1000000000 def " + PAGE, TicketPart(copies=1_000_000_000, collated=False)),
        ("<< /NumCopies 2 >> setpagedevice << /NumCopies null >> setpagedevice " + PAGE, SILENT),
    ],
)  # fmt: skip
def test_what_the_program_sets_for_all_its_pages(text: str, settings: TicketPart, tmp_path: Path) -> None:
    analysis = run(tmp_path, text)
    assert analysis.confidence is Confidence.EXACT
    assert analysis.settings == settings
    assert {(page.copies, page.sides) for page in analysis.pages} == {(1, None)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PAGE + "<< /Duplex true >> setpagedevice " + PAGE, [(1, None), (1, LONG)]),
        ("save << /Duplex true >> setpagedevice " + PAGE + "restore " + PAGE, [(1, LONG), (1, None)]),
        ("/#copies 2 def " + PAGE + "/#copies 1 def " + PAGE, [(2, None), (1, None)]),
        (f"<< /Duplex true >> setpagedevice {PAGE} << /Duplex false >> setpagedevice {PAGE}", [(1, LONG), (1, ONE)]),
        ("/#copies 0 def " + PAGE + "/#copies 2 def " + PAGE * 2, [(1, None), (1, None)]),  # no copies are no page
    ],
)  # fmt: skip
def test_what_it_sets_for_some_of_them(
    text: str, found: list[tuple[int, SidesKeyword | None]], tmp_path: Path
) -> None:
    analysis = run(tmp_path, text)
    assert analysis.confidence is Confidence.EXACT
    assert [(page.copies, page.sides) for page in analysis.pages] == found


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("<< /PageSize [595 842] >> setpagedevice " + PAGE, [(210, 297)]),
        ("<< /PageSize [842 595] >> setpagedevice " + PAGE, [(297, 210)]),
        ("a3 " + PAGE + "letter " + PAGE, [(297, 420), (216, 279)]),
        ("statusdict begin a4tray end " + PAGE, [(210, 297)]),
        ("<< /PageSize [123.4 456.7] >> setpagedevice " + PAGE, [(44, 161)]),
        ("<< /PageSize [595 842] /HWResolution [600 600] >> setpagedevice " + PAGE, [(210, 297)]),
        ("<< /PageSize [595 842] >> setpagedevice save a3 " + PAGE + "restore " + PAGE, [(297, 420), (210, 297)]),
    ],
)
def test_the_paper_is_what_the_program_sets(text: str, sizes: list[tuple[int, int]], tmp_path: Path) -> None:
    analysis = run(tmp_path, text)
    assert (analysis.confidence, analysis.remarks) == (Confidence.EXACT, ())
    assert [(round(page.width_mm), round(page.height_mm)) for page in analysis.pages] == sizes


def test_without_a_paper_size_a4_is_assumed_and_said(tmp_path: Path) -> None:
    analysis = run(tmp_path, PAGE)
    assert [page.media for page in analysis.pages] == ["iso_a4_210x297mm"]
    assert analysis.remarks == (NO_SIZE,)


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        (f"1 0 0 setrgbcolor {MARK} copypage {MARK} showpage", [True, True]),
        (f"1 0 0 setrgbcolor {MARK} erasepage 0 setgray {MARK} showpage", [False]),
        (f"save 1 0 0 setrgbcolor {MARK} showpage restore {MARK} showpage", [True, False]),
        (f"1 0 0 setrgbcolor {MARK} initgraphics 0 200 translate {PAGE} {PAGE}", [True, False]),
        (f"<< /BeginPage {{ pop 0 1 0 setrgbcolor {MARK} }} >> setpagedevice {PAGE}", [True]),
        (f"<< /EndPage {{ exch pop 0 eq }} >> setpagedevice {PAGE} {PAGE}", [False, False]),
        (f"<< /EndPage {{ pop 2 mod 1 eq }} >> setpagedevice {PAGE} {PAGE} {PAGE} {PAGE}", [False, False]),
        (f"<< /cupsColorSpace 18 /cupsBitsPerColor 1 >> setpagedevice 1 0 0 setrgbcolor {PAGE}", [True]),
    ],
)  # fmt: skip
def test_pages_are_what_the_device_puts_out(text: str, colours: list[bool], tmp_path: Path) -> None:
    analysis = run(tmp_path, text)
    assert analysis.confidence is Confidence.EXACT
    assert [page.colour for page in analysis.pages] == colours


def test_a_program_that_stays_in_the_printer_is_remarked(tmp_path: Path) -> None:
    analysis = run(tmp_path, f"serverdict begin 0 exitserver\n/mine {{ {PAGE} }} def mine mine")
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 2)
    assert "it changes the printer for the jobs after it (exitserver)" in analysis.remarks


# A program may try to be taken for another one.


@pytest.mark.parametrize(
    "text",
    [
        "product (GPL Ghostscript) eq { /showpage { } def } if " + PAGE * 2,
        "statusdict begin product (GPL Ghostscript) eq end { /showpage { } def } if " + PAGE * 2,
        "systemdict /product get (GPL Ghostscript) eq { /showpage { } def } if " + PAGE * 2,
        "revision 0 gt { } if " + PAGE,
        "/serialnumber load exec pop " + PAGE,
    ],
)
def test_a_program_that_asks_for_the_printer_is_never_exact(text: str, tmp_path: Path) -> None:
    assert run(tmp_path, PAGE + text).confidence is Confidence.ESTIMATED


@pytest.mark.parametrize(
    "text",
    [
        "<< /cupsColorSpace 18 >> systemdict /setpagedevice get exec " + PAGE,
        "<< /OutputDevice /ppmraw >> setpagedevice " + PAGE,
        "<< /OutputDevice /nullpage >> setpagedevice " + PAGE,
        "(nullpage) findprotodevice copydevice setdevice " + PAGE,
        "nulldevice [1 0 0 1 0 0] 10 10 <00 ff> makeimagedevice setdevice " + PAGE,
        "(3SaR) print flush (%stdout) (w) file (3SaR) writestring flush nonsense",
    ],
)
def test_a_program_that_meddles_with_our_device_is_never_exact(text: str, tmp_path: Path) -> None:
    analysis = run(tmp_path, PAGE + text)
    assert analysis.confidence is not Confidence.EXACT
    assert analysis.reason

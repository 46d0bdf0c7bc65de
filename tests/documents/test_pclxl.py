"""PCL XL: pages, paper, sides, copies and colour, from documents whose truth is known by construction.

Ghostscript writes one kind, our own writer (pclxl_writer) the other, and hypothesis makes up the rest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.documents import pclxl
from everprint.documents.analyse import analyse
from everprint.documents.limits import Limits
from everprint.documents.pclxl_looks import uncovered
from everprint.documents.pclxl_rows import unpack_delta_rows, unpack_runs
from everprint.documents.result import Analysis, Confidence, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import SidesKeyword
from tests.documents import pclxl_writer as xl
from tests.documents.corpus import (
    A3,
    A5,
    CONTENTS,
    LETTER,
    Leaf,
    found,
    ghostscript,
    jpeg,
    make_pdf,
    photo,
    photo_with_a_pale_line,
    truth,
)

ONE, LONG, SHORT = SidesKeyword.ONE_SIDED, SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE
Look = Callable[..., Analysis]
W = xl.Writer()
BOTH = pytest.mark.parametrize("w", [xl.Writer(), xl.Writer(big_endian=True)], ids=["little", "big"])
RED = W.rgb(255, 0, 0) + W.no_pen() + W.rectangle(100, 100, 300, 300)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def _look(document: bytes, limits: Limits = Limits()) -> Analysis:  # noqa: B008 - frozen
        path = tmp_path / "document.pxl"
        path.write_bytes(document)
        return pclxl.analyse(Source.whole(path), limits)

    return _look


def looks(analysis: Analysis) -> list[tuple[bool, bool]]:
    return [(page.colour, page.blank) for page in analysis.pages]


# Documents of another program.

LEAVES = [*(Leaf(content) for content in CONTENTS), Leaf("red text", A3), Leaf("text", (297.0, 210.0))]
LEAVES += [Leaf("photo", LETTER), Leaf("text", A5), Leaf("yellow dot", (101.6, 177.8))]


@pytest.mark.parametrize("compression", [1, 2, 3], ids=["rle", "jpeg", "delta-row"])
@pytest.mark.parametrize("device", ["pxlmono", "pxlcolor"])
def test_ghostscripts_pages_are_exactly_what_was_drawn(tmp_path: Path, device: str, compression: int) -> None:
    pdf = make_pdf(tmp_path / "made.pdf", LEAVES)
    made = ghostscript(pdf, tmp_path / "made.pxl", device, f"-dCompressMode={compression}", "-r300")
    source = Source.whole(made)
    source = source.part(made.read_bytes().index(b") HP-PCL XL"), source.end)  # behind the PJL
    analysis = pclxl.analyse(source, Limits())
    expected = [(media, colour and device == "pxlcolor", blank) for media, colour, blank in truth(LEAVES)]
    assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")
    assert found(analysis) == expected
    assert analysis.settings.sides is ONE
    assert [page.orientation for page in analysis.pages].count("landscape") == 1


def test_ghostscripts_duplex_and_copies_are_found(tmp_path: Path) -> None:
    pdf = make_pdf(tmp_path / "made.pdf", [Leaf()] * 3)
    made = ghostscript(pdf, tmp_path / "made.pxl", "pxlmono", "-dDuplex", "-dTumble", "-dNumCopies=2")
    source = Source.whole(made)
    analysis = pclxl.analyse(source.part(made.read_bytes().index(b") HP-PCL XL"), source.end), Limits())
    assert (len(analysis.pages), analysis.settings.sides) == (3, SHORT)
    assert analysis.settings.copies == 2
    assert not analysis.settings.collated


# Paper, sides, copies.


@BOTH
@pytest.mark.parametrize(
    ("size", "media"),
    [(0, "na_letter_8.5x11in"), (1, "na_legal_8.5x14in"), (2, "iso_a4_210x297mm"), (3, "na_executive_7.25x10.5in"),
     (4, "na_ledger_11x17in"), (5, "iso_a3_297x420mm"), (6, "na_number-10_4.125x9.5in"),
     (7, "na_monarch_3.875x7.5in"), (8, "iso_c5_162x229mm"), (9, "iso_dl_110x220mm"), (10, "jis_b4_257x364mm"),
     (11, "jis_b5_182x257mm"), (12, "iso_b5_176x250mm"), (14, "jpn_hagaki_100x148mm"), (15, "jpn_oufuku_148x200mm"),
     (16, "iso_a5_148x210mm"), (17, "iso_a6_105x148mm"), (18, "jis_b6_128x182mm"),
     (19, "custom_267x390mm_267x390mm"), (20, "custom_195x267mm_195x267mm"), (21, "na_foolscap_8.5x13in")],
)  # fmt: skip
def test_every_numbered_paper_size_is_exact(look: Look, w: xl.Writer, size: int, media: str) -> None:
    analysis = look(w.document(w.page(setup=w.byte(0x25, size))))
    assert (analysis.confidence, analysis.pages[0].media) == (Confidence.EXACT, media)


@BOTH
@pytest.mark.parametrize(
    ("setup", "media", "orientation"),
    [
        (lambda w: w.reals(0x2F, 4, 6) + w.byte(0x30, 0), "na_index-4x6_4x6in", "portrait"),
        (lambda w: w.pair(0x2F, 100, 150) + w.byte(0x30, 1), "om_small-photo_100x150mm", "portrait"),
        (lambda w: w.pair(0x2F, 2970, 2100) + w.byte(0x30, 2), "iso_a4_210x297mm", "landscape"),
        (lambda w: w.byte(0x25, 5) + w.byte(0x28, 1), "iso_a3_297x420mm", "landscape"),
        (lambda w: w.byte(0x25, 5) + w.byte(0x28, 3), "iso_a3_297x420mm", "landscape"),
        (lambda w: w.byte(0x25, 5) + w.byte(0x28, 2), "iso_a3_297x420mm", "portrait"),
        (lambda w: w.octets(0x25, b"LEGAL"), "na_legal_8.5x14in", "portrait"),
        (lambda w: w.octets(0x25, b"JIS B5"), "jis_b5_182x257mm", "portrait"),
    ],
)
def test_custom_and_named_sizes_and_orientations_are_exact(
    look: Look, w: xl.Writer, setup: Callable[[xl.Writer], bytes], media: str, orientation: str
) -> None:
    (page,) = (analysis := look(w.document(w.page(setup=setup(w))))).pages
    assert (analysis.confidence, page.media, page.orientation) == (Confidence.EXACT, media, orientation)


@pytest.mark.parametrize(
    ("setup", "reason"),
    [
        (b"", "leaves the paper size to the printer"),
        (W.byte(0x25, 96), "leaves the paper size to the printer"),
        (W.byte(0x25, 77), "not known"),
        (W.octets(0x25, b"VENDOR_SPECIAL"), "not known"),
        (W.byte(0x25, 13), "ISO's or JIS's"),
        (W.reals(0x2F, -1, 5) + W.byte(0x30, 0), "cannot be"),
        (W.reals(0x2F, float("nan"), 5) + W.byte(0x30, 0), "cannot be"),
        (W.reals(0x2F, 1e30, 5) + W.byte(0x30, 0), "cannot be"),
        (W.byte(0x25, 2) + W.byte(0x28, 4), "orientation"),
    ],
)
def test_paper_that_is_left_open_is_estimated(look: Look, setup: bytes, reason: str) -> None:
    analysis = look(W.document(W.page(setup=setup)))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1)
    assert reason in analysis.reason


def test_a_page_that_says_nothing_is_like_the_one_before(look: Look) -> None:
    first = W.byte(0x28, 1) + W.byte(0x25, 5) + W.byte(0x35, 0)
    analysis = look(W.document(W.page(setup=first), W.page(setup=b"")))
    assert analysis.confidence is Confidence.EXACT
    assert [(page.media, page.orientation) for page in analysis.pages] == [("iso_a3_297x420mm", "landscape")] * 2
    assert analysis.settings.sides is SHORT


A4_LONG = W.byte(0x25, 2) + W.byte(0x35, 1)
FRONT, BACK = W.byte(0x36, 0), W.byte(0x36, 1)


@pytest.mark.parametrize(
    ("setups", "starts"),
    [
        ([A4_LONG] * 3, [False, False, False]),
        ([A4_LONG + FRONT, A4_LONG + BACK, A4_LONG + FRONT], [False, False, False]),
        ([A4_LONG + FRONT] * 3, [False, True, True]),
        ([A4_LONG + BACK] * 3, [False, True, True]),
        ([A4_LONG + BACK, A4_LONG, A4_LONG], [False, True, False]),
        ([A4_LONG, W.byte(0x25, 5) + W.byte(0x35, 1), A4_LONG], [False, False, False]),
    ],
    ids=["plain", "said", "fronts", "backs", "back-first", "other-paper"],
)
def test_a_side_that_is_left_out_starts_a_sheet(look: Look, setups: list[bytes], starts: list[bool]) -> None:
    analysis = look(W.document(*(W.page(setup=setup) for setup in setups)))
    assert [page.starts_sheet for page in analysis.pages] == starts
    assert analysis.settings.sides is LONG


def test_a_side_chosen_after_several_copies_is_a_doubt_and_not_followed(look: Look) -> None:
    analysis = look(W.document(*[W.page(setup=A4_LONG + FRONT, copies=2)] * 3))
    assert (analysis.confidence, [page.starts_sheet for page in analysis.pages]) == (
        Confidence.ESTIMATED,
        [False] * 3,
    )
    alternating = [W.page(setup=A4_LONG + side, copies=3) for side in (FRONT, BACK, FRONT)]
    assert look(W.document(*alternating)).confidence is Confidence.EXACT


def test_sides_that_change_are_set_for_each_page(look: Look) -> None:
    one, two = W.byte(0x25, 2) + W.byte(0x34, 0), A4_LONG
    analysis = look(W.document(W.page(setup=one), W.page(setup=two), W.page(setup=two)))
    assert [page.sides for page in analysis.pages] == [ONE, LONG, LONG]
    assert analysis.settings.sides is None


def test_copies_of_all_pages_are_a_setting_and_others_stay_with_their_page(look: Look) -> None:
    alike = look(W.document(W.page(copies=3), W.page(copies=3)))
    assert (alike.settings.copies, alike.settings.collated) == (3, False)
    assert [page.copies for page in alike.pages] == [1, 1]
    unlike = look(W.document(W.page(copies=3), W.page(copies=1)))
    assert (unlike.settings.copies, [page.copies for page in unlike.pages]) == (None, [3, 1])
    assert unlike.confidence is Confidence.EXACT
    partly = look(W.document(W.page(copies=3), W.page()))
    assert (partly.confidence, [page.copies for page in partly.pages]) == (Confidence.ESTIMATED, [3, 1])
    silent = look(W.document(W.page(), W.page()))
    assert (silent.settings.copies, silent.settings.collated) == (None, None)


def test_no_copies_are_one_by_guess_and_many_are_no_work(look: Look) -> None:
    none = look(W.document(W.page(copies=0)))
    assert (none.confidence, len(none.pages)) == (Confidence.ESTIMATED, 1)
    many = W.document(W.byte(0x25, 2) + bytes([xl.BEGIN_PAGE]) + W.long(0x31, 4_000_000_000) + bytes([xl.END_PAGE]))
    assert look(many).settings.copies == 4_000_000_000


# Colour and blankness.

HALF_GREY = xl.rows([[(128, 128, 128), (255, 255, 255)]] * 2)
HALF_RED = xl.rows([[(255, 0, 0), (255, 255, 255)]] * 2)
ALL_WHITE = xl.rows([[(255, 255, 255), (254, 254, 254)]] * 2)
AT = W.space(xl.RGB) + W.cursor(100, 100)


@pytest.mark.parametrize(
    ("marks", "colour", "blank"),
    [
        ([], False, True),
        ([W.text(50, 50)], False, False),
        ([W.rgb(255, 0, 0), W.text(50, 50)], True, False),
        ([W.rgb(255, 0, 0)], False, True),
        ([RED], True, False),
        ([W.rgb(100, 105, 110), W.text(50, 50)], False, False),
        ([W.rgb(255, 255, 255), W.no_pen(), W.rectangle(0, 0, 500, 500)], False, True),
        ([W.byte(4, 0), bytes([xl.SET_BRUSH]), W.rgb(255, 0, 0, xl.SET_PEN), W.rectangle(5, 5, 9, 9)], True, False),
        ([W.space(xl.SRGB), W.real_array(0x0B, 1, 0, 0), bytes([xl.SET_BRUSH]), W.text(9, 9)], True, False),
        ([W.space(xl.SRGB), W.real_array(0x0B, 0.5, 0.5, 0.5), bytes([xl.SET_BRUSH]), W.text(9, 9)], False, False),
        ([W.space(xl.RGB), W.octets(0x0E, b"\0\xff\0"), bytes([xl.SET_BRUSH]), W.text(9, 9)], True, False),
        ([bytes([xl.PUSH_GS]), W.rgb(255, 0, 0), bytes([xl.POP_GS]), W.text(50, 50)], False, False),
        ([AT, W.image(2, [(2, xl.UNCOMPRESSED, HALF_GREY)])], False, False),
        ([AT, W.image(2, [(2, xl.UNCOMPRESSED, HALF_RED)])], True, False),
        ([AT, W.image(2, [(2, xl.UNCOMPRESSED, ALL_WHITE)])], False, True),
        ([AT, W.image(2, [(2, xl.RLE, xl.pack_bits(HALF_GREY))])], False, False),
        ([AT, W.image(2, [(2, xl.RLE, xl.pack_bits(HALF_RED))])], True, False),
        ([AT, W.image(2, [(1, xl.UNCOMPRESSED, HALF_GREY[:8]), (1, xl.UNCOMPRESSED, HALF_RED[:8])])], True, False),
        ([AT, W.image(40, [(9, xl.DELTA_ROW, xl.delta_rows(bytes([7, 7, 7]) * 360, 120))])], False, False),
        ([AT, W.image(40, [(9, xl.DELTA_ROW, xl.delta_rows(bytes([7, 7, 99]) * 360, 120))])], True, False),
        ([AT, W.image(120, [(160, xl.JPEG, jpeg(photo("RGB")))])], True, False),
        ([AT, W.image(120, [(160, xl.JPEG, jpeg(photo("L").convert("RGB")))])], False, False),
        ([AT, W.image(120, [(160, xl.JPEG, jpeg(photo_with_a_pale_line()))])], True, False),
        ([W.gray(0), W.cursor(9, 9), W.image(8, [(1, 0, b"\xff\0\0\0")], depth=0)], False, True),
        ([W.gray(0), W.cursor(9, 9), W.image(8, [(1, 0, b"\xef\0\0\0")], depth=0)], False, False),
        ([W.gray(0), W.cursor(9, 9), W.image(4, [(1, 0, b"\xff\xf0\0\0")], depth=1)], False, False),
        ([W.space(xl.RGB, b"\xff\xff\xff\xff\0\0"), W.cursor(9, 9), W.image(8, [(1, 0, bytes(4))], depth=0,
          indexed=True)], False, True),
        ([W.space(xl.RGB, b"\xff\xff\xff\xff\0\0"), W.cursor(9, 9), W.image(8, [(1, 0, b"\1\0\0\0")], depth=0,
          indexed=True)], True, False),
        ([RED, W.gray(0), W.rectangle(100, 100, 300, 200)], True, False),
        ([bytes([xl.SET_CLIP_TO_PAGE]), RED], True, False),
        ([W.box(0x42, 90, 90, 200, 200) + W.byte(0x53, 0) + bytes([xl.SET_CLIP_RECTANGLE]), RED], True, False),
        ([bytes([xl.NEW_PATH]) + W.box(0x42, 90, 90, 200, 200) + bytes([xl.RECTANGLE_PATH]), W.byte(0x53, 0),
          bytes([xl.SET_CLIP_INTERSECT]), RED], True, False),
        ([W.pair(0x2A, -50, -50) + bytes([xl.SET_PAGE_ORIGIN]), RED], True, False),
    ],
)  # fmt: skip
def test_colour_and_blankness_are_exact_where_the_operators_prove_them(
    look: Look, marks: list[bytes], colour: bool, blank: bool
) -> None:
    analysis = look(W.document(W.page(*marks)))
    assert (analysis.confidence, analysis.reason) == (Confidence.EXACT, "")
    assert looks(analysis) == [(colour, blank)]


@pytest.mark.parametrize(
    "marks",
    [
        [W.rgb(255, 0, 0), W.no_pen(), W.rectangle(2000, 2000, 3000, 3000)],
        [W.rgb(255, 0, 0), W.text(-2000, 50)],
        [W.rgb(255, 0, 0), W.text(50, 50, b"   ")],
        [RED, W.gray(255), W.rectangle(50, 50, 400, 400)],
        [W.rgb(255, 0, 0), W.text(150, 150), W.gray(255), W.rectangle(100, 100, 400, 200)],
        [W.box(0x42, 0, 0, 50, 50) + W.byte(0x53, 0) + bytes([xl.SET_CLIP_RECTANGLE]), RED],
        [W.box(0x42, 0, 0, 500, 500) + W.byte(0x53, 1) + bytes([xl.SET_CLIP_RECTANGLE]), RED],
        [W.rop(0x55), RED],
        [W.rgb(255, 0, 0), W.space(xl.RGB), W.text(50, 50)],
        [AT, W.image(2, [(2, xl.UNCOMPRESSED, HALF_RED[:7])])],
        [AT, W.image(2, [(2, xl.RLE, b"\x81")])],
        [AT, W.image(2, [(2, xl.DELTA_ROW, b"\xff\xff\0")])],
        [AT, W.image(2, [(2, xl.JPEG, b"\xff\xd8\xff nothing")])],
        [AT, W.image(2, [(2, 6, b"what is this")])],
        [AT, W.image(60_000, [(65_000, xl.RLE, b"\x81\0" * 99)])],
        [W.space(xl.RGB), W.pattern(3, 2, [(2, 0, HALF_RED)]), W.word(8, 3) + bytes([xl.SET_BRUSH]),
         W.rectangle(0, 0, 99, 99)],
        [W.pass_through(b"\x1b*v1S\x1b(s3Tx")],
        [W.long(0x91, 0x68704000) + W.long(0x92, 3) + bytes([xl.VENDOR_UNIQUE]) + b"abc"],
    ],
)  # fmt: skip
def test_colour_that_may_not_show_is_estimated(look: Look, marks: list[bytes]) -> None:
    analysis = look(W.document(W.page(*marks)))
    assert analysis.confidence is Confidence.ESTIMATED
    assert analysis.reason.startswith("page 1: ")
    assert looks(analysis) == [(True, False)]


def test_black_that_may_not_show_is_estimated_but_certainly_grey(look: Look) -> None:
    analysis = look(W.document(W.page(W.text(50, 50), W.gray(255), W.no_pen(), W.rectangle(0, 0, 900, 1200))))
    assert (analysis.confidence, looks(analysis)) == (Confidence.ESTIMATED, [(False, False)])


def test_a_grey_pattern_is_grey(look: Look) -> None:
    pattern = W.space(xl.RGB) + W.pattern(3, 2, [(2, 0, HALF_GREY)]) + W.word(8, 3) + bytes([xl.SET_BRUSH])
    (page,) = look(W.document(W.page(W.text(9, 9), pattern, W.rectangle(500, 500, 599, 599)))).pages
    assert not page.colour


def test_a_user_stream_is_executed_where_it_is_called(look: Look) -> None:
    body = W.header() + W.rgb(255, 0, 0) + W.text(60, 60)
    streams = W.stream(b"form", body[:30], body[30:])
    analysis = look(W.document(W.page(W.execute(b"form")), W.page(W.text(50, 50)), session=streams))
    assert (analysis.confidence, looks(analysis)) == (Confidence.EXACT, [(True, False), (False, False)])


def test_a_stream_that_is_not_there_is_estimated(look: Look) -> None:
    assert "is not there" in look(W.document(W.page(W.execute(b"form")))).reason


# Files.


def test_several_sessions_and_jobs_in_a_file_are_all_counted(look: Look) -> None:
    one = W.document(W.page(), W.page())
    two = xl.Writer(big_endian=True)
    job = b"@PJL ENTER LANGUAGE=PCLXL\n"
    whole = one + xl.UEL + job + two.document(two.page(two.text(9, 9))) + xl.UEL
    analysis = look(whole)
    assert (analysis.confidence, looks(analysis)) == (
        Confidence.EXACT,
        [(False, True), (False, True), (False, False)],
    )


def test_another_language_behind_the_end_is_said(look: Look) -> None:
    analysis = look(W.document(W.page()) + xl.UEL + b"%!PS\nshowpage\n")
    assert (len(analysis.pages), analysis.confidence) == (1, Confidence.ESTIMATED)


def test_a_file_without_a_page_is_unknown_and_never_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "empty.pxl"
    path.write_bytes(W.document())
    assert analyse(path).confidence is Confidence.UNKNOWN


def test_ascii_streams_are_unknown_by_name(tmp_path: Path) -> None:
    path = tmp_path / "ascii.pxl"
    path.write_bytes(b"' HP-PCL XL;2;0;\n_ubyte 0 Measure\n")
    analysis = analyse(path)
    assert (analysis.confidence, analysis.language) == (Confidence.UNKNOWN, "PCL XL")
    assert "ASCII" in analysis.reason


@pytest.mark.parametrize("protocol", ["1;1", "2;0", "2;1", "3;0"])
def test_every_protocol_class_is_read(look: Look, protocol: str) -> None:
    document = W.document(W.page()).replace(W.header(), W.header(protocol))
    assert look(document).confidence is Confidence.EXACT


def test_a_document_cut_anywhere_is_never_exact_with_too_few_pages(look: Look) -> None:
    page = W.page(W.text(50, 50), RED, AT, W.image(2, [(2, xl.RLE, xl.pack_bits(HALF_RED))]), copies=1)
    whole = W.document(page, page, page)
    for length in range(len(W.header()), len(whole)):
        try:
            analysis = look(whole[:length])
        except Unreadable:
            continue
        assert len(analysis.pages) <= 3
        begun = whole[:length].count(W.byte(0x28, 0) + W.byte(0x25, xl.A4) + bytes([xl.BEGIN_PAGE]))
        assert len(analysis.pages) == begun


def test_damage_is_said_and_pages_before_it_count(look: Look) -> None:
    analysis = look(W.document(W.page(), W.page(b"\xee\xee"), W.page()))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 2)
    assert "damaged" in analysis.reason


def test_more_pages_than_the_limit_are_unknown(look: Look) -> None:
    with pytest.raises(Unreadable, match="more than 2 pages"):
        look(W.document(*[W.page()] * 3), Limits(pages=2))


def test_many_doubts_are_a_short_reason(look: Look) -> None:
    analysis = look(W.document(*[W.page(setup=W.byte(0x25, 77))] * 500, *[W.page(W.rop(0x55), RED)] * 500))
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.ESTIMATED, 1000)
    assert len(analysis.reason) < 1000


def test_streams_that_call_each_other_end(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    body = W.header() + W.execute(b"form") * 200
    with pytest.raises(Unreadable, match="too deep"):
        look(W.document(W.page(W.execute(b"form")), session=W.stream(b"form", body)))
    monkeypatch.setattr(pclxl, "MOST_STREAM_OCTETS", 1 << 20)
    wide = W.document(
        *[W.page(W.execute(b"4"))] * 9,
        session=b"".join(W.stream(b"%d" % n, W.header() + W.execute(b"%d" % (n - 1)) * 250) for n in range(1, 5))
        + W.stream(b"0", W.header() + W.text(9, 9)),
    )
    with pytest.raises(Unreadable, match="too often"):
        look(wide)


def test_pictures_cost_no_more_than_their_octets(look: Look) -> None:
    """A gigabyte promised by a few octets is not unpacked."""
    begun = time.monotonic()
    look(W.document(*[W.page(AT, W.image(21_000, [(2000, xl.RLE, b"\x81\xff" * 99)]))] * 50))
    assert time.monotonic() - begun < 60


def test_what_covers_part_of_a_rectangle_leaves_the_rest() -> None:
    assert uncovered((0, 0, 10, 10), True, (0, 0, 10, 4)) == ((0, 4, 10, 10), True)
    assert uncovered((0, 0, 10, 10), True, (-1, -1, 11, 11)) is None
    assert uncovered((0, 0, 10, 10), False, (9, 9, 11, 11)) is None
    assert uncovered((0, 0, 10, 10), False, (10, 0, 20, 10)) == ((0, 0, 10, 10), False)


# Any document of a small generator.

COLOURS = st.sampled_from([(0, 0, 0), (128, 128, 128), (250, 250, 250), (255, 0, 0), (0, 0, 90), (255, 255, 255)])
PLACES = st.integers(0, 15)
"""Marks are put into cells of a grid, so that what shows in the end is known."""


Mark = tuple[tuple[int, int, int], int, str]
WrittenPage = tuple[list[Mark], int, bool, int]


@st.composite
def pages(draw: st.DrawFn) -> WrittenPage:
    marks = draw(st.lists(st.tuples(COLOURS, PLACES, st.sampled_from(["text", "rectangle", "image"])), max_size=8))
    return marks, draw(st.sampled_from([0, 1, 2, 5, 16])), draw(st.booleans()), draw(st.integers(1, 9))


def _written(w: xl.Writer, colour: tuple[int, int, int], place: int, kind: str) -> bytes:
    x, y = 10 + place % 4 * 130, 10 + place // 4 * 130
    if kind == "text":
        return w.rgb(*colour) + w.text(x + 55, y + 55)
    if kind == "rectangle":
        return w.rgb(*colour) + w.no_pen() + w.rectangle(x, y, x + 110, y + 110)
    block = xl.rows([[colour] * 3] * 2)
    image = w.pair(0x67, 110, 110)
    made = w.rgb(0, 0, 0) + w.cursor(x, y) + w.image(3, [(2, xl.RLE, xl.pack_bits(block))])
    return made.replace(w.pair(0x67, 200, 200), image)


def _shown(marks: list[Mark]) -> set[tuple[int, int, int]]:
    """The colours that are left, cell by cell; text does not hide what is under it."""
    cells: dict[int, set[tuple[int, int, int]]] = {}
    for colour, place, kind in marks:
        cells[place] = {colour} if kind != "text" else cells.get(place, set()) | {colour}
    return {colour for cell in cells.values() for colour in cell}


@given(st.lists(pages(), min_size=1, max_size=5), st.booleans(), st.binary(max_size=9))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document_is_counted_as_it_was_written(
    look: Look, made: list[WrittenPage], big_endian: bool, comment: bytes
) -> None:
    w = xl.Writer(big_endian)
    document = w.document(
        *(
            w.page(
                *(_written(w, *mark) for mark in marks),
                w.octets(0x81, comment) + b"\x47",
                setup=w.byte(0x25, size) + w.byte(0x28, int(landscape)),
                copies=copies,
            )
            for marks, size, landscape, copies in made
        )
    )
    analysis = look(document)
    assert len(analysis.pages) == len(made)
    copies = [page.copies * (analysis.settings.copies or 1) for page in analysis.pages]
    assert copies == [page[3] for page in made]
    assert [page.orientation == "landscape" for page in analysis.pages] == [page[2] for page in made]
    for page, (marks, _, _, _) in zip(analysis.pages, made, strict=True):
        shown = _shown(marks)
        colour = any(max(rgb) - min(rgb) > 16 for rgb in shown)
        blank = all(rgb == (255, 255, 255) for rgb in shown)
        if f"page {page.number}:" not in analysis.reason:
            assert (page.colour, page.blank) == (colour, blank)
        elif colour:
            assert page.colour  # a doubt is never to the printer's loss
    if not any(kind == "text" or rgb == (255, 255, 255) for marks, *_ in made for rgb, _, kind in marks):
        hidden = any(len({place for _, place, _ in marks}) < len(marks) for marks, *_ in made)
        assert hidden or analysis.confidence is Confidence.EXACT


@given(st.data(), st.integers(1, 700), st.integers(1, 9))
@settings(deadline=None, max_examples=100)
def test_delta_rows_unpack_to_what_was_packed(data: st.DataObject, width: int, height: int) -> None:
    made = data.draw(st.lists(st.sampled_from([bytes(width), b"\xff" * width]), min_size=height, max_size=height))
    changes = data.draw(st.lists(st.tuples(st.integers(0, height * width - 1), st.integers(0, 255)), max_size=20))
    octets = bytearray(b"".join(made))
    for at, value in changes:
        octets[at] = value
    rows = unpack_delta_rows(xl.delta_rows(bytes(octets), width), height, width)
    assert rows is not None
    assert rows.tobytes() == bytes(octets)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=3), st.integers(1, 400)), min_size=1, max_size=20))
@settings(deadline=None, max_examples=100)
def test_runs_unpack_to_what_was_packed(made: list[tuple[bytes, int]]) -> None:
    octets = b"".join(piece * times for piece, times in made)
    unpacked = unpack_runs(xl.pack_bits(octets), len(octets))
    assert unpacked is not None
    assert unpacked.tobytes() == octets
    assert unpack_runs(xl.pack_bits(octets)[:-1], len(octets)) is None
    longer = unpack_runs(xl.pack_bits(octets + octets[-1:]), len(octets))
    assert longer is not None
    assert longer.tobytes() == octets


def test_runs_of_many_parts_unpack_too() -> None:
    octets = random.Random(1).randbytes(5_000_000)
    literal = b"".join(bytes([127]) + octets[at : at + 128] for at in range(0, len(octets) - 127, 128))
    whole = octets[: len(octets) // 128 * 128] + b"\x07" * 4_000_000
    runs = literal + b"\x80" + b"\x81\x07" * (4_000_000 // 128)
    unpacked = unpack_runs(runs, len(whole))
    assert unpacked is not None
    assert unpacked.tobytes() == whole


def test_delta_rows_of_many_strips_unpack_too() -> None:
    octets = random.Random(1).randbytes(3000) * 3000
    rows = unpack_delta_rows(xl.delta_rows(octets[:3000], 3000) + b"\0\0" * 2999, 3000, 3000)
    assert rows is not None
    assert rows.tobytes() == octets


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_behind_the_header_are_an_answer(look: Look, octets: bytes) -> None:
    try:
        look(W.header() + octets)
    except Unreadable as why:
        assert str(why)

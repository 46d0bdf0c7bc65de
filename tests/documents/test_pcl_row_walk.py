"""The compiled walk over PCL 5's rows says what Python says of the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everprint.documents.analyse import analyse
from everprint.documents.colour import COLOUR_THRESHOLD, WHITE_THRESHOLD
from everprint.documents.pcl_row_walk import WINDOW_OCTETS, RowWalk
from everprint.documents.pcl_rows import MOST_OCTETS, unpack
from everprint.documents.result import Analysis, Confidence
from tests.documents.pcl_writer import NASTY, command, delta, packbits, run_lengths, with_data

RGB = with_data("*v", "W", b"\0\3\0\10\10\10")
PACKED = (bytes, run_lengths, packbits, delta)
RED, GREY, WHITE = b"\xff\0\0", b"\x80\x80\x80", b"\xff\xff\xff"

# Octets that look like rows: runs, few different values, commands that reach far.
SOME = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [b"\xff", b"\0", b"\x7f\xff", b"\x81\xff", b"\xe0", b"\x1f\xff\xff\x03", b"\xff\xff\0", b"\x80"]
        ),
    ),
    max_size=8,
).map(b"".join)


def looks_of(row: bytes, width: int, light: bool) -> tuple[bool, bool]:
    octets = min(len(row), 3 * width) if width else len(row)
    if octets < 3:
        return False, False
    pixels = np.frombuffer(row, np.uint8, octets // 3 * 3).reshape(-1, 3).astype(int)
    inks = 255 - pixels if light else pixels
    return bool(inks.max() > WHITE_THRESHOLD), bool((inks.max(axis=1) - inks.min(axis=1)).max() > COLOUR_THRESHOLD)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 3), SOME), max_size=6),
    width=st.integers(0, 12),
    light=st.booleans(),
    above=st.binary(max_size=40),
)
def test_any_rows_are_seen_as_python_sees_them(
    rows: list[tuple[int, bytes]], width: int, light: bool, above: bytes
) -> None:
    stream, row, visible, coloured = b"", above, False, False
    for packing, data in rows:
        stream += b"\x1b*b%dm%dW%s" % (packing, len(data), data)
        if not coloured:
            row = unpack(data, packing, row)
            seen = looks_of(row, width, light)
            visible, coloured = visible or seen[0], coloured or seen[1]
    walked = RowWalk().look(stream, 0, above, width, light=light, visible=False)
    assert (walked.octets, walked.rows, walked.short) == (len(stream), len(rows), True)
    assert (walked.visible, walked.coloured, walked.row) == (visible, coloured, row)
    assert walked.put == any(data for _, data in rows)


@settings(max_examples=50, deadline=None)
@given(octets=st.lists(st.one_of(SOME, st.sampled_from([b"\x1b*b", b"5W", b"3m", b"9Y", b"V", b"W"]))).map(b"".join))
def test_damaged_rows_stop_the_walk_where_a_sequence_begins(octets: bytes) -> None:
    walk = RowWalk()
    looked, passed = walk.look(octets, 3, b"", 0, light=True, visible=False), walk.pass_over(octets, 3)
    assert 0 <= looked.octets <= passed.octets <= len(octets)
    assert walk.pass_over(octets[passed.octets :], passed.packing).octets == 0


def test_a_row_is_never_longer_than_any_printer_is_wide() -> None:
    for packing, data in (
        (1, b"\xff\0" * 2000),
        (2, b"\x81\0" * 4000),
        (3, b"\x1f" + b"\xff" * 400 + b"\0\0" * 4000),
    ):
        walked = RowWalk().look(b"\x1b*b%dm%dW%s" % (packing, len(data), data), 0, b"", 0, light=True, visible=False)
        assert len(walked.row) <= MOST_OCTETS
    assert (
        len(RowWalk().look(b"\x1b*b400000W" + bytes(400_000), 0, b"", 0, light=True, visible=False).row)
        == MOST_OCTETS
    )


def picture(rows: list[bytes], packing: int, width: int) -> bytes:
    body = b"".join(with_data("*b", "W", PACKED[packing](row)) for row in rows)
    head = b"\x1bE\x1b&l26A" + RGB + command("*r", width, "S") + b"\x1b*r1A" + command("*b", packing, "M")
    return head + body + b"\x1b*rC\f\x1bE"


def read(octets: bytes, tmp_path: Path) -> Analysis:
    (tmp_path / "a").write_bytes(octets)
    return analyse(tmp_path / "a")


@pytest.mark.parametrize("packing", range(4))
@pytest.mark.parametrize(("last", "expected"), [(RED, "colour"), (b"\x90\x80\x80", "grey")])
def test_one_pixel_at_the_end_of_many_windows_decides(
    packing: int, last: bytes, expected: str, tmp_path: Path
) -> None:
    grey = bytes(shade for shade in range(200) for _ in range(3))
    rows = [grey] * (WINDOW_OCTETS // 500) + [grey[:-3] + last] + [NASTY * 3] * (last == RED)
    analysis = read(picture(rows, packing, 200), tmp_path)
    assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 1)
    assert ("colour" if analysis.pages[0].colour else "grey", analysis.pages[0].blank) == (expected, False)


def test_colour_beyond_the_edge_of_the_picture_is_not_seen(tmp_path: Path) -> None:
    analysis = read(picture([GREY * 10 + RED] * 20, 2, 10), tmp_path)
    assert not analysis.pages[0].colour


def test_white_rows_are_blank(tmp_path: Path) -> None:
    for packing in range(4):
        assert read(picture([WHITE * 100] * 50, packing, 100), tmp_path).pages[0].blank


def test_a_row_larger_than_the_window_is_read_too(tmp_path: Path) -> None:
    rows = [GREY * 10, GREY * (WINDOW_OCTETS // 3 + 100), RED * 10]
    assert read(picture(rows, 0, 0), tmp_path).pages[0].colour


@pytest.mark.parametrize("row", [GREY, GREY * 300])
@pytest.mark.parametrize("between", [b"", b"\x1b*b1N", b"\x1b*p1X", b"\x1b*b0Y"])
def test_rows_with_other_commands_between_are_seen_whoever_reads_them(
    row: bytes, between: bytes, tmp_path: Path
) -> None:
    for packing in (2, 3):
        rows = (with_data("*b", "W", PACKED[packing](row)) + between) * 100
        for last, colour in ((GREY, False), (RED, True)):
            head = b"\x1bE\x1b&l26A" + RGB + b"\x1b*r1A" + command("*b", packing, "M")
            page = head + rows + with_data("*b", "W", PACKED[packing](last)) + b"\f"
            analysis = read(page * 2, tmp_path)
            assert [page.colour for page in analysis.pages] == [colour] * 2
            assert analysis.confidence is Confidence.EXACT

"""Paper sizes to names and back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.documents.media import (
    LARGEST_MM,
    MM_PER_POINT,
    STANDARD,
    TOLERANCE_MM,
    media_label,
    media_name,
    media_size,
)


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (210, 297, "iso_a4_210x297mm"),
        (297, 210, "iso_a4_210x297mm"),
        (595 * MM_PER_POINT, 842 * MM_PER_POINT, "iso_a4_210x297mm"),
        (594 * MM_PER_POINT, 840 * MM_PER_POINT, "iso_a4_210x297mm"),
        (612 * MM_PER_POINT, 792 * MM_PER_POINT, "na_letter_8.5x11in"),
        (279.4, 431.8, "na_ledger_11x17in"),
        (176, 250, "iso_b5_176x250mm"),
        (182, 257, "jis_b5_182x257mm"),
        (100, 148, "jpn_hagaki_100x148mm"),
        (100, 150, "om_small-photo_100x150mm"),
        (101.6, 152.4, "na_index-4x6_4x6in"),
        (90, 100, "custom_90x100mm_90x100mm"),
        (100.257, 90.5, "custom_90.5x100.26mm_90.5x100.26mm"),
        (0.001, 5, "custom_0.01x5mm_0.01x5mm"),
    ],
)
def test_a_size_has_a_name(width: float, height: float, name: str) -> None:
    assert media_name(width, height) == name


@pytest.mark.parametrize("name", STANDARD)
def test_each_standard_name_is_its_own_size_either_way_up(name: str) -> None:
    size = media_size(name)
    assert size is not None
    assert media_name(*size) == media_name(*reversed(size)) == name


@given(st.floats(0.01, LARGEST_MM), st.floats(0.01, LARGEST_MM))
def test_a_name_says_the_size_it_was_made_from(width: float, height: float) -> None:
    size = media_size(media_name(width, height))
    assert size is not None
    assert size[0] == pytest.approx(min(width, height), abs=TOLERANCE_MM + 0.02)
    assert size[1] == pytest.approx(max(width, height), abs=TOLERANCE_MM + 0.02)


@pytest.mark.parametrize("width", [0, -1, math.inf, math.nan, LARGEST_MM * 2])
def test_what_no_paper_can_be_is_refused(width: float) -> None:
    with pytest.raises(ValueError, match="no paper size"):
        media_name(width, 297)


@pytest.mark.parametrize("name", ["", "a4", "iso-a4", "choice_x", "custom_0x5mm_0x5mm", "iso_a4_210x297", "x" * 9999])
def test_a_name_without_a_size_has_none(name: str) -> None:
    assert media_size(name) is None


@given(st.text(max_size=80))
def test_any_text_is_a_size_or_none(text: str) -> None:
    media_size(text)


def test_people_call_it() -> None:
    assert media_label("iso_a4_210x297mm") == "A4"
    assert media_label("custom_90x100mm_90x100mm") == "90 x 100 mm"
    assert media_label("anything") == "anything"

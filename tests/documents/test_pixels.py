"""Two ways to look at the same pixels, one answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from everprint.documents.colour import look
from everprint.documents.pixels import look_at_pixels

LEVELS = st.integers(0, 255)
GREYS = LEVELS.map(lambda level: (level, level, level))
NEARLY = st.tuples(LEVELS, st.integers(-20, 20), st.integers(-20, 20)).map(
    lambda of: (of[0], min(255, max(0, of[0] + of[1])), min(255, max(0, of[0] + of[2])))
)
WHITES = st.tuples(*[st.integers(251, 255)] * 3)
COLOURS = st.tuples(LEVELS, LEVELS, LEVELS)


@given(st.one_of(*(st.lists(kind, min_size=1, max_size=30) for kind in (GREYS, NEARLY, WHITES, COLOURS))), LEVELS)
def test_pixels_in_memory_look_as_pictures_do(pixels: list[tuple[int, int, int]], fourth: int) -> None:
    picture = Image.new("RGB", (len(pixels), 1))
    for column, pixel in enumerate(pixels):
        picture.putpixel((column, 0), pixel)
    expected = look(picture)
    found = look_at_pixels(b"".join(bytes((*pixel, fourth)) for pixel in pixels)).looks
    assert (found.colour, found.blank) == (expected.colour, expected.blank)
    assert found.coverage is not None
    assert expected.coverage is not None
    for ink in ("cyan", "magenta", "yellow", "black"):
        assert getattr(found.coverage, ink) == pytest.approx(getattr(expected.coverage, ink), abs=1e-9)


@pytest.mark.parametrize(
    ("pixel", "faint"),
    [
        ((255, 243, 243), True),  # a red thing that covers a twentieth of it
        ((255, 255, 250), True),
        ((35, 31, 32), False),  # black ink as profiles show it
        ((147, 149, 152), False),  # half of it
        ((255, 254, 254), False),  # rounding
        ((255, 0, 0), False),  # no doubt
        ((120, 120, 120), False),
    ],
)
def test_what_may_be_a_small_coloured_thing_is_faint(pixel: tuple[int, int, int], faint: bool) -> None:
    assert look_at_pixels(bytes((*pixel, 255)) * 4).faint is faint

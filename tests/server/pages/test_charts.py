"""Charts are geometry: bars keep inside the drawing and say the same as the numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.server.pages.charts import HEIGHT, LEFT, WIDTH, Count, bar_chart, describe, scale


@pytest.mark.parametrize(
    ("highest", "levels"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (17, [0, 5, 10, 15, 20]),
        (100, [0, 50, 100]),
        (1234, [0, 500, 1000, 1500]),
    ],
)
def test_the_scale_has_round_levels_up_to_the_highest_value(highest: int, levels: list[int]) -> None:
    assert scale(highest) == levels


counts = st.lists(
    st.builds(
        Count, label=st.text(max_size=5), short=st.just(""), grey=st.integers(0, 10**7), colour=st.integers(0, 10**7)
    ),
    max_size=40,
)


@given(counts)
def test_every_bar_is_inside_the_drawing(values: list[Count]) -> None:
    for bar in bar_chart("c", "Pages", values).bars:
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH + 0.1
        assert 0 <= bar.colour_y <= bar.grey_y + 0.02
        assert bar.grey_y + bar.grey_height == pytest.approx(HEIGHT - 22, abs=0.05)


@given(counts)
def test_bars_are_as_high_as_their_numbers_say(values: list[Count]) -> None:
    chart = bar_chart("c", "Pages", values)
    unit = (chart.ticks[0].y - chart.ticks[-1].y) / chart.ticks[-1].value
    for bar in chart.bars:
        assert bar.grey_height + bar.colour_height == pytest.approx(bar.count.total * unit, abs=0.05)


def test_the_description_says_total_colour_and_peak() -> None:
    said = describe([Count("09:00", "9", 10, 2), Count("10:00", "10", 1, 0)])
    assert said == "13 impressions, 2 of them in colour; most at 09:00: 12."


def test_a_day_without_pages_says_so() -> None:
    chart = bar_chart("c", "Pages", [Count("09:00", "9", 0, 0)])
    assert chart.empty
    assert chart.description == "Nothing was printed."

"""When a body is too slow: plain arithmetic on octets and waiting time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from everprint.serving.body_pace import BodyPace


def test_silence_is_borne_for_as_long_as_said() -> None:
    pace = BodyPace(0.0, patience_s=10, rate=100)
    assert not pace.is_too_slow(10.0, waiting=True)
    assert pace.is_too_slow(10.1, waiting=True)


def test_time_in_which_nobody_waits_does_not_count() -> None:
    pace = BodyPace(0.0, patience_s=10, rate=100)
    assert not pace.is_too_slow(1000.0, waiting=False)
    assert not pace.is_too_slow(1009.0, waiting=True)
    assert pace.is_too_slow(1011.0, waiting=True)


def test_a_pause_behind_many_octets_is_borne_and_then_ends() -> None:
    pace = BodyPace(0.0, patience_s=10, rate=100)
    pace.take(1_000_000)
    assert not pace.is_too_slow(1.0, waiting=True)
    assert not pace.is_too_slow(11.0, waiting=True)
    assert pace.is_too_slow(11.5, waiting=True)


@given(rate=st.integers(1, 200))
def test_what_decides_in_the_long_run_is_the_average(rate: int) -> None:
    pace = BodyPace(0.0, patience_s=10, rate=100)
    late = False
    for second in range(1, 100):
        pace.take(rate)
        late = late or pace.is_too_slow(float(second), waiting=True)
    assert late == (rate < 100)

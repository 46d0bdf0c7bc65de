"""What a restore point or a replica is called: by its moment, and never as the one before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from everprint.cluster.backup.point import moment_after

NOON = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC)
POINT = "server-20261127T120000Z"


def test_the_first_point_has_the_hosts_time_in_whole_seconds() -> None:
    assert moment_after(NOON.replace(microsecond=700_000), "") == NOON


@pytest.mark.parametrize(
    "later",
    [timedelta(milliseconds=-1), timedelta(), timedelta(milliseconds=700), timedelta(seconds=1), timedelta(hours=-3)],
)
def test_two_points_have_never_one_name_and_keep_their_order(later: timedelta) -> None:
    """Within one second of the newest point, or with a clock that went back."""
    assert moment_after(NOON + later, POINT) == NOON + timedelta(seconds=1)


def test_otherwise_it_is_the_hosts_time() -> None:
    assert moment_after(NOON + timedelta(minutes=5, milliseconds=3), POINT) == NOON + timedelta(minutes=5)

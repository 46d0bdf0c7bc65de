"""What the next point is, what one needs, and which are kept: never one whose base is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.history import chain_of, next_of, to_keep
from everprint.cluster.backup.point import Point, StoredImage
from everprint.cluster.backup.pruning import plan_pruning
from everprint.cluster.backup.repository import Contents
from tests.cluster.backup.points import SETTINGS, point

FULL = point("2026-11-20")
ONE = point("2026-11-21", on=FULL)
TWO = point("2026-11-22", on=ONE)
THREE = point("2026-11-23", on=TWO)


@pytest.mark.parametrize(
    ("points", "has_bitmaps", "full", "base", "reason"),
    [
        ([], True, False, "", "it is the first"),
        ([FULL], True, False, FULL.name, ""),
        ([FULL, ONE, TWO], True, False, TWO.name, ""),
        ([FULL, ONE, TWO, THREE], True, False, "", "3 incremental ones followed the last"),
        ([FULL], True, True, "", "it was asked for"),
        ([FULL], False, False, "", "a disk is not qcow2, which alone remembers what was written since"),
        ([ONE, TWO], True, False, "", "the last point is not whole"),
    ],
)
def test_the_next_point_goes_on_from_the_last_or_says_why_not(
    points: list[Point], has_bitmaps: bool, full: bool, base: str, reason: str
) -> None:
    coming = next_of(points, 3, has_bitmaps=has_bitmaps, full=full)
    assert (coming.base, coming.reason) == (base, reason)


def test_a_point_needs_all_back_to_the_full_one() -> None:
    assert chain_of([FULL, ONE, TWO, THREE], TWO) == [FULL, ONE, TWO]
    with pytest.raises(BackupError, match=rf"{TWO.name} cannot be brought back: it needs {ONE.name}"):
        chain_of([FULL, TWO], TWO)
    in_a_ring = replace(ONE, base=TWO.name)
    with pytest.raises(BackupError, match="cannot be brought back"):
        chain_of([in_a_ring, TWO], TWO)
    of_another = replace(FULL, vm="db1")
    with pytest.raises(BackupError, match="cannot be brought back"):
        chain_of([of_another, ONE], ONE)


def test_the_last_of_each_day_week_and_month_is_kept() -> None:
    days = [
        "2026-09-30",
        "2026-10-30",
        "2026-11-08",
        "2026-11-15",
        "2026-11-21",
        "2026-11-25T08:00",
        "2026-11-25T20:00",
    ]
    points = [point(day) for day in [*days, "2026-11-26"]]
    kept = {one.taken.strftime("%m-%d %H") for one in points if one.name in to_keep(points, SETTINGS)}
    # Two days: 26 and the evening of 25. Two weeks: 26, and 21 of the week before. Two months: 26, and 30 October.
    assert kept == {"11-26 12", "11-25 20", "11-21 12", "10-30 12"}


def test_what_a_kept_point_needs_is_kept_with_it() -> None:
    only_last = replace(SETTINGS, keep_daily=0, keep_weekly=0, keep_monthly=0)
    assert to_keep([FULL, ONE, TWO], only_last) == {FULL.name, ONE.name, TWO.name}
    another = point("2026-11-24")
    assert to_keep([FULL, ONE, TWO, another], only_last) == {another.name}


@given(
    st.lists(st.tuples(st.integers(1, 900), st.booleans()), min_size=1, max_size=40),
    st.tuples(st.integers(1, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
)
def test_whatever_the_rules_every_kept_point_can_be_brought_back(
    steps: list[tuple[int, bool]], rules: tuple[int, int, int, int]
) -> None:
    moment, points = datetime(2026, 1, 1, tzinfo=UTC), list[Point]()
    for hours, full in steps:
        moment += timedelta(hours=hours)
        base = None if full or not points else points[-1]
        points.append(point(moment.strftime("%Y-%m-%dT%H:%M"), on=base))
    last, daily, weekly, monthly = rules
    settings = replace(SETTINGS, keep_last=last, keep_daily=daily, keep_weekly=weekly, keep_monthly=monthly)
    kept = to_keep(points, settings)
    left = [one for one in points if one.name in kept]
    for one in left:
        assert {needed.name for needed in chain_of(left, one)} <= kept
    assert {one.name for one in points[-last:]} <= kept
    assert to_keep(left, settings) == kept, "a second time removes nothing more"


def test_pruning_goes_vm_by_vm_and_spares_images_that_are_needed() -> None:
    old, new = point("2025-01-01", image="aa"), point("2026-11-26", image="bb")
    other = point("2024-01-01", vm="db1", image="cc")
    settings = replace(SETTINGS, keep_daily=0, keep_weekly=0, keep_monthly=0)
    now = new.taken
    images = {
        digest: StoredImage(f"image-{digest}", now - timedelta(days=1 if digest == "ff" else 9))
        for digest in ("aa", "bb", "cc", "dd", "ee", "ff")
    }
    plan = plan_pruning(Contents([other, old, new], images, frozenset({"dd"})), settings, now)
    assert plan.points == (old,)
    assert plan.snapshots == (old.snapshot, "image-aa", "image-ee")

"""Job UUIDs are version 7: unique, and in the order of their making."""

import time
import uuid

from everprint.provider.job_uuid import new_job_uuid


def test_it_is_a_version_7_uuid_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_job_uuid())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_no_two_are_alike() -> None:
    assert len({new_job_uuid() for _ in range(20_000)}) == 20_000


def test_later_ones_sort_after_earlier_ones() -> None:
    first = new_job_uuid()
    time.sleep(0.002)
    assert new_job_uuid() > first

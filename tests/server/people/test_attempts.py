"""How often a password may be tried."""

from __future__ import annotations

import pytest

from everprint.server.people.attempts import MOST_COUNTERS, PER_ADDRESS, PER_NAME, WINDOW_S, Attempts, TooManyAttempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def fail(attempts: Attempts, times: int, name: str = "alice", address: str = "192.0.2.1", **how: bool) -> None:
    for _ in range(times):
        attempts.failed(name, address, **how)


def test_five_failures_close_the_door_for_that_name_from_that_address() -> None:
    attempts = Attempts(Clock())
    fail(attempts, 4)
    attempts.check("alice", "192.0.2.1")
    fail(attempts, 1)
    with pytest.raises(TooManyAttempts):
        attempts.check("alice", "192.0.2.1")
    attempts.check("alice", "192.0.2.2")
    attempts.check("bob", "192.0.2.1")


def test_the_door_opens_again_when_the_window_is_over() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    fail(attempts, 5)
    clock.now += WINDOW_S - 1
    with pytest.raises(TooManyAttempts) as closed:
        attempts.check("alice", "192.0.2.1")
    assert closed.value.wait_s == 1
    clock.now += 2
    attempts.check("alice", "192.0.2.1")


def test_many_names_from_one_address_are_stopped_and_one_name_from_many_addresses() -> None:
    attempts = Attempts(Clock())
    for number in range(PER_ADDRESS):
        attempts.failed(f"user{number}", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        attempts.check("anybody", "192.0.2.1")
    for number in range(PER_NAME):
        attempts.failed("victim", f"198.51.100.{number}")
    with pytest.raises(TooManyAttempts):
        attempts.check("victim", "203.0.113.1")


def test_behind_a_print_server_one_guesser_does_not_lock_the_others_out() -> None:
    attempts = Attempts(Clock())
    for number in range(PER_ADDRESS + 1):
        attempts.failed(f"user{number}", "provider:1", shared_address=True)
    attempts.check("alice", "provider:1", shared_address=True)


def test_a_success_forgives() -> None:
    attempts = Attempts(Clock())
    fail(attempts, 4)
    attempts.succeeded("alice", "192.0.2.1")
    fail(attempts, 4)
    attempts.check("alice", "192.0.2.1")


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    attempts = Attempts(Clock())
    for number in range(MOST_COUNTERS):
        attempts.failed(f"user{number}", f"address{number}")
    assert len(attempts._counters) <= MOST_COUNTERS

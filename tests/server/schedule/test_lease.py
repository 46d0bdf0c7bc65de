"""Scheduled work is one server's at a time, comes round, and survives servers and clocks that go away."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


def test_of_two_servers_one_has_the_work_until_it_is_done_and_due_again() -> None:
    from everprint.server.schedule.lease import claim, finish, renew
    from everprint.server.schedule.models import ScheduledWork

    assert claim("sweep", HOUR, "a")
    assert not claim("sweep", HOUR, "b")
    assert not renew("sweep", "b")
    assert renew("sweep", "a")
    finish("sweep", "swept", "a")
    assert not claim("sweep", HOUR, "b")
    assert claim("sweep", timedelta(0), "b")
    finish("sweep", "could not", "b", done=False)
    assert ScheduledWork.objects.get(name="sweep").outcome == "could not"


def test_the_lease_of_a_server_that_died_ends() -> None:
    from everprint.server.schedule.lease import LEASE, claim, database_now, finish
    from everprint.server.schedule.models import ScheduledWork

    assert claim("sweep", HOUR, "dead")
    ScheduledWork.objects.update(leased_until=database_now() - timedelta(seconds=1))
    assert claim("sweep", HOUR, "b")
    finish("sweep", "late", "dead")  # it woke up: the lease is not its own any more
    assert not claim("sweep", HOUR, "c")
    ScheduledWork.objects.update(leased_until=database_now() + 10 * LEASE)  # by a clock that was set back since
    assert claim("sweep", HOUR, "c")


def test_work_that_was_done_in_the_future_is_due() -> None:
    from everprint.server.schedule.lease import claim, database_now, finish
    from everprint.server.schedule.models import ScheduledWork

    assert claim("sweep", HOUR, "a")
    finish("sweep", "", "a")
    ScheduledWork.objects.update(done_at=database_now() + timedelta(days=365))
    assert claim("sweep", HOUR, "a")


def test_work_that_fails_is_tried_again_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.schedule import works
    from everprint.server.schedule.models import ScheduledWork

    outcomes = iter([ValueError("no disk"), "two grants"])

    def work(still_ours: object) -> str:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return str(outcome)

    monkeypatch.setattr(works, "WORKS", (works.Work("grants", HOUR, work),))
    works.do_what_is_due()
    assert ScheduledWork.objects.get().outcome == "failed: no disk"
    works.do_what_is_due()
    assert ScheduledWork.objects.get().outcome == "two grants"
    works.do_what_is_due()  # not due: the work would have nothing to say

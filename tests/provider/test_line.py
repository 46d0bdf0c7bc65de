"""Whose turn it is at a device."""

from __future__ import annotations

import asyncio

from everprint.provider.delivery.line import Line


def run(steps: object) -> None:
    asyncio.run(steps)  # type: ignore[arg-type] # a coroutine


def test_one_is_sent_at_a_time_and_the_oldest_comes_first() -> None:
    async def steps() -> None:
        line = Line(most_at_device=5)
        first = line.join(7)
        late, early = line.join(9), line.join(8)
        assert first.done()
        assert not late.done() and not early.done()
        line.step_aside(7)
        assert early.done() and not late.done()

    run(steps())


def test_no_more_than_so_many_are_at_the_device() -> None:
    async def steps() -> None:
        line = Line(most_at_device=2)
        turns = [line.join(job_id) for job_id in (1, 2, 3)]
        line.step_aside(1)
        line.step_aside(2)
        assert [turn.done() for turn in turns] == [True, True, False]
        line.leave(1)
        assert turns[2].done()

    run(steps())


def test_a_job_that_goes_away_holds_up_nobody() -> None:
    async def steps() -> None:
        line = Line(most_at_device=1)
        line.join(1)
        second, third = line.join(2), line.join(3)
        line.leave(2)
        line.leave(1)
        assert second.cancelled() and third.done()

    run(steps())


def test_jobs_of_an_earlier_start_count() -> None:
    async def steps() -> None:
        line = Line(most_at_device=1)
        line.occupy(1)
        turn = line.join(2)
        assert not turn.done()
        line.leave(1)
        assert turn.done()

    run(steps())


def test_a_pause_holds_everybody_back_until_it_is_over() -> None:
    async def steps() -> None:
        line = Line(most_at_device=5)
        line.pause()
        turn = line.join(1)
        assert not turn.done()
        async with asyncio.timeout(2):
            await turn
        assert line.failures == 1
        line.worked()
        assert line.failures == 0

    run(steps())


def test_a_device_that_is_back_ends_the_pause() -> None:
    async def steps() -> None:
        line = Line(most_at_device=5)
        line.pause()
        turn = line.join(1)
        line.resume()
        assert turn.done()

    run(steps())

"""Nothing that runs beside the work on jobs can stop the provider."""

from __future__ import annotations

import asyncio

import pytest

from everprint.provider.background import in_background


def test_a_task_that_breaks_begins_anew_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        begun, went_on, other = 0, asyncio.Event(), asyncio.Event()

        async def breaks() -> None:
            nonlocal begun
            begun += 1
            if begun < 3:
                raise OSError("no space left on device")
            went_on.set()
            await asyncio.Event().wait()

        async def works() -> None:
            await went_on.wait()
            other.set()

        async with in_background({"breaks": breaks, "works": works}, after_fault_s=0.001), asyncio.timeout(10):
            await other.wait()

    asyncio.run(main())
    assert caplog.text.count("task=breaks") == 2


def test_tasks_end_with_the_block() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main() -> None:
        async with in_background({"endless": endless}):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert ended == [True]

"""The analyser pool, warmed up while the first jobs are already taken.

A machine that has just started may be too busy, or too short of memory, to start a worker in time. That passes, and
jobs wait for it: starting is tried again until it succeeds.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Self

from everprint.documents.pool import AnalyserPool, WorkerFailed
from everprint.documents.result import Analysis

log = logging.getLogger(__name__)

_AGAIN_S = 5.0


class WarmingAnalyser:
    """Async context manager; entering it waits for nothing."""

    def __init__(self, pool: AnalyserPool, again_s: float = _AGAIN_S) -> None:
        """`again_s` is how long it waits after a failed start of the pool."""
        self._pool = pool
        self._again_s = again_s

    async def __aenter__(self) -> Self:
        self._warming = asyncio.create_task(self._warm_up(), name="analyser warms up")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._warming.cancel()
        with suppress(asyncio.CancelledError):
            await self._warming
        await self._pool.__aexit__(None, None, None)

    async def _warm_up(self) -> None:
        while True:
            try:
                await self._pool.__aenter__()
            except (WorkerFailed, OSError) as failed:
                log.error("no analyser can be started, jobs wait reason=%s", failed)  # noqa: TRY400 - it says all
                await asyncio.sleep(self._again_s)
            else:
                return

    async def analyse(self, path: Path, claimed_format: str = "") -> Analysis:
        """Waits for a worker, then for its answer."""
        if not self._warming.done():
            await asyncio.wait({self._warming})
        self._warming.result()
        return await self._pool.analyse(path, claimed_format)

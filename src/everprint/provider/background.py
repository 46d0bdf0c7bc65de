"""What runs beside the work on jobs: snapshots, reports, orders, announcements.

Invariant: none of them can stop the provider. Accepting and printing jobs needs none of them for a while, so one that
breaks is begun anew after a moment, and the log says what broke it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

log = logging.getLogger(__name__)

_AFTER_FAULT_S = 5.0


@asynccontextmanager
async def in_background(
    tasks: Mapping[str, Callable[[], Awaitable[None]]], after_fault_s: float = _AFTER_FAULT_S
) -> AsyncIterator[None]:
    """Runs the tasks, each under its name, for as long as the block lasts."""
    running = [asyncio.create_task(_go_on(name, run, after_fault_s), name=name) for name, run in tasks.items()]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _go_on(name: str, run: Callable[[], Awaitable[None]], after_fault_s: float) -> None:
    while True:
        try:
            await run()
        except Exception:
            log.exception("background task broke and begins anew task=%s in_s=%g", name, after_fault_s)
            await asyncio.sleep(after_fault_s)
        else:
            return

"""Questions that must be answered before anything else can be done about a job: asked until they are."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from everprint.ipp.client import PrinterError
from everprint.provider.delivery.device import DeviceBusy, DeviceRefused
from everprint.provider.delivery.endings import Endings
from everprint.provider.job import Job

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 15.0


async def until_answered(
    endings: Endings, job: Job, ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The device's answer to the question, however long it takes; the job says that it waits for it."""
    wait_s = _FIRST_WAIT_S
    trouble = ""
    while True:
        try:
            answer = await ask(*args, **kwargs)
        except (PrinterError, DeviceBusy, DeviceRefused) as error:
            if not trouble:
                log.warning("device does not answer job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            trouble = str(error)
        else:
            if trouble:
                await endings.say(job, "")
            return answer
        await endings.say(job, f"The printer does not answer: {trouble}.")
        await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
        wait_s = min(wait_s * 1.6, _LONGEST_WAIT_S)

"""The printer's own counter before and after each job, for queues that want their jobs checked against it.

The difference is the job's only if nothing else was printed meanwhile. What is known of that: no other job of ours
was at the device, and the difference is no larger than the job. What somebody copied at the device meanwhile cannot
be told from it (docs/reference/devices.md).
"""

from __future__ import annotations

import asyncio
import logging

from everprint.contract.device_uris import host_of
from everprint.contract.messages import CounterCheck
from everprint.provider.job import Job
from everprint.provider.queue import Queue
from everprint.provider.snmp.printer_mib import read_counter
from everprint.provider.snmp.reading import Counted
from everprint.provider.snmp.values import Agent, Asks, SnmpFailed

log = logging.getLogger(__name__)

# A counter may lag behind the paper: it is believed when it rests, and the printer with it.
_REST_S = 1.0
_LONGEST_S = 60.0
_BEFORE_S = 5.0


class HardwareCheck:
    """Of the jobs of one device. Nothing of it is journaled: a job that was under way at a crash is not checked."""

    def __init__(self, asks: Asks, queue: Queue, device_uri: str) -> None:
        self._asks = asks
        self._queue = queue
        self._host = host_of(device_uri)
        self._before: dict[int, int] = {}  # by job-id
        self._shared: set[int] = set()  # of those, the ones that were not alone

    async def begin(self, job: Job) -> None:
        """Reads the counter before the job goes to the device, if the queue wants that."""
        agent = self._agent()
        if agent is None:
            return
        try:
            async with asyncio.timeout(_BEFORE_S):
                counted = await read_counter(self._asks, agent)
        except (SnmpFailed, TimeoutError) as error:
            log.warning("counter cannot be read job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            return
        if counted.life_count is None:
            return
        if self._before:
            self._shared.update(self._before, {job.job_id})
        if not counted.is_idle:  # what it prints now is counted later
            self._shared.add(job.job_id)
        self._before[job.job_id] = counted.life_count

    async def end(self, job: Job) -> CounterCheck | None:
        """What the counter says, once it rests; None if it was not read before."""
        before = self._before.get(job.job_id)
        if before is None:
            return None
        try:
            counted = await self._rested()
        finally:
            self._before.pop(job.job_id, None)
            shared = job.job_id in self._shared
            self._shared.discard(job.job_id)
        if counted is None:
            return CounterCheck(before=before, remark="The counter could not be read after the job.")
        remark = ""
        if shared:
            remark = "The printer had something else to print, too."
        elif not counted.is_idle:
            remark = "The printer did not come to rest."
        return CounterCheck(before=before, after=counted.life_count, remark=remark)

    def forget(self, job: Job) -> None:
        """The job is not at the device any more; whatever it printed there is not checked."""
        self._before.pop(job.job_id, None)
        self._shared.discard(job.job_id)

    def _agent(self) -> Agent | None:
        snmp = self._queue.settings.snmp
        return Agent(self._host, snmp) if snmp is not None and snmp.check_counter and self._host else None

    async def _rested(self) -> Counted | None:
        """The counter when it said the same twice and the printer is idle, or as it is when the time is over."""
        last: Counted | None = None
        try:
            async with asyncio.timeout(_LONGEST_S):
                while (agent := self._agent()) is not None:
                    counted = await self._read(agent)
                    if counted is not None and counted == last and counted.is_idle:
                        break
                    last = counted
                    await asyncio.sleep(_REST_S)
        except TimeoutError:
            pass
        return last if last is not None and last.life_count is not None else None

    async def _read(self, agent: Agent) -> Counted | None:
        try:
            return await read_counter(self._asks, agent)
        except SnmpFailed:
            return None

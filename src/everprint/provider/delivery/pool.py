"""The way of a pool's jobs to its printers: which of them each goes to is chosen when it can be sent at once.

So no job waits at a busy printer while another is free. Nothing of the choice is kept: it becomes the device URI of
the journaled step *delivery-begun*, before the device is asked for anything; from then on the job is that device's,
until the journal says that nothing of it was printed there.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from everprint.contract.job_life import JobState
from everprint.contract.messages import DeviceState
from everprint.provider.delivery.delivery import Delivery
from everprint.provider.delivery.fitting import misfits
from everprint.provider.delivery.pool_choice import Candidate, choose
from everprint.provider.delivery.pool_member import PoolMember
from everprint.provider.delivery.preparation import Preparation
from everprint.provider.delivery.turn import until_turn
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.mirrored import SUPPLIES
from everprint.provider.pooled import pooled_abilities, pooled_status
from everprint.provider.queue import Queue
from everprint.provider.snmp.values import Asks

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    job: Job
    turn: asyncio.Future[PoolMember | None]
    able: frozenset[int] = frozenset()  # the members that can do what it asks for
    able_at: int = -1  # the revision of the pool that this is true for
    lacks: frozenset[str] = field(default_factory=frozenset)  # what keeps it from every one of them


class Pool:
    """Delivers the jobs of one queue that has several devices. Raises what Delivery raises."""

    def __init__(
        self,
        jobs: Jobs,
        preparation: Preparation,
        queue: Queue,
        members: Sequence[PoolMember],
        snmp: Asks | None = None,
    ) -> None:
        self.members = tuple(members)
        self._jobs = jobs
        self._queue = queue
        self._waiting: dict[int, _Waiting] = {}
        self._order: list[int] = []
        self._refused: dict[int, set[int]] = {}  # by job-id: the members that will not print it
        self._doubts = {job.job_id: job.device_uri for job in jobs.active(queue.name) if job.in_doubt}
        self._revision = 0
        self._choices = count(1)
        self._looking = False
        self._abilities: frozenset[object] = frozenset()
        self._deliveries = [
            Delivery(
                jobs, preparation, queue, one.device, one.line,
                device_uri=one.device_uri, described=one, others=_Others(self, number), snmp=snmp,
            )
            for number, one in enumerate(self.members)
        ]  # fmt: skip
        for one in self.members:
            one.line.on_room = self.look_again
            one.on_change = self._take_change
        self._take_change()

    def states(self) -> list[DeviceState]:
        """What each printer says of itself."""
        return [one.state() for one in self.members]

    async def deliver(self, job: Job) -> None:
        """Takes an authorised job to a printer that can print it, and follows it to its end there.

        Returns early when the job goes another way, or another printer must be looked for.
        """
        waiting = _Waiting(job, asyncio.get_running_loop().create_future())
        self._waiting[job.job_id] = waiting
        insort(self._order, job.job_id)
        member = None
        try:
            self.look_again()
            if not waiting.turn.done() and waiting.lacks:
                await self._say_what_is_missing(job, waiting.lacks)
            if not await until_turn(self._jobs, self._jobs.current(job), waiting.turn):
                return
            if (member := waiting.turn.result()) is not None:
                delivery = self._deliveries[self.members.index(member)]
                await delivery.deliver(self._jobs.current(job), has_turn=True)
        finally:
            self._leave(job.job_id, waiting)

    async def resume(self, job: Job) -> None:
        """Goes on with a job that one of the devices had, or may have had, when the provider stopped."""
        uris = [one.device_uri for one in self.members]
        number = uris.index(job.device_uri) if job.device_uri in uris else 0
        await self._deliveries[number].resume(job)

    def note_job(self, job: Job) -> None:
        """Takes a change of one of the queue's jobs: a printer that a job is in doubt at is trusted less."""
        was = self._doubts.pop(job.job_id, None)
        if job.in_doubt:
            self._doubts[job.job_id] = job.device_uri
        if job.state.is_final:
            self._refused.pop(job.job_id, None)
        if was is not self._doubts.get(job.job_id):
            self._revision += 1
            self.look_again()

    def look_again(self) -> None:
        """Gives each job that can go its printer, the oldest first."""
        if self._looking:
            return
        self._looking = True
        try:
            while self._place_one():
                pass
        finally:
            self._looking = False

    def dissolve(self) -> None:
        """The queue has other devices now: whoever waits goes on at once, to find that out."""
        for one in self.members:
            one.line.on_room = None
        for waiting in self._waiting.values():
            if not waiting.turn.done():
                waiting.turn.set_result(None)

    def could_go_elsewhere(self, job: Job, number: int) -> bool:
        """True if another printer would be sent the job at once."""
        others = self._able(job) - {number}
        return any(self.members[other].is_well and self.members[other].line.has_room for other in others)

    def note_refusal(self, job: Job, number: int) -> bool:
        """That printer will not print it; True if there is another that may."""
        self._refused.setdefault(job.job_id, set()).add(number)
        return bool(self._able(job))

    def _place_one(self) -> bool:
        free = {number for number, one in enumerate(self.members) if one.is_well and one.line.has_room}
        if not free:
            return False
        for job_id in self._order:
            waiting = self._waiting[job_id]
            if waiting.turn.done():
                continue
            if waiting.able_at != self._revision:
                waiting.able, waiting.able_at = self._able(waiting.job), self._revision
                waiting.lacks = self._lacks(waiting.job)
            if waiting.able & free and self._give_turn(waiting):
                return True
        return False

    def _give_turn(self, waiting: _Waiting) -> bool:
        doubtful = set(self._doubts.values())
        number = choose(
            [
                Candidate(
                    is_well=one.is_well,
                    in_doubt=one.device_uri in doubtful,
                    has_room=one.line.has_room,
                    fits=number in waiting.able,
                    load=one.line.load,
                    last_chosen=one.last_chosen,
                )
                for number, one in enumerate(self.members)
            ]
        )
        if number is None:
            return False
        member = self.members[number]
        member.last_chosen = next(self._choices)
        member.line.join(waiting.job.job_id)
        waiting.turn.set_result(member)
        return True

    def _able(self, job: Job) -> frozenset[int]:
        """The printers that can do what the job asks for; what none of them can is asked of none."""
        lacking = self._lacking(job)
        nobody = frozenset.intersection(*lacking.values()) if lacking else frozenset()
        refused = self._refused.get(job.job_id, set())
        return frozenset(number for number, lacks in lacking.items() if lacks <= nobody and number not in refused)

    def _lacks(self, job: Job) -> frozenset[str]:
        lacking = self._lacking(job)
        return frozenset() if self._able(job) or not lacking else frozenset.union(*lacking.values())

    def _lacking(self, job: Job) -> dict[int, frozenset[str]]:
        return {number: misfits(job, one, self._queue) for number, one in enumerate(self.members) if one.device_seen}

    async def _say_what_is_missing(self, job: Job, lacks: frozenset[str]) -> None:
        reason = f"Waits: no printer of this queue can do all of it ({', '.join(sorted(lacks))})."
        if job.job_state_message != reason:
            log.warning("no printer of the pool fits job_id=%d uuid=%s lacks=%s", job.job_id, job.uuid, sorted(lacks))
            await self._jobs.amend(
                job.job_id, lambda job: replace(job, job_state_message=reason), only_in={JobState.AUTHORISED}
            )

    def _leave(self, job_id: int, waiting: _Waiting) -> None:
        del self._waiting[job_id]
        self._order.remove(job_id)
        if waiting.turn.done() and not waiting.turn.cancelled() and (member := waiting.turn.result()) is not None:
            member.line.leave(job_id)

    def _take_change(self) -> None:
        """One of the printers says something new: so does the queue."""
        self._revision += 1
        seen = [one.said for one in self.members if one.device_seen]
        if seen:
            pooled = pooled_abilities(seen)
            abilities = frozenset[object](one for one in pooled if one.name not in SUPPLIES)
            if abilities != self._abilities:
                self._abilities = abilities
                self._queue.change_device(pooled)
            else:
                self._queue.change_supplies(pooled)
        self._queue.change_status(pooled_status([one.status for one in self.members]))
        self.look_again()


@dataclass(frozen=True, slots=True)
class _Others:
    """The pool as the delivery to one of its printers sees it (delivery.Others)."""

    pool: Pool
    number: int

    def could_take(self, job: Job) -> bool:
        """True if another printer would be sent the job at once."""
        return self.pool.could_go_elsewhere(job, self.number)

    def may_take_refused(self, job: Job) -> bool:
        """Notes that this one refused it; True if there is another that may print it."""
        return self.pool.note_refusal(job, self.number)

"""A job that is over is printed again, as a new job from its kept document (retention).

The new job is of the old one's owner and is decided, held and charged as any other; the old one stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from everprint.contract.job_life import JobEvent, JobState, next_state
from everprint.contract.messages import JobReceived, JobResubmitted, ResubmitJob
from everprint.ipp.job_template import check_job_template
from everprint.ipp.message import Attribute, Group
from everprint.ipp.tags import GroupTag
from everprint.provider.changes import NotPossible
from everprint.provider.job import Job
from everprint.provider.job_ids import JobIds
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue
from everprint.provider.redirection import require_takes
from everprint.provider.retention import Retention
from everprint.provider.spool import Spool, SpoolFull
from everprint.provider.tickets import read_ticket

_HOLD = "job-hold-until"


def options_of(old: Job) -> tuple[Attribute, ...]:
    """What the job was printed with. That it was to wait once is not among it: who prints it again wants it now."""
    return tuple(attribute for attribute in old.attributes if attribute.name != _HOLD)


class Resubmission:
    """Makes new jobs of those that are over."""

    def __init__(
        self,
        jobs: Jobs,
        job_ids: JobIds,
        queues: Mapping[str, Queue],
        spool: Spool,
        retention: Retention,
        walk: Callable[[int], None],
    ) -> None:
        self._jobs = jobs
        self._job_ids = job_ids
        self._queues = queues
        self._spool = spool
        self._retention = retention
        self._walk = walk

    def require_possible(self, job: Job) -> None:
        """Raises NotPossible if the job is not over, or its document not there."""
        if not job.state.is_final:
            raise NotPossible(f"job {job.job_id} is {job.state}, not finished")
        if not self._retention.has(job):
            raise NotPossible(f"job {job.job_id} is {job.state}; its document is not kept: print it again")

    async def print_again(
        self, old: Job, queue: Queue, attributes: Group, *, uuid: str = "", job_name: str = ""
    ) -> Job:
        """The new job, with these attributes of the job template; it and its document are on disk, and it goes on.

        Raises NotPossible, SpoolFull, JournalFailed.
        """
        number = await self._job_ids.take()
        self.require_possible(old)  # after the wait: from here to the copy nobody else has a turn
        assert old.document is not None
        job = Job(
            job_id=number.number,
            job_id_unique=number.is_unique,
            uuid=uuid or new_job_uuid(),
            queue=queue.name,
            owner=old.owner,
            job_name=job_name or old.job_name,
            attributes=attributes.attributes,
            ticket=read_ticket(attributes, queue.default_ticket),
            created_at=datetime.now(UTC),
            state=next_state(JobState.INCOMING, JobEvent.DOCUMENT_RECEIVED),
            hold_wanted=queue.settings.hold or attributes.string(_HOLD) == "indefinite",
            document=old.document,
        )
        document = self._spool.copy(old.uuid, job.uuid, old.document.octets)
        await self._jobs.add(job, document, JobReceived(job=job.description()))
        self._walk(job.job_id)
        return job

    async def carry_out(self, old: Job, order: ResubmitJob) -> JobResubmitted:
        """Prints it again as the server ordered; once, however often it says so.

        Raises NotPossible, JournalFailed.
        """
        if self._jobs.by_uuid(order.new_job_id) is None:
            queue = self._queues.get(old.queue)
            if queue is None:
                raise NotPossible(f"its queue {old.queue} was removed")
            self.require_possible(old)
            assert old.document is not None
            require_takes(queue, old.document.document_format)
            view = queue.view_of(old.owner.user_name)
            template = check_job_template(Group(GroupTag.JOB, options_of(old)), view.job_template)
            attributes = Group(GroupTag.JOB, view.with_defaults(template.supported))
            try:
                self._spool.require_space(0)
                await self.print_again(old, queue, attributes, uuid=order.new_job_id)
            except SpoolFull as error:
                raise NotPossible(str(error)) from error
        return JobResubmitted(new_job_id=order.new_job_id, by=order.by)

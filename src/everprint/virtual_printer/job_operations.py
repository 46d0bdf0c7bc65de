"""Operations on jobs that are there: Cancel-Job, Hold-Job, Release-Job, Get-Job-Attributes, Get-Jobs."""

from __future__ import annotations

from everprint.ipp.errors import Refused
from everprint.ipp.message import Group, Message
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import GET_JOBS_DEFAULT, RequestedAttributes, requested_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.ipp.unsupported import unsupported_group
from everprint.virtual_printer.addresses import page_address
from everprint.virtual_printer.call import Call
from everprint.virtual_printer.capabilities import WHICH_JOBS
from everprint.virtual_printer.job import Job
from everprint.virtual_printer.job_attributes import job_attributes, template_attributes
from everprint.virtual_printer.printer import Printer

MOST_JOBS = 1000  # in one answer
_NOT_OVER = frozenset({"not-completed", "pending", "pending-held", "processing", "processing-stopped"})


class JobOperations:
    """Answers about jobs and changes them."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    async def cancel_job(self, call: Call) -> Message:
        """Ends a job, at once."""
        job = call.own_job()
        if not await call.device.cancel(job):
            raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} is {job.state} already")
        return reply(call.message, Status.SUCCESSFUL_OK)

    async def cancel_my_jobs(self, call: Call) -> Message:
        """Ends all jobs of who asks, or those named."""
        asked = call.operation.integers("job-ids")
        mine = [job for job in call.device.jobs.values() if job.user_name == call.user_name]
        if asked:
            unknown = set(asked) - {job.job_id for job in mine}
            if unknown:
                raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"no jobs of yours: {sorted(unknown)}")
        for job in mine:
            if not job.state.is_final and (not asked or job.job_id in asked):
                await call.device.cancel(job)
        return reply(call.message, Status.SUCCESSFUL_OK)

    async def hold_job(self, call: Call) -> Message:
        """Keeps a job that waits."""
        job = call.own_job()
        if not call.device.hold(job):
            raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} is {job.state}: it cannot be held")
        return reply(call.message, Status.SUCCESSFUL_OK)

    async def release_job(self, call: Call) -> Message:
        """Lets a held job go on."""
        job = call.own_job()
        if not call.device.release(job):
            raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} is {job.state}, not held")
        return reply(call.message, Status.SUCCESSFUL_OK)

    async def get_job_attributes(self, call: Call) -> Message:
        """All about one job."""
        job = call.job()
        wanted = requested_attributes(call.message)
        return reply(call.message, Status.SUCCESSFUL_OK, self._group(call, job, wanted))

    async def get_jobs(self, call: Call) -> Message:
        """Which jobs there are."""
        wanted = requested_attributes(call.message, GET_JOBS_DEFAULT)
        which = call.operation.string("which-jobs") or "not-completed"
        if which not in WHICH_JOBS:
            attribute = call.operation.require("which-jobs")
            text = f"which-jobs {which} is not supported"
            status = Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
            raise Refused(status, text, unsupported_group(attribute))
        states = WHICH_JOBS[which]
        jobs = [job for job in call.device.jobs.values() if job.state in states]
        if call.operation.boolean("my-jobs"):
            jobs = [job for job in jobs if job.user_name == call.user_name]
        if which not in _NOT_OVER:
            jobs.reverse()  # what was finished last comes first (RFC 8011 section 4.2.6.2)
        first = max(1, call.operation.integer("first-index") or 1) - 1
        limit = call.operation.integer("limit")
        if limit is not None and limit < 1:
            raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, f"limit {limit} is not 1 or more")
        jobs = jobs[first : first + min(limit or MOST_JOBS, MOST_JOBS)]
        return reply(call.message, Status.SUCCESSFUL_OK, *(self._group(call, job, wanted) for job in jobs))

    def _group(self, call: Call, job: Job, wanted: RequestedAttributes) -> Group:
        page = page_address(call.request.host, self._printer.page_port, tls=call.request.tls)
        described = job_attributes(job, call.printer_uri, page, self._printer.powered_at, self._printer.up_time)
        return Group(GroupTag.JOB, wanted.of_job((*described, *template_attributes(job))))

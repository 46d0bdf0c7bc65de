"""Operations by which a job comes in: Print-Job, Validate-Job, Create-Job, Send-Document, Close-Job."""

from __future__ import annotations

from everprint.ipp.codec import encode
from everprint.ipp.compression import COMPRESSIONS, decompress
from everprint.ipp.errors import DocumentError, Refused
from everprint.ipp.job_template import wants_fidelity
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.reply import reply
from everprint.ipp.request_rules import check_document_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.ipp.unsupported import unsupported_group
from everprint.virtual_printer.call import Call
from everprint.virtual_printer.description import job_template_attributes
from everprint.virtual_printer.job import Job, JobState
from everprint.virtual_printer.job_attributes import status_attributes, template_attributes
from everprint.virtual_printer.model import AUTOMATIC
from everprint.virtual_printer.plain import plain_attributes
from everprint.virtual_printer.printer import Printer
from everprint.virtual_printer.reception import receive_document
from everprint.virtual_printer.ticket import Wish, is_held, read_wish
from everprint.virtual_printer.troubles import Refusal

MAX_QUEUED = 1000


class JobCreation:
    """Lets jobs into the device."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._formats = frozenset(printer.model.document_formats)
        self._supported: dict[str, Attribute] = {
            attribute.name: attribute for attribute in job_template_attributes(printer.model)
        }

    async def print_job(self, call: Call) -> Message:
        """A job and its document in one request."""
        wish = self._welcome(call)
        job = self._new_job(call, wish)
        call.device.begin_reception(job)
        await self._receive(call, job)
        call.device.enqueue(job, hold=wish.hold)
        return self._created(call, job, wish)

    async def validate_job(self, call: Call) -> Message:
        """Would such a job be taken?"""
        wish = self._welcome(call)
        return reply(call.message, _status(wish), *_unsupported(wish))

    async def create_job(self, call: Call) -> Message:
        """A job whose document comes later."""
        wish = self._welcome(call)
        job = self._new_job(call, wish)
        call.device.await_document(job)
        return self._created(call, job, wish)

    async def send_document(self, call: Call) -> Message:
        """The document of a job; an empty last one only closes it."""
        job = call.own_job()
        last = call.operation.boolean("last-document")
        if last is None:
            raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "last-document is missing")
        if job.state is JobState.CANCELED:
            raise Refused(Status.SERVER_ERROR_JOB_CANCELED, f"job {job.job_id} was cancelled")
        if job.has_document or job.state.is_final or call.device.is_receiving(job):
            await self._take_no_more(call, job, last=last)
        else:
            check_document_attributes(call.message, self._formats, frozenset(COMPRESSIONS))
            job.document_format = _document_format(call.operation, job.document_format)
            call.device.begin_reception(job)
            await self._receive(call, job)
            if last:
                call.device.enqueue(job, hold=_asks_to_be_held(job))
            else:
                call.device.await_document(job)
        return reply(call.message, Status.SUCCESSFUL_OK, self._status_group(call, job))

    async def close_job(self, call: Call) -> Message:
        """No more documents will come."""
        job = call.own_job()
        self._close(call, job)
        return reply(call.message, Status.SUCCESSFUL_OK)

    def _close(self, call: Call, job: Job) -> None:
        if not call.device.is_incoming(job):
            return
        if job.has_document:
            call.device.enqueue(job, hold=_asks_to_be_held(job))
        else:
            call.device.abort(job, "aborted-by-system", "The job was closed without a document.")

    async def _take_no_more(self, call: Call, job: Job, *, last: bool) -> None:
        async for _ in call.request.document:
            text = f"job {job.job_id} has its document: this printer takes one a job"
            raise Refused(Status.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED, text)
        if last:
            self._close(call, job)

    def _welcome(self, call: Call) -> Wish:
        """What the job asks for, if the printer takes it at all."""
        match self._printer.troubles.refusal:
            case Refusal.BUSY:
                raise Refused(Status.SERVER_ERROR_BUSY, "the printer is busy: try again later")
            case Refusal.NOT_ACCEPTING:
                raise Refused(Status.SERVER_ERROR_NOT_ACCEPTING_JOBS, "the printer is not accepting jobs")
        if call.device.queued >= MAX_QUEUED:
            raise Refused(Status.SERVER_ERROR_TOO_MANY_JOBS, f"{MAX_QUEUED} jobs are waiting: try again later")
        check_document_attributes(call.message, self._formats, frozenset(COMPRESSIONS))
        wish = read_wish(call.message.job, self._printer.model, self._supported)
        if wish.unsupported and wants_fidelity(call.message):
            names = ", ".join(attribute.name for attribute in wish.unsupported)
            text = f"this printer cannot do what the job asks for: {names}"
            status = Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
            raise Refused(status, text, *_unsupported(wish))
        return wish

    def _new_job(self, call: Call, wish: Wish) -> Job:
        job_id = call.device.new_job_id()
        group = Group(GroupTag.JOB, wish.accepted)
        operation = call.operation
        return Job(
            job_id=job_id,
            key=self._printer.folders.make(job_id),
            user_name=call.user_name,
            job_name=operation.string("job-name") or operation.string("document-name") or f"Job {job_id}",
            document_format=_document_format(operation, AUTOMATIC),
            ticket=wish.ticket,
            attributes=plain_attributes(wish.accepted),
            attributes_ipp=encode(Message(0, 1, (group,))) if wish.accepted else b"",
        )

    async def _receive(self, call: Call, job: Job) -> None:
        """The job's document, whole; if it does not come so, the job is aborted."""
        compression = (call.operation.string("compression") or "none").lower()
        path = self._printer.folders.document(job)
        try:
            received = await receive_document(decompress(call.request.document, compression), path)
        except DocumentError as error:
            call.device.abort(job, "submission-interrupted", str(error))
            raise
        except OSError as error:
            call.device.forget(job)
            text = f"the document cannot be stored: {error.strerror}"
            raise Refused(Status.SERVER_ERROR_TEMPORARY_ERROR, text) from error
        if job.state.is_final:
            raise Refused(Status.SERVER_ERROR_JOB_CANCELED, f"job {job.job_id} was cancelled")
        if not received.octets:
            call.device.abort(job, "aborted-by-system", "The document is empty.")
            raise Refused(Status.CLIENT_ERROR_BAD_REQUEST, "there is no document in the request")
        job.document_octets, job.document_sha256 = received.octets, received.sha256

    def _created(self, call: Call, job: Job, wish: Wish) -> Message:
        return reply(call.message, _status(wish), *_unsupported(wish), self._status_group(call, job))

    def _status_group(self, call: Call, job: Job) -> Group:
        return Group(GroupTag.JOB, status_attributes(job, call.printer_uri))


def _asks_to_be_held(job: Job) -> bool:
    return is_held(Group(GroupTag.JOB, template_attributes(job)))


def _status(wish: Wish) -> Status:
    if wish.unsupported:
        return Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES
    return Status.SUCCESSFUL_OK


def _unsupported(wish: Wish) -> tuple[Group, ...]:
    return (unsupported_group(*wish.unsupported),) if wish.unsupported else ()


def _document_format(operation: Group, default: str) -> str:
    return (operation.string("document-format") or default).lower()

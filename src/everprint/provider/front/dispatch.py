"""Which request goes to which operation, for which queue (RFC 8011 section 4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.operations import Operation
from everprint.ipp.request_rules import Target, check_request
from everprint.ipp.service import Request
from everprint.ipp.status import Status
from everprint.provider.addresses import queue_of
from everprint.provider.front.call import Call, Front
from everprint.provider.front.cancel_job import cancel_job, cancel_jobs, cancel_my_jobs, purge_jobs
from everprint.provider.front.create_job import create_job
from everprint.provider.front.create_subscriptions import create_job_subscriptions, create_printer_subscriptions
from everprint.provider.front.elsewhere import Elsewhere
from everprint.provider.front.get_job_attributes import get_job_attributes
from everprint.provider.front.get_jobs import get_jobs
from everprint.provider.front.get_notifications import Notifications
from everprint.provider.front.get_printer_attributes import PrinterAnswers
from everprint.provider.front.hold_job import hold_job, release_job
from everprint.provider.front.identify_printer import identify_printer
from everprint.provider.front.pause_printer import (
    disable_printer,
    enable_printer,
    get_printer_supported_values,
    pause_printer,
    resume_printer,
    set_printer_attributes,
)
from everprint.provider.front.print_job import print_job
from everprint.provider.front.restart_job import restart_job
from everprint.provider.front.resubmit_job import resubmit_job
from everprint.provider.front.send_document import close_job, send_document
from everprint.provider.front.set_job_attributes import set_job_attributes
from everprint.provider.front.subscription_operations import (
    cancel_subscription,
    get_subscription_attributes,
    get_subscriptions,
    renew_subscription,
)
from everprint.provider.front.validate_job import validate_job
from everprint.provider.queue import Queue
from everprint.provider.queue_attributes import OPERATIONS

_OPERATIONS = frozenset(OPERATIONS)

Answer = Callable[[Call], Awaitable[Message | bytes]]


def ipp_handler(front: Front, elsewhere: Elsewhere) -> Callable[[Request], Awaitable[Message | bytes]]:
    """The handler for IppApplication."""
    printer_answers = PrinterAnswers()
    answers: dict[int, Answer] = {
        Operation.PRINT_JOB: print_job,
        Operation.VALIDATE_JOB: validate_job,
        Operation.CREATE_JOB: create_job,
        Operation.SEND_DOCUMENT: send_document,
        Operation.CLOSE_JOB: close_job,
        Operation.CANCEL_JOB: cancel_job,
        Operation.CANCEL_MY_JOBS: cancel_my_jobs,
        Operation.HOLD_JOB: hold_job,
        Operation.RELEASE_JOB: release_job,
        Operation.GET_JOBS: get_jobs,
        Operation.GET_JOB_ATTRIBUTES: get_job_attributes,
        Operation.GET_PRINTER_ATTRIBUTES: printer_answers,
        Operation.GET_USER_PRINTER_ATTRIBUTES: printer_answers.of_user,
        Operation.IDENTIFY_PRINTER: identify_printer,
        Operation.CREATE_PRINTER_SUBSCRIPTIONS: create_printer_subscriptions,
        Operation.CREATE_JOB_SUBSCRIPTIONS: create_job_subscriptions,
        Operation.GET_SUBSCRIPTION_ATTRIBUTES: get_subscription_attributes,
        Operation.GET_SUBSCRIPTIONS: get_subscriptions,
        Operation.RENEW_SUBSCRIPTION: renew_subscription,
        Operation.CANCEL_SUBSCRIPTION: cancel_subscription,
        Operation.GET_NOTIFICATIONS: Notifications(),
        Operation.RESTART_JOB: restart_job,
        Operation.RESUBMIT_JOB: resubmit_job,
        Operation.SET_JOB_ATTRIBUTES: set_job_attributes,
        Operation.CANCEL_JOBS: cancel_jobs,
        Operation.PURGE_JOBS: purge_jobs,
        Operation.PAUSE_PRINTER: pause_printer,
        Operation.RESUME_PRINTER: resume_printer,
        Operation.ENABLE_PRINTER: enable_printer,
        Operation.DISABLE_PRINTER: disable_printer,
        Operation.SET_PRINTER_ATTRIBUTES: set_printer_attributes,
        Operation.GET_PRINTER_SUPPORTED_VALUES: get_printer_supported_values,
    }

    async def handle(request: Request) -> Message | bytes:
        target = check_request(request.message, _OPERATIONS)
        if target.job_uuid and (job := front.jobs.by_uuid(target.job_uuid)) is not None:
            target = Target(target.path, job.job_id)
        if (answer := elsewhere.answer(front, request, target)) is not None:
            return await answer
        if target.job_uuid:
            raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no job {target.job_uuid}")
        queue = _queue_of_job(front, target) or _find_queue(front, target, request)
        return await answers[request.message.code](Call(front, request, queue, target.job_id))

    return handle


def _queue_of_job(front: Front, target: Target) -> Queue | None:
    """The queue of a job that is asked for at another one: its number says enough, and it is found by it at every
    print server. None for all else, and for a number that holds here only."""
    job = None if target.job_id is None else front.jobs.get(target.job_id)
    if job is None or not job.job_id_unique or queue_of(target.path) in (job.queue, job.first_queue):
        return None
    return front.queues.get(job.queue)


def _find_queue(front: Front, target: Target, request: Request) -> Queue:
    name = queue_of(target.path)
    if name is None:
        # Behind a forwarder clients may name a path that only they know; then the request's own path counts.
        name = queue_of(request.path.rstrip("/"))
    if name == "" and len(front.queues) == 1:
        return next(iter(front.queues.values()))
    queue = front.queues.get(name) if name else None
    if queue is None and not front.knows_queues():
        # "Not found" would be for good: CUPS stops its queue for that.
        raise Refused(
            Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
            "this print server has not been told of its queues yet; try again later",
        )
    if queue is None:
        raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no queue at {target.path}")
    return queue

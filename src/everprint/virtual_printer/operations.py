"""Which IPP operation is answered by what (RFC 8011 section 4, PWG 5100.7 and 5100.13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from everprint.ipp.errors import Refused
from everprint.ipp.message import Message
from everprint.ipp.operations import Operation
from everprint.ipp.request_rules import check_request
from everprint.ipp.service import Request
from everprint.ipp.status import Status
from everprint.virtual_printer.addresses import PATH
from everprint.virtual_printer.call import Call
from everprint.virtual_printer.job_creation import JobCreation
from everprint.virtual_printer.job_operations import JobOperations
from everprint.virtual_printer.printer import Printer
from everprint.virtual_printer.printer_operations import PrinterOperations


class Operations:
    """The handler of an IppApplication."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        creation, jobs, itself = JobCreation(printer), JobOperations(printer), PrinterOperations(printer)
        self._answers: dict[Operation, Callable[[Call], Awaitable[Message]]] = {
            Operation.PRINT_JOB: creation.print_job,
            Operation.VALIDATE_JOB: creation.validate_job,
            Operation.CREATE_JOB: creation.create_job,
            Operation.SEND_DOCUMENT: creation.send_document,
            Operation.CLOSE_JOB: creation.close_job,
            Operation.CANCEL_JOB: jobs.cancel_job,
            Operation.CANCEL_MY_JOBS: jobs.cancel_my_jobs,
            Operation.HOLD_JOB: jobs.hold_job,
            Operation.RELEASE_JOB: jobs.release_job,
            Operation.GET_JOB_ATTRIBUTES: jobs.get_job_attributes,
            Operation.GET_JOBS: jobs.get_jobs,
            Operation.GET_PRINTER_ATTRIBUTES: itself.get_printer_attributes,
            Operation.IDENTIFY_PRINTER: itself.identify_printer,
        }

    async def handle(self, request: Request) -> Message:
        """The answer to a request.

        Raises IppError.
        """
        target = check_request(request.message, self._answers.keys())
        if PATH not in (target.path, request.path.rstrip("/")):
            raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no printer at {target.path}: it is at {PATH}")
        if self._printer.device is None:
            raise Refused(Status.SERVER_ERROR_DEVICE_ERROR, "the printer is switched off")
        call = Call(request, self._printer.device, target)
        return await self._answers[Operation(request.message.code)](call)

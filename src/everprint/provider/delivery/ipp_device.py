"""What a queue says to its device, over IPP (RFC 8011, PWG 5100.7): typed calls, typed refusals.

Every answer is a stranger's: only what is asked for is looked at, each value by its syntax.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import count
from urllib.parse import urlsplit

from everprint.ipp.client import IppClient
from everprint.ipp.errors import BadValue
from everprint.ipp.message import (
    Attribute,
    Group,
    Message,
    boolean,
    charset,
    integer,
    keyword,
    mime_media_type,
    name,
    natural_language,
    text,
    uri,
)
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.delivery.device import DeviceBusy, DeviceJob, DeviceRefused
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.job import Job

_request_ids = count(1)

# The device is in order but does not want a job now: wait, keep the job (CUPS's backends do the same).
_BUSY = frozenset(
    {
        Status.SERVER_ERROR_BUSY,
        Status.SERVER_ERROR_SERVICE_UNAVAILABLE,
        Status.SERVER_ERROR_NOT_ACCEPTING_JOBS,
        Status.SERVER_ERROR_TEMPORARY_ERROR,
        Status.SERVER_ERROR_TOO_MANY_JOBS,
        Status.SERVER_ERROR_DEVICE_ERROR,
        Status.SERVER_ERROR_PRINTER_IS_DEACTIVATED,
        Status.SERVER_ERROR_INTERNAL_ERROR,
        # Not this job's fault, and an administrator can mend it while the job waits.
        Status.CLIENT_ERROR_FORBIDDEN,
        Status.CLIENT_ERROR_NOT_AUTHENTICATED,
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
    }
)

_JOB_ATTRIBUTES = (
    "job-state", "job-state-reasons", "job-impressions-completed", "job-media-sheets-completed",
    "number-of-documents",
)  # fmt: skip
_WHOSE = ("job-name", "job-originating-user-name")


class IppDevice:
    """One printer that speaks IPP (a CUPS queue is one, too). A delivery.device.Device."""

    def __init__(self, ipp: IppClient, device_uri: str) -> None:
        self._ipp = ipp
        self._uri = device_uri
        self._printer_uri = uri("printer-uri", _without_password(device_uri))

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        """Makes an empty job with these options; returns the device's number for it.

        Raises PrinterError, DeviceBusy, DeviceRefused.
        """
        answer = await self._ask(
            Operation.CREATE_JOB,
            (name("requesting-user-name", job.owner.user_name), name("job-name", job.job_name)),
            tuple(attribute for attribute in template if attribute.name not in _OURS),
        )
        job_id = _integer(answer.job, "job-id")
        if job_id is None or job_id < 1:
            raise DeviceRefused(answer.code, "The printer made a job but did not say its number.")
        return job_id

    async def send_document(self, job: Job, device_job_id: int, document: Outgoing) -> None:
        """Sends the whole document.

        Raises OSError or ConversionFailed if it cannot be had, PrinterError (then nobody knows how much arrived),
        DeviceBusy, DeviceRefused.
        """
        assert job.document is not None
        await self._ask(
            Operation.SEND_DOCUMENT,
            (
                integer("job-id", device_job_id),
                name("requesting-user-name", job.owner.user_name),
                name("document-name", job.document.document_name or job.job_name),
                mime_media_type("document-format", document.document_format),
                boolean("last-document", True),
            ),
            document=document.pieces(),
        )

    async def job(self, job: Job, device_job_id: int) -> DeviceJob | None:
        """How the job stands; None if the device does not know it (any more).

        A device that begins to count anew when it starts has another job of that number by then: by its name and
        owner it is told from ours.

        Raises PrinterError, DeviceBusy.
        """
        try:
            answer = await self._ask(
                Operation.GET_JOB_ATTRIBUTES,
                (
                    integer("job-id", device_job_id),
                    name("requesting-user-name", job.owner.user_name),
                    keyword("requested-attributes", *_JOB_ATTRIBUTES, *_WHOSE),
                ),
            )
        except DeviceRefused as error:
            if error.status in (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE):
                return None
            raise DeviceBusy(str(error)) from error
        return _read_job(answer.job) if _may_be_ours(answer.job, job) else None

    async def cancel_job(self, job: Job, device_job_id: int) -> None:
        """Asks for the job's end. That it is too late, or unknown, shows when its state is asked.

        Raises PrinterError, DeviceBusy.
        """
        try:
            await self._ask(
                Operation.CANCEL_JOB,
                (integer("job-id", device_job_id), name("requesting-user-name", job.owner.user_name)),
            )
        except DeviceRefused:
            return

    async def empty_jobs(self, job: Job) -> list[int]:
        """Jobs of this owner and name at the device that wait for a document: made by us, and forgotten in a crash.

        Raises PrinterError, DeviceBusy.
        """
        try:
            answer = await self._ask(
                Operation.GET_JOBS,
                (
                    name("requesting-user-name", job.owner.user_name),
                    boolean("my-jobs", True),
                    keyword("which-jobs", "not-completed"),
                    keyword("requested-attributes", "job-id", "job-name", *_JOB_ATTRIBUTES),
                ),
            )
        except DeviceRefused:
            return []
        found: list[int] = []
        for group in answer.all_groups(GroupTag.JOB):
            job_id, job_name = _integer(group, "job-id"), _string(group, "job-name")
            state = _read_job(group)
            if job_id is not None and job_name == job.job_name and not state.is_complete and not state.marked:
                found.append(job_id)
        return found

    async def attributes(self, *requested: str) -> Group:
        """Printer attributes.

        Raises PrinterError, DeviceBusy, DeviceRefused.
        """
        answer = await self._ask(
            Operation.GET_PRINTER_ATTRIBUTES, (keyword("requested-attributes", *(requested or ("all",))),)
        )
        return answer.printer

    async def identify(self, actions: Iterable[str], message: str) -> None:
        """Raises PrinterError, DeviceBusy, DeviceRefused."""
        said = (text("message", message),) if message else ()
        await self._ask(Operation.IDENTIFY_PRINTER, (keyword("identify-actions", *actions), *said))

    async def _ask(
        self,
        operation: Operation,
        operation_attributes: tuple[Attribute, ...],
        job_attributes: tuple[Attribute, ...] = (),
        document: AsyncIterator[bytes] | None = None,
    ) -> Message:
        groups = [Group(GroupTag.OPERATION, (_CHARSET, _LANGUAGE, self._printer_uri, *operation_attributes))]
        if job_attributes:
            groups.append(Group(GroupTag.JOB, job_attributes))
        request = Message(operation, next(_request_ids) & 0x7FFFFFFF or 1, tuple(groups))
        try:
            answer = await self._ipp.send(self._uri, request, document)
        except ValueError as error:
            raise DeviceBusy(f"The queue's device cannot be printed to: {error}.") from error
        if answer.code < 0x0100:
            return answer
        said = _string(answer.operation, "status-message") or _status_name(answer.code)
        if answer.code in _BUSY:
            raise DeviceBusy(f"The printer takes no job now: {said}")
        raise DeviceRefused(answer.code, f"The printer refused: {said}")


_CHARSET = charset("attributes-charset", "utf-8")
_LANGUAGE = natural_language("attributes-natural-language", "en")
# Carried out here; the device need not know.
_OURS = frozenset(
    {
        "job-account-id", "job-accounting-user-id", "job-hold-until", "job-priority", "job-release-action",
        "job-sheets", "overrides",
    }
)  # fmt: skip


def _read_job(group: Group) -> DeviceJob:
    return DeviceJob(
        state=_integer(group, "job-state") or 0,
        reasons=frozenset(value for value in group.values("job-state-reasons") if isinstance(value, str)),
        impressions=_count(group, "job-impressions-completed"),
        sheets=_count(group, "job-media-sheets-completed"),
        documents=_count(group, "number-of-documents"),
    )


def _may_be_ours(group: Group, job: Job) -> bool:
    """False if the device calls the job otherwise than we did. Some cut names short, and some say none."""
    for attribute, ours in zip(_WHOSE, (job.job_name, job.owner.user_name), strict=True):
        said = _string(group, attribute)
        if said and not ours.startswith(said):
            return False
    return True


def _count(group: Group, attribute: str) -> int | None:
    number = _integer(group, attribute)
    return None if number is None or number < 0 else number


# A value in another syntax than the standard's says nothing.


def _integer(group: Group, attribute: str) -> int | None:
    values = group.values(attribute)
    return values[0] if values and isinstance(values[0], int) and not isinstance(values[0], bool) else None


def _string(group: Group, attribute: str) -> str | None:
    try:
        return group.string(attribute)
    except BadValue:
        return None


def _status_name(code: int) -> str:
    try:
        return Status(code).keyword
    except ValueError:
        return f"status 0x{code:04x}"


def _without_password(device_uri: str) -> str:
    parts = urlsplit(device_uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

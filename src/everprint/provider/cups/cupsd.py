"""What we ask of the CUPS server on this machine, over its local socket, as the user that we are (PeerCred).

Operators' requests (Release-Job of anybody's job) need that user among CUPS's SystemGroup; on Debian: lpadmin.
"""

from __future__ import annotations

import logging
import os
import pwd
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from everprint.ipp.client import IppClient, PrinterError
from everprint.ipp.errors import BadValue
from everprint.ipp.message import (
    Attribute,
    Group,
    Message,
    charset,
    keyword,
    name,
    natural_language,
    text,
    uri,
)
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag

log = logging.getLogger(__name__)

CUPS_GET_PRINTERS = 0x4002
CUPS_ADD_MODIFY_PRINTER = 0x4003
_HTTP = "ipp://localhost/"  # the address that requests over the socket name
_MOST_TEXT_OCTETS = 1023
_request_ids = count(1)


class CupsRefused(Exception):
    """CUPS answered, and said no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Standing:
    """A job as CUPS sees it: *job-state* (RFC 8011 section 5.3.7), and how many documents it has."""

    state: int
    documents: int = 1
    job_uuid: str = ""

    def of(self, job_uuid: str) -> Standing:
        """The same, if it is that job: a cupsd that lost its spool gives its numbers to others."""
        return self if self.job_uuid in ("", job_uuid) else NOT_THERE

    @property
    def is_held(self) -> bool:
        """Pending-held."""
        return self.state == 4

    @property
    def is_completed(self) -> bool:
        """Completed."""
        return self.state == 9

    @property
    def is_final(self) -> bool:
        """Canceled, aborted or completed."""
        return self.state >= 7


NOT_THERE = Standing(7)
"""A job that CUPS does not know any more is as good as cancelled."""


class Cupsd:
    """The local CUPS server. Every method raises PrinterError if it does not answer, and CupsRefused."""

    def __init__(self, ipp: IppClient) -> None:
        self._ipp = ipp

    async def standing(self, job_id: int, job_uuid: str) -> Standing:
        """How the job stands."""
        try:
            answer = await self.ask(
                Operation.GET_JOB_ATTRIBUTES, self._job(job_id), keyword("requested-attributes", *_OF_A_JOB)
            )
        except CupsRefused as error:
            if error.status in (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE):
                return NOT_THERE
            raise
        return _standing(answer.job).of(job_uuid)

    async def unfinished(self) -> dict[int, Standing]:
        """All jobs that are not finished, by number."""
        answer = await self.ask(
            Operation.GET_JOBS,
            uri("printer-uri", _HTTP),
            keyword("which-jobs", "not-completed"),
            keyword("requested-attributes", "job-id", *_OF_A_JOB),
        )
        return {
            number: _standing(group)
            for group in answer.all_groups(GroupTag.JOB)
            if (number := _integer(group, "job-id")) is not None
        }

    async def is_cancelled(self, job_id: int, job_uuid: str) -> bool:
        """True if somebody cancelled it; a server that does not answer was only stopped."""
        try:
            return (await self.standing(job_id, job_uuid)).state == 7
        except (PrinterError, CupsRefused):
            return False

    async def release(self, job_id: int) -> None:
        """Lets a held job go on."""
        await self.ask(Operation.RELEASE_JOB, self._job(job_id))

    async def restart(self, job_id: int) -> None:
        """Has a finished job printed again, which CUPS can while it keeps its documents (PreserveJobFiles)."""
        await self.ask(Operation.RESTART_JOB, self._job(job_id))

    async def cancel(self, job_id: int) -> None:
        """Ends a job."""
        await self.ask(Operation.CANCEL_JOB, self._job(job_id))

    async def say(self, job_id: int, job_uuid: str, message: str) -> None:
        """Leaves word for the job's owner (*job-message-from-operator*): CUPS keeps no reason of a held job."""
        if await self.standing(job_id, job_uuid) is NOT_THERE:
            return
        said = text("job-message-from-operator", message.encode()[:_MOST_TEXT_OCTETS].decode("utf-8", "ignore"))
        await self.ask(Operation.SET_JOB_ATTRIBUTES, self._job(job_id), others=(Group(GroupTag.JOB, (said,)),))

    async def ask(
        self, operation: int, *attributes: Attribute, others: Iterable[Group] = (), path: str = ""
    ) -> Message:
        """The answer to a request about `path`, which begins behind the host."""
        who = name("requesting-user-name", own_user_name())
        head = Group(GroupTag.OPERATION, (_CHARSET, _LANGUAGE, *attributes[:1], who, *attributes[1:]))
        request = Message(operation, next(_request_ids) & 0x7FFFFFFF or 1, (head, *others))
        answer = await self._ipp.send(_HTTP + path, request)
        if answer.code >= 0x0100:
            said = _string(answer.operation, "status-message") or f"status 0x{answer.code:04x}"
            raise CupsRefused(answer.code, said)
        return answer

    @staticmethod
    def _job(job_id: int) -> Attribute:
        return uri("job-uri", f"{_HTTP}jobs/{job_id}")


_CHARSET = charset("attributes-charset", "utf-8")
_LANGUAGE = natural_language("attributes-natural-language", "en")
_OF_A_JOB = ("job-state", "number-of-documents", "job-uuid")


def open_cupsd(socket: Path) -> IppClient:
    """The client for the local socket. Close it when done."""
    return IppClient(unix_socket=socket, authorization=f"PeerCred {own_user_name()}")


def queue_uri(queue: str) -> str:
    """How CUPS calls the queue on its socket."""
    return f"{_HTTP}printers/{quote(queue, safe='')}"


def own_user_name() -> str:
    """Of the user that this process is."""
    return pwd.getpwuid(os.geteuid()).pw_name


def _standing(group: Group) -> Standing:
    return Standing(
        _integer(group, "job-state") or 0,
        _integer(group, "number-of-documents") or 1,
        _string(group, "job-uuid") or "",
    )


def _integer(group: Group, attribute: str) -> int | None:
    try:
        return group.integer(attribute)
    except BadValue:
        return None


def _string(group: Group, attribute: str) -> str | None:
    try:
        return group.string(attribute)
    except BadValue:
        return None

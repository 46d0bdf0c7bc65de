"""One IPP request on its way through the operations."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.ipp.errors import Refused
from everprint.ipp.message import Group, Message
from everprint.ipp.request_rules import Target
from everprint.ipp.service import Request
from everprint.ipp.status import Status
from everprint.virtual_printer.addresses import printer_uri
from everprint.virtual_printer.device import Device
from everprint.virtual_printer.job import Job


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and the device that was under power when it came."""

    request: Request
    device: Device
    target: Target

    @property
    def message(self) -> Message:
        """The IPP message."""
        return self.request.message

    @property
    def operation(self) -> Group:
        """Its operation attributes."""
        return self.request.message.operation

    @property
    def user_name(self) -> str:
        """Who asks: a printer of this kind takes the client's word."""
        return self.operation.string("requesting-user-name") or "anonymous"

    @property
    def printer_uri(self) -> str:
        """This printer, as the client calls it."""
        return printer_uri(self.request.host, tls=self.request.tls)

    def job(self) -> Job:
        """The job that the request is about.

        Raises Refused.
        """
        job = self.device.jobs.get(self.target.job_id or 0)
        if job is None:
            raise Refused(Status.CLIENT_ERROR_NOT_FOUND, f"there is no job {self.target.job_id}")
        return job

    def own_job(self) -> Job:
        """The same if it belongs to who asks.

        Raises Refused.
        """
        job = self.job()
        if job.user_name != self.user_name:
            raise Refused(Status.CLIENT_ERROR_NOT_AUTHORIZED, f"job {job.job_id} belongs to somebody else")
        return job

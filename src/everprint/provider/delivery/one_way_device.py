"""A device that takes octets and cannot be asked about them afterwards: a raw port (AppSocket), LPD.

What this process saw of a transfer is all that is known of a job: how much the device took, whether it took all, and
what it said meanwhile, if it says anything. After a restart nothing is known, and the queue's policy decides.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from everprint.contract.messages import OneWay
from everprint.ipp.client import PrinterError, PrinterUnreachable
from everprint.ipp.message import Attribute, Group
from everprint.ipp.status import Status
from everprint.provider.delivery.device import DeviceJob, DeviceRefused
from everprint.provider.delivery.one_way_abilities import abilities
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.delivery.pjl_job import PjlJob, pjl_job
from everprint.provider.job import Job

_CONNECT_S = 10.0
# What a connection fails with when the network is at fault, besides ConnectionError and TimeoutError. A file cannot.
_NETWORK_FAULTS = frozenset(
    {errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETRESET, errno.ENETUNREACH, errno.EPROTO}
)


@dataclass(slots=True)
class Transfer:
    """One job on its way; `taken` of `size` octets were given to the device. A size of 0 is not known."""

    job: Job
    template: tuple[Attribute, ...]
    size: int = 0
    taken: int = 0
    whole: bool = False  # the device has all of it
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    pages: int | None = None  # the device says that it printed so many
    reasons: frozenset[str] = frozenset()


@dataclass(slots=True)
class Connection:
    """To the device, open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def close(self) -> None:
        """At once, whatever is still to be sent."""
        self.writer.transport.abort()


class OneWayDevice(ABC):
    """One printer; a delivery.device.Device. One job at a time."""

    default_port: int

    def __init__(self, device_uri: str, described: OneWay) -> None:
        parts = urlsplit(device_uri)
        self.host, self.port = parts.hostname or "", parts.port or self.default_port
        self.path = unquote(parts.path.lstrip("/"))
        self._described = described
        self._last: Transfer | None = None
        self._connection: Connection | None = None

    @property
    def address(self) -> str:
        """For people."""
        return f"{self.host}:{self.port}"

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        """Connects: a device that is not there is known before any doubt. The number is the job's own."""
        await self.hang_up()
        self._connection = await self.connect()
        self._last = Transfer(job, tuple(template))
        return job.job_id

    async def send_document(self, job: Job, device_job_id: int, document: Outgoing) -> None:
        """Sends it, wrapped in PJL if the device understands that."""
        transfer, connection = self._last, self._connection
        if transfer is None or connection is None or transfer.job.job_id != device_job_id:
            raise PrinterUnreachable(self.address, "the connection was closed", in_doubt=True)
        wrapped = (
            pjl_job(job, transfer.template, document.document_format) if self._described.pjl else PjlJob(b"", b"")
        )
        transfer.size = await document.octets() or 0
        sending = asyncio.ensure_future(self.transmit(connection, transfer, document, wrapped))
        cancelled = asyncio.ensure_future(transfer.cancelled.wait())
        try:
            await asyncio.wait({sending, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if transfer.cancelled.is_set() and not sending.done():
                raise DeviceRefused(Status.SERVER_ERROR_JOB_CANCELED, "Cancelled while the printer got the document.")
            await sending
            transfer.whole = True
        except (OSError, asyncio.IncompleteReadError) as error:
            if not is_network_fault(error):
                raise
            raise PrinterError(self.address, _said(error), in_doubt=True) from error
        finally:
            sending.cancel()
            cancelled.cancel()
            await asyncio.gather(sending, cancelled, return_exceptions=True)
            await self.hang_up()

    async def job(self, job: Job, device_job_id: int) -> DeviceJob | None:
        """What was seen of it; None if the connection broke in the middle, or another process sent it."""
        transfer = self._last
        if transfer is None or transfer.job.job_id != device_job_id:
            return None
        if transfer.whole:
            state = 7 if "job-canceled-at-device" in transfer.reasons else 9
            return DeviceJob(state, transfer.reasons, transfer.pages, None, 1)
        if transfer.cancelled.is_set():
            return DeviceJob(7, frozenset(), _about(transfer), None, 1)
        if transfer.taken == 0:
            return DeviceJob(8, frozenset({"aborted-by-system"}), None, None, 0)
        return None

    async def cancel_job(self, job: Job, device_job_id: int) -> None:
        """Stops sending; what the device has, it prints."""
        if self._last is not None and self._last.job.job_id == device_job_id:
            self._last.cancelled.set()

    async def empty_jobs(self, job: Job) -> list[int]:
        """None: without a document there is no job."""
        return []

    async def attributes(self, *requested: str) -> Group:
        """What the queue says of it, and whether it answers."""
        if self._connection is not None:
            return abilities(self._described, state=4, reasons=())
        connection = await self.connect()
        try:
            return await self.look(connection)
        finally:
            connection.close()

    async def identify(self, actions: Iterable[str], message: str) -> None:
        """It has no way to."""
        raise DeviceRefused(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, "It cannot show itself.")

    @abstractmethod
    async def transmit(self, connection: Connection, transfer: Transfer, document: Outgoing, wrapped: PjlJob) -> None:
        """Sends all of it and waits until the device has it. Raises ConnectionError, OSError, DeviceBusy, ..."""

    async def look(self, connection: Connection) -> Group:
        """Its abilities and its state; that it took the connection is all that most devices say."""
        return abilities(self._described, state=3, reasons=())

    async def connect(self) -> Connection:
        """A connection that notices when the device dies. Raises PrinterUnreachable."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(self.host, self.port)
        except TimeoutError:
            raise PrinterUnreachable(self.address, f"no answer within {_CONNECT_S:g} s", in_doubt=False) from None
        except OSError as error:
            raise PrinterUnreachable(self.address, error.strerror or str(error), in_doubt=False) from error
        _notice_death(writer.get_extra_info("socket"))
        return Connection(reader, writer)

    async def feed(self, connection: Connection, transfer: Transfer, document: Outgoing) -> None:
        """The document, piece by piece, as fast as the device takes it.

        Raises OSError, ConnectionError, ConversionFailed.
        """
        async for piece in document.pieces():
            connection.writer.write(piece)
            transfer.taken += len(piece)
            await connection.writer.drain()

    async def hang_up(self) -> None:
        """Closes the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _about(transfer: Transfer) -> int | None:
    """Impressions of a cancelled job: what the device says, else the share of the document that it took."""
    if transfer.pages is not None:
        return transfer.pages
    findings = transfer.job.findings
    if findings is None or findings.output is None or not transfer.size:
        return None
    return findings.output.impressions * min(transfer.taken, transfer.size) // transfer.size


def is_network_fault(error: Exception) -> bool:
    """True if it is the connection that failed, and not the file that is sent."""
    if isinstance(error, ConnectionError | TimeoutError | asyncio.IncompleteReadError):
        return True
    return isinstance(error, OSError) and error.errno in _NETWORK_FAULTS


def _notice_death(connection: socket.socket) -> None:
    """A device without power answers no probe: a minute, if nothing is on its way to it.

    TCP_USER_TIMEOUT would be quicker otherwise, but it also ends the connection to a device that is out of paper,
    answers every probe and takes nothing for so long.
    """
    for option, value in ((socket.TCP_KEEPIDLE, 15), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 3)):
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def _said(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it stopped answering"
    return getattr(error, "strerror", None) or "the connection broke"

"""LPD (RFC 1179): a control file and a data file, each acknowledged. No count comes back, and no end of printing.

The job is over when the device has acknowledged both: what it does then nobody can ask about by a job's number.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress

from everprint.ipp.client import PrinterUnreachable
from everprint.ipp.message import Attribute
from everprint.provider.delivery.device import DeviceBusy
from everprint.provider.delivery.one_way_device import Connection, OneWayDevice, Transfer
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.delivery.pjl_job import PjlJob
from everprint.provider.job import Job

_DEFAULT_QUEUE = "lp"
_ANSWER_S = 60.0
_MOST_FIELD = 31  # of the control file's names (RFC 1179 section 7)


class LpdDevice(OneWayDevice):
    """`lpd://host/queue`."""

    default_port = 515

    async def create_job(self, job: Job, template: Iterable[Attribute]) -> int:
        """Connects and asks for the queue (section 5.2): what is not there is known before any doubt."""
        number = await super().create_job(job, template)
        assert self._connection is not None
        try:
            await _ask(self._connection, b"\x02" + _plain(self.path or _DEFAULT_QUEUE).encode() + b"\n", "take a job")
        except OSError as error:
            await self.hang_up()
            raise PrinterUnreachable(self.address, "it does not answer as LPD", in_doubt=False) from error
        except DeviceBusy:
            await self.hang_up()  # it may be asked again much later, or never
            raise
        return number

    async def transmit(self, connection: Connection, transfer: Transfer, document: Outgoing, wrapped: PjlJob) -> None:
        """Sections 6.2 and 6.3: the control file, then the data file, whose size is told before it."""
        async with document.measured() as (whole, size):
            transfer.size = size
            await self._transmit(connection, transfer, whole, wrapped)

    async def _transmit(
        self, connection: Connection, transfer: Transfer, document: Outgoing, wrapped: PjlJob
    ) -> None:
        number = f"{transfer.job.job_id % 1000:03d}"
        host = _plain(socket.gethostname())
        control = _control_file(transfer.job, number, host)
        await _ask(connection, f"\x02{len(control)} cfA{number}{host}\n".encode(), "take the job's description")
        await _ask(connection, control + b"\0", "keep the job's description")
        octets = len(wrapped.before) + transfer.size + len(wrapped.after)
        await _ask(connection, f"\x03{octets} dfA{number}{host}\n".encode(), "take the document")
        connection.writer.write(wrapped.before)
        await self.feed(connection, transfer, document)
        connection.writer.write(wrapped.after + b"\0")
        await connection.writer.drain()
        # It may be out of paper and reading slowly: the connection says whether it lives.
        if await connection.reader.readexactly(1) != b"\0":
            transfer.taken = 0  # it says itself that it has nothing
            raise DeviceBusy("The printer did not keep the document.")
        with suppress(ConnectionError):
            connection.writer.write_eof()


async def _ask(connection: Connection, octets: bytes, what: str) -> None:
    """Raises DeviceBusy, ConnectionError, TimeoutError."""
    connection.writer.write(octets)
    await connection.writer.drain()
    async with asyncio.timeout(_ANSWER_S):
        answer = await connection.reader.read(1)
    if answer == b"":
        raise DeviceBusy(f"The printer hung up when asked to {what}: is there such an LPD queue?")
    if answer != b"\0":
        raise DeviceBusy(f"The printer does not {what} now.")


def _control_file(job: Job, number: str, host: str) -> bytes:
    """Host, user, name and the one data file, to be printed as it is (RFC 1179 section 7)."""
    data_file = f"dfA{number}{host}"
    lines = (
        f"H{host}",
        f"P{_plain(job.owner.user_name)}",
        f"J{_plain(job.job_name, 99)}",
        f"l{data_file}",
        f"U{data_file}",
        f"N{_plain(job.job_name, 131)}",
    )
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _plain(text: str, most: int = _MOST_FIELD) -> str:
    """A stranger's text in one word of printable ASCII: it can end no line and begin no command."""
    return "".join(char if "!" <= char <= "~" else "_" for char in text[:most]) or "-"

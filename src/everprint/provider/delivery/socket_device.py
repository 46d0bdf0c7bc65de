"""A raw port (AppSocket, "JetDirect", usually 9100): octets in, and from many printers PJL status back.

A device that tells of jobs is believed: its word ends the job, with the pages that it counted. For any other the job
is over when the device has all of it and closes, or has all of it and stays silent.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import termios
from contextlib import suppress

from everprint.ipp.message import Group
from everprint.provider.delivery.one_way_abilities import abilities
from everprint.provider.delivery.one_way_device import Connection, OneWayDevice, Transfer
from everprint.provider.delivery.outgoing import Outgoing
from everprint.provider.delivery.pjl_job import UEL, PjlJob, job_mark
from everprint.provider.delivery.pjl_status import DeviceSays, JobEnded, PjlStatus, printer_state

_STATUS_QUESTION = UEL + b"@PJL\r\n@PJL INFO STATUS\r\n" + UEL
# How long a device may take to show that it speaks PJL, or that it has nothing more to say.
_SILENCE_S = 3.0
_UNSENT_POLL_S = 0.05
_READ_OCTETS = 4096


class SocketDevice(OneWayDevice):
    """`socket://host:port`."""

    default_port = 9100

    async def transmit(self, connection: Connection, transfer: Transfer, document: Outgoing, wrapped: PjlJob) -> None:
        """Sends it, listening all the time: a device whose words nobody reads stops printing."""
        ear = _Ear(connection.reader, job_mark(transfer.job))
        listening = asyncio.ensure_future(ear.listen())
        try:
            connection.writer.write(wrapped.before)
            await self.feed(connection, transfer, document)
            connection.writer.write(wrapped.after)
            await connection.writer.drain()
            await _until_taken(connection.writer, listening)
            connection.writer.write_eof()
            await ear.until_done(listening)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        if ear.ended is not None:
            transfer.pages = ear.ended.pages
            if ear.ended.cancelled:
                transfer.reasons = frozenset({"job-canceled-at-device"})

    async def look(self, connection: Connection) -> Group:
        """Its state, if it speaks PJL."""
        if not self._described.pjl:
            return await super().look(connection)
        status = PjlStatus()
        with suppress(OSError):
            connection.writer.write(_STATUS_QUESTION)
            async with asyncio.timeout(_SILENCE_S):
                while octets := await connection.reader.read(_READ_OCTETS):
                    for says in status.feed(octets):
                        if isinstance(says, DeviceSays):
                            state, reasons = printer_state(says)
                            return abilities(self._described, state, reasons, says.display)
        return await super().look(connection)


class _Ear:
    """Hears what the device says during one job."""

    def __init__(self, reader: asyncio.StreamReader, mark: str) -> None:
        self._reader = reader
        self._mark = mark
        self._status = PjlStatus()
        self.ended: JobEnded | None = None

    async def listen(self) -> None:
        """Until it tells of the job's end, or closes. Raises ConnectionError."""
        while octets := await self._reader.read(_READ_OCTETS):
            for says in self._status.feed(octets):
                if isinstance(says, JobEnded) and says.name == self._mark:
                    self.ended = says
                    return

    async def until_done(self, listening: asyncio.Future[None]) -> None:
        """The end that it tells of, however long it prints; or its silence, if it never said a word."""
        await asyncio.wait({listening}, timeout=_SILENCE_S)
        if not listening.done() and self._status.heard:
            await asyncio.wait({listening})
        if listening.done():
            with suppress(ConnectionResetError):  # it has all of it: how it hangs up is its affair
                listening.result()


async def _until_taken(writer: asyncio.StreamWriter, listening: asyncio.Future[None]) -> None:
    """Until the device's machine has acknowledged every octet. Raises ConnectionError."""
    while _unsent(writer):
        if listening.done():
            listening.result()
        await asyncio.sleep(_UNSENT_POLL_S)
        if writer.transport.is_closing():
            raise ConnectionResetError("the connection broke")


def _unsent(writer: asyncio.StreamWriter) -> int:
    """Octets that are in our machine still (SIOCOUTQ, tcp(7))."""
    connection: socket.socket = writer.get_extra_info("socket")
    waiting = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))[0]
    return int(waiting) + writer.transport.get_write_buffer_size()

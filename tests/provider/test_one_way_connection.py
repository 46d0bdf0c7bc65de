"""What is known of a transfer to a device that only takes octets when its connection, or the file, fails."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import cast

import pytest

from everprint.contract.messages import OneWay
from everprint.documents.conversion.converter import Converted
from everprint.ipp.client import PrinterError
from everprint.provider.delivery.device import DeviceBusy
from everprint.provider.delivery.lpd_device import LpdDevice
from everprint.provider.delivery.one_way_device import Connection, OneWayDevice, Transfer
from everprint.provider.delivery.outgoing import AsItIs, Made, Outgoing
from everprint.provider.delivery.pjl_job import PjlJob
from everprint.provider.spool import Spool, SpoolFull
from tests.provider.jobs_for_tests import a_job

JOB = a_job(7)
PLAIN = OneWay(pjl=False)


class FailsWith(OneWayDevice):
    """A device whose connection, or whose document, fails in the middle."""

    default_port = 9100
    number = 0

    async def transmit(self, connection: Connection, transfer: Transfer, document: Outgoing, wrapped: PjlJob) -> None:
        transfer.taken = 1
        raise OSError(self.number, os.strerror(self.number))


def with_printer(
    answer: bytes, steps: Callable[[int], Coroutine[None, None, None]], closed: asyncio.Event | None = None
) -> None:
    """Runs the steps with a printer at that port that gives one answer, and tells when it is hung up on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        while await reader.read(1024):
            pass
        if closed is not None:
            closed.set()
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            await steps(server.sockets[0].getsockname()[1])

    asyncio.run(run())


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.ECONNRESET])
def test_a_network_that_fails_leaves_the_job_in_doubt(number: int, tmp_path: Path) -> None:
    async def steps(port: int) -> None:
        device = FailsWith(f"socket://127.0.0.1:{port}", PLAIN)
        device.number = number
        await device.create_job(JOB, ())
        with pytest.raises(PrinterError) as failed:
            await device.send_document(JOB, JOB.job_id, AsItIs(_document(tmp_path), "application/pdf"))
        assert failed.value.in_doubt
        assert await device.job(JOB, JOB.job_id) is None

    with_printer(b"", steps)


def test_a_document_that_cannot_be_read_is_not_the_printers_fault(tmp_path: Path) -> None:
    async def steps(port: int) -> None:
        device = FailsWith(f"socket://127.0.0.1:{port}", PLAIN)
        device.number = errno.EIO
        await device.create_job(JOB, ())
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            await device.send_document(JOB, JOB.job_id, AsItIs(_document(tmp_path), "application/pdf"))

    with_printer(b"", steps)


def test_a_printer_without_paper_is_not_given_up() -> None:
    """TCP_USER_TIMEOUT counts the time in which a device takes nothing, even if it answers every probe (tcp(7))."""

    async def steps(port: int) -> None:
        device = FailsWith(f"socket://127.0.0.1:{port}", PLAIN)
        connection = await device.connect()
        options: socket.socket = connection.writer.get_extra_info("socket")
        assert options.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 0
        assert options.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        connection.close()

    with_printer(b"", steps)


def test_an_lpd_printer_that_takes_no_job_is_hung_up_on() -> None:
    closed = asyncio.Event()

    async def steps(port: int) -> None:
        device = LpdDevice(f"lpd://127.0.0.1:{port}/lp", PLAIN)
        with pytest.raises(DeviceBusy):
            await device.create_job(JOB, ())
        async with asyncio.timeout(30):
            await closed.wait()
        assert device.address  # it lives: nobody closed the connection but itself

    with_printer(b"\x01", steps, closed)


def _document(folder: Path) -> Path:
    path = folder / "document"
    path.write_bytes(b"%PDF")
    return path


class Pieces:
    """What a converter makes."""

    async def pieces(self) -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"raster" * 1000


def test_what_is_made_for_lpd_is_kept_in_the_spool_under_no_name_and_within_its_room(tmp_path: Path) -> None:
    async def steps() -> None:
        spool = Spool(tmp_path, 0)
        made = Made(cast(Converted, Pieces()), "image/pwg-raster", spool)
        async with made.measured() as (whole, size):
            assert size == 24_000 == len(b"".join([piece async for piece in whole.pieces()]))
            assert os.listdir(tmp_path) == []  # noqa: PTH208 - no path is wanted
        full = Spool(tmp_path, 1 << 60)
        with pytest.raises(SpoolFull):
            async with Made(cast(Converted, Pieces()), "image/pwg-raster", full).measured():
                pass

    asyncio.run(steps())

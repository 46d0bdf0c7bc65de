"""A printer whose answers the test lays octet by octet: what no IPP library would let it say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from everprint.ipp.message import Message
from everprint.ipp.operations import Operation
from everprint.ipp.service import IppApplication, Request
from everprint.ipp.status import Status
from rig.application import run_application
from rig.curl import CHARSET, END, INTEGER, JOB_GROUP, LANGUAGE, OPERATION_GROUP, attribute

PRINTER_GROUP = 0x04
TEXT, RANGE, BOOLEAN, OCTET_STRING = 0x41, 0x33, 0x22, 0x30


def number(value: int) -> bytes:
    return value.to_bytes(4, "big", signed=True)


def answer(status: int, *octets: bytes, message: bytes = b"") -> bytes:
    """An answer; the application puts the request's own id on it. `octets` are groups with their tags."""
    said = attribute(TEXT, "status-message", message) if message else b""
    head = b"\x02\x00" + status.to_bytes(2, "big") + b"\0\0\0\1" + bytes([OPERATION_GROUP])
    first = attribute(CHARSET, "attributes-charset", b"utf-8") + attribute(
        LANGUAGE, "attributes-natural-language", b"en"
    )
    return head + first + said + b"".join(octets) + bytes([END])


def job(job_id: int, *attributes: bytes) -> bytes:
    return bytes([JOB_GROUP]) + attribute(INTEGER, "job-id", number(job_id)) + b"".join(attributes)


class OddPrinter:
    """Answers each operation with what the test put into `answers`; remembers what it was asked."""

    def __init__(self) -> None:
        self.uri = ""
        self.asked: list[Message] = []
        self.answers: dict[int, Callable[[], bytes]] = {}

    def count(self, operation: Operation) -> int:
        """How often that was asked."""
        return sum(message.code == operation for message in self.asked)

    async def __call__(self, request: Request) -> bytes:
        async for _ in request.document:
            pass
        self.asked.append(request.message)
        found = self.answers.get(request.message.code)
        return found() if found else answer(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED)


@contextmanager
def run_odd_printer() -> Iterator[OddPrinter]:
    """The printer for as long as the block lasts."""
    printer = OddPrinter()
    with run_application(IppApplication(printer)) as (host, port):
        printer.uri = f"ipp://{host}:{port}/ipp/print"
        yield printer

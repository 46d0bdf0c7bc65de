"""The IPP service over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx

from everprint.ipp import message as m
from everprint.ipp.client import IppClient
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import reply
from everprint.ipp.service import IppApplication, Request
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from rig.application import run_application


def request(operation: Operation, *attributes: m.Attribute) -> Message:
    head = (
        m.charset("attributes-charset", "utf-8"),
        m.natural_language("attributes-natural-language", "en"),
        m.uri("printer-uri", "ipp://localhost/ipp/print"),
    )
    return Message(operation, 7, (Group(GroupTag.OPERATION, (*head, *attributes)),))


async def count_octets(request: Request) -> Message:
    octets = 0
    async for piece in request.document:
        octets += len(piece)
    job = Group(GroupTag.JOB, (m.integer("job-k-octets", octets),))
    return reply(request.message, Status.SUCCESSFUL_OK, job)


async def pieces(count: int, piece: bytes) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield piece


def send(uri: str, message: Message, document: AsyncIterator[bytes] | None = None) -> Message:
    async def main() -> Message:
        client = IppClient()
        try:
            return await client.send(uri, message, document)
        finally:
            await client.close()

    return asyncio.run(main())


def test_a_document_in_chunks_arrives_whole() -> None:
    with run_application(IppApplication(count_octets)) as (host, port):
        answer = send(f"ipp://{host}:{port}/ipp/print/q", request(Operation.PRINT_JOB), pieces(100, b"x" * 9999))
        assert answer.code == Status.SUCCESSFUL_OK
        assert answer.request_id == 7
        assert answer.job.integer("job-k-octets") == 999_900


def test_a_get_goes_to_nobody_without_pages() -> None:
    with run_application(IppApplication(count_octets)) as (host, port):
        assert httpx.get(f"http://{host}:{port}/").status_code == 404
        assert httpx.post(f"http://{host}:{port}/", content=b"x").status_code == 415

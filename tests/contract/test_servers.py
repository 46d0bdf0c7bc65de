"""Calls go to the server that answers; none is asked twice for one call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from aiohttp import web

from everprint.contract.servers import BadMessage, NoAnswerInTime, ServerAway, Servers
from rig.ports import free_port


class Said(msgspec.Struct):
    by: str


DECODER = msgspec.json.Decoder(Said)


class Standby:
    """A server that can be told how to answer, and counts how often it is asked."""

    def __init__(self, name: str) -> None:
        self.name, self.asked, self.status, self.silent = name, 0, 200, False
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._ended = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.silent:
            await self._ended.wait()
        return web.json_response({"by": self.name}, status=self.status)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._ended.clear()
        application = web.Application()
        application.router.add_post("/x", self.answer)
        runner = web.AppRunner(application, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            self._ended.set()  # aiohttp's end waits for the handlers that still run
            await runner.cleanup()


async def ask(servers: Servers, *, total_s: float = 20) -> str:
    deadlines = aiohttp.ClientTimeout(total=total_s)
    return (await servers.call("POST", "/x", None, DECODER, deadlines)).by


@pytest.fixture
def pair() -> tuple[Standby, Standby]:
    return Standby("a"), Standby("b")


def test_the_first_is_asked_and_the_next_when_it_is_not_there(pair: tuple[Standby, Standby]) -> None:
    a, b = pair

    async def scene() -> None:
        async with Servers([a.address, b.address]) as servers, b.running():
            async with a.running():
                assert await ask(servers) == "a"
            assert await ask(servers) == "b"
            async with a.running():
                assert await ask(servers) == "b"  # it stays where it is answered

    asyncio.run(scene())


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_says_later_is_passed_by(pair: tuple[Standby, Standby], status: int) -> None:
    a, b = pair

    async def scene() -> None:
        async with Servers([a.address, b.address]) as servers, a.running(), b.running():
            a.status = status
            assert await ask(servers) == "b"
            assert (a.asked, b.asked) == (1, 1)

    asyncio.run(scene())


def test_all_are_asked_once_and_then_it_is_said_that_none_is_there(pair: tuple[Standby, Standby]) -> None:
    a, b = pair

    async def scene() -> None:
        async with Servers([a.address, b.address]) as servers, a.running(), b.running():
            a.status = b.status = 503
            with pytest.raises(ServerAway):
                await ask(servers)
            assert (a.asked, b.asked) == (1, 1)

    asyncio.run(scene())


def test_a_message_that_is_refused_is_refused_by_all(pair: tuple[Standby, Standby]) -> None:
    a, b = pair

    async def scene() -> None:
        async with Servers([a.address, b.address]) as servers, a.running(), b.running():
            a.status = 422
            with pytest.raises(BadMessage):
                await ask(servers)
            assert b.asked == 0

    asyncio.run(scene())


def test_no_answer_in_time_is_said_and_the_next_call_goes_elsewhere(pair: tuple[Standby, Standby]) -> None:
    a, b = pair

    async def scene() -> None:
        async with Servers([a.address, b.address]) as servers, a.running(), b.running():
            a.silent = True
            with pytest.raises(NoAnswerInTime):
                await ask(servers, total_s=1)
            assert b.asked == 0  # the caller's time is over: it asks again itself
            assert await ask(servers) == "b"

    asyncio.run(scene())


def test_one_server_alone_is_asked_again_each_time() -> None:
    a = Standby("a")

    async def scene() -> None:
        async with Servers([a.address]) as servers:
            with pytest.raises(ServerAway):
                await ask(servers)
            async with a.running():
                assert await ask(servers) == "a"

    asyncio.run(scene())

"""Questions for orders that are cut on the way, and what is concluded from it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from everprint.contract.endpoints import ORDERS_PATIENCE_S
from everprint.provider.order_patience import OrderPatience
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.world import run_print_server


def test_after_a_failure_the_next_question_is_answered_at_once() -> None:
    patience = OrderPatience()
    assert patience.next_s == ORDERS_PATIENCE_S
    assert not patience.failed(10.0), "a connection may end while the server is well"
    assert patience.next_s == 0
    assert patience.failed(0.1), "two in a row are no chance"
    assert patience.failed(5.0)
    patience.answered()
    assert patience.next_s == ORDERS_PATIENCE_S, "it was away; nothing cuts what takes long"


@pytest.mark.parametrize(("cut_after_s", "next_s"), [(20.0, 10.0), (5.0, 2.5), (1.2, 1.0), (0.3, ORDERS_PATIENCE_S)])
def test_what_is_cut_is_asked_for_less_long(cut_after_s: float, next_s: float) -> None:
    patience = OrderPatience()
    patience.failed(cut_after_s)
    patience.answered()
    assert patience.next_s == next_s


def test_patience_comes_back() -> None:
    patience = OrderPatience()
    patience.failed(2.0)
    for _ in range(60):
        patience.answered()
    assert patience.next_s == ORDERS_PATIENCE_S


class ImpatientProxy:
    """Passes on to a port, and cuts a connection as soon as nothing came from there for so long."""

    def __init__(self, target: str, patience_s: float) -> None:
        self._host, _, port = target.removeprefix("http://").partition(":")
        self._port = int(port)
        self._patience_s = patience_s
        self.cuts = 0
        self.url = ""
        self.ready = threading.Event()
        self.stop = threading.Event()

    async def run(self) -> None:
        async with await asyncio.start_server(self._connect, "127.0.0.1", 0) as server:
            host, port = server.sockets[0].getsockname()
            self.url = f"http://{host}:{port}"
            self.ready.set()
            await asyncio.to_thread(self.stop.wait)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(self._host, self._port)
        there = asyncio.create_task(_pass_on(reader, to_writer))
        try:
            while octets := await asyncio.wait_for(to_reader.read(65536), self._patience_s):
                writer.write(octets)
        except TimeoutError:
            self.cuts += 1
        finally:
            there.cancel()
            writer.close()
            to_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while octets := await reader.read(65536):
            writer.write(octets)


@contextmanager
def impatient_proxy(target: str, patience_s: float) -> Iterator[ImpatientProxy]:
    proxy = ImpatientProxy(target, patience_s)
    thread = threading.Thread(target=lambda: asyncio.run(proxy.run()))
    thread.start()
    proxy.ready.wait()
    try:
        yield proxy
    finally:
        proxy.stop.set()
        thread.join()


def test_a_proxy_that_cuts_what_waits_does_not_make_the_server_away(server: ContractServer) -> None:
    server.order_patience_s = 30.0
    with impatient_proxy(server.url, 0.4) as proxy, run_print_server(proxy.url, snapshot_s=3600) as office:
        office.wait_for_queue("", ready=False)
        wait_for("questions to be cut", lambda: proxy.cuts >= 4, within_s=120)
        assert office.health()[1]["status"] != "fail"
        log = office.process.log_tail(500)
        server.order_patience_s = 0.0
    assert "does not answer" not in log
    assert "is away" not in log

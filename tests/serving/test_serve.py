"""Listening, TLS and stopping, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from pathlib import Path

import httpx
import pytest

from everprint.serving import CannotListen, Deadlines, Listener, run, serve
from everprint.serving.asgi import Receive, Scope, Send
from rig.application import run_application
from rig.certificates import Certificates, make_certificates
from rig.raw_http import RawConnection, chunk, post
from tests.serving.echo import answer, echo

LOOPBACK = Listener("127.0.0.1", 0)


async def describe(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, f"{scope['scheme']} {scope['client'][0]}".encode())


def serve_here(listeners: list[Listener]) -> list[tuple[str, int]]:
    """Where the listeners listen; they stop at once."""
    told: list[tuple[str, int]] = []

    async def main() -> None:
        stop = asyncio.Event()

        def on_listening(addresses: list[tuple[str, int]]) -> None:
            told.extend(addresses)
            stop.set()

        await serve(describe, listeners, stop=stop, on_listening=on_listening)

    run(main())
    return told


def test_each_listener_is_told_its_port_in_order() -> None:
    addresses = serve_here([LOOPBACK, Listener("127.0.0.2", 0), Listener("localhost", 0)])
    assert [host for host, _ in addresses][:2] == ["127.0.0.1", "127.0.0.2"]
    assert all(port > 0 for _, port in addresses)


def test_every_address_includes_ipv4_and_its_clients_have_plain_addresses() -> None:
    with run_application(describe, Listener("*", 0)) as (_, port):
        assert httpx.get(f"http://127.0.0.1:{port}/").text == "http 127.0.0.1"


def test_a_port_in_use_is_refused_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"http://127.0.0.1:{port}: .*another address or port"):
            serve_here([LOOPBACK, Listener("127.0.0.1", port)])


def test_a_host_that_is_not_ours_is_refused() -> None:
    with pytest.raises(CannotListen, match=r"http://192\.0\.2\.1:0: cannot listen here"):
        serve_here([Listener("192.0.2.1", 0)])


# TLS.


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


def test_a_listener_with_a_certificate_speaks_tls(certificates: Certificates) -> None:
    trust = ssl.create_default_context(cafile=str(certificates.authority))
    listener = Listener("127.0.0.1", 0, certificates.certificate, certificates.key)
    with run_application(describe, listener) as (host, port):
        assert httpx.get(f"https://{host}:{port}/", verify=trust).text == "https 127.0.0.1"
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://{host}:{port}/")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")  # that they are old is the point
def test_old_tls_is_refused(certificates: Certificates) -> None:
    old = ssl.create_default_context(cafile=str(certificates.authority))
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    listener = Listener("127.0.0.1", 0, certificates.certificate, certificates.key)
    with run_application(describe, listener) as address, pytest.raises(OSError):
        RawConnection(address, old)


def test_a_client_that_never_finishes_its_handshake_is_cut_off(certificates: Certificates) -> None:
    listener = Listener("127.0.0.1", 0, certificates.certificate, certificates.key)
    with (
        run_application(describe, listener, Deadlines(header_s=0.3)) as address,
        RawConnection(address) as connection,
    ):
        connection.send(b"\x16\x03\x01")
        assert connection.is_closed_by_server()


def test_a_certificate_that_cannot_be_used_is_refused_by_name(certificates: Certificates, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(CannotListen, match=r"missing\.pem"):
        serve_here([Listener("127.0.0.1", 0, missing)])
    with pytest.raises(CannotListen, match="belong together"):
        serve_here([Listener("127.0.0.1", 0, certificates.authority, certificates.key)])


# Requests that HTTP allows and few send.


def test_an_offer_to_upgrade_does_not_lose_the_body() -> None:
    offer = ("Connection: keep-alive, Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")
    octets = post(b"first", *offer) + post(b"second")
    with run_application(echo) as address, RawConnection(address) as connection:
        for position in range(len(octets)):
            connection.send(octets[position : position + 1])
        assert connection.read_answer().body == b"first"
        assert connection.read_answer().body == b"second"
    with run_application(echo) as address, RawConnection(address) as connection:
        connection.send(octets)
        assert [connection.read_answer().body for _ in range(2)] == [b"first", b"second"]


def test_a_large_answer_comes_whole() -> None:
    body = bytes(range(256)) * 8000
    with run_application(echo) as address, RawConnection(address) as connection:
        connection.send(post(body))
        assert connection.read_answer().body == body


@pytest.mark.parametrize(
    "octets",
    [
        b"NONSENSE\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x00\xf1",
    ],
)
def test_what_is_no_http_is_answered_and_closed(octets: bytes) -> None:
    with run_application(echo) as address, RawConnection(address) as connection:
        connection.send(octets)
        assert connection.read_answer().status == 400
        assert connection.is_closed_by_server()


def test_a_body_with_two_lengths_is_refused() -> None:
    with run_application(echo) as address, RawConnection(address) as connection:
        connection.send(post(chunk(b"x") + chunk(b""), "Transfer-Encoding: chunked"))
        assert connection.read_answer().status == 400


# Stopping.


def test_a_request_under_way_is_finished_before_the_server_stops() -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.to_thread(go_on.wait, 5)
        await answer(send, b"done")

    server = run_application(slow)
    with RawConnection(server.__enter__()) as connection:
        connection.send(post(b""))
        assert begun.wait(5)
        stopping = threading.Thread(target=lambda: server.__exit__(None, None, None))
        stopping.start()
        go_on.set()
        last = connection.read_answer()
        assert last.body == b"done"
        assert last.headers.get("connection", "close") == "close"
        assert connection.is_closed_by_server()
        stopping.join(5)
        assert not stopping.is_alive()


def test_what_takes_too_long_is_cut_off_when_the_server_stops() -> None:
    over: list[str] = []
    stop = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        stop.set()
        try:
            await asyncio.sleep(60)
        finally:
            over.append("request")

    def ask(addresses: list[tuple[str, int]]) -> None:
        threading.Thread(target=lambda: RawConnection(addresses[0]).send(post(b""))).start()

    async def main() -> None:
        await serve(endless, [LOOPBACK], deadlines=Deadlines(stop_s=0.2), stop=stop, on_listening=ask)
        over.append("server")

    run(main())
    assert over == ["request", "server"]


def test_idle_connections_do_not_keep_the_server() -> None:
    with run_application(echo) as address:
        connection = RawConnection(address)
        connection.send(post(b"x"))
        assert connection.read_answer().body == b"x"
        told = time.monotonic()
    assert time.monotonic() - told < 10
    with connection:
        assert connection.is_closed_by_server()

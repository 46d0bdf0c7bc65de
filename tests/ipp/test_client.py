"""The IPP client against good printers, broken ones, and things that are no printers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from everprint.ipp import message as m
from everprint.ipp.client import IppClient, NotIpp, PrinterError, PrinterUnreachable, Timeouts, http_url
from everprint.ipp.codec import encode
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.reply import reply
from everprint.ipp.service import IppApplication, NotAuthenticated, Request, TlsRequired
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.serving import Listener
from rig.application import run_application
from rig.certificates import make_certificates

REQUEST = Message(Operation.GET_PRINTER_ATTRIBUTES, 5, (Group(GroupTag.OPERATION),))
QUICK = Timeouts(connect_s=2, write_s=2, answer_s=0.5)


def send(
    uri: str, document: AsyncIterator[bytes] | None = None, tls: ssl.SSLContext | None = None, times: int = 1
) -> Message:
    async def main() -> Message:
        client = IppClient(timeouts=QUICK, tls=tls)
        try:
            for _ in range(times - 1):
                await client.send(uri, REQUEST)
            return await client.send(uri, REQUEST, document)
        finally:
            await client.close()

    return asyncio.run(main())


@contextmanager
def printer_that_says(octets: bytes, *, dawdling: bool = False) -> Iterator[str]:
    """The URI of something that answers one request with these octets, whatever it was."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1 << 16)
                try:
                    for position in range(len(octets)) if dawdling else ():
                        connection.sendall(octets[position : position + 1])
                        time.sleep(0.05)
                    connection.sendall(b"" if dawdling else octets)
                except ConnectionError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"ipp://127.0.0.1:{listening.getsockname()[1]}/ipp/print"
        thread.join(10)


def http(
    body: bytes, status: str = "200 OK", media_type: str = "application/ipp", length: int | None = None
) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {size}\r\n\r\n".encode() + body


GOOD = encode(reply(REQUEST, Status.SUCCESSFUL_OK, Group(GroupTag.PRINTER, (m.text("printer-info", "x" * 500),))))


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("ipp://printer.example/ipp/print", "http://printer.example:631/ipp/print"),
        ("ipps://printer.example/ipp/print", "https://printer.example:631/ipp/print"),
        ("ipp://printer.example:8631", "http://printer.example:8631/"),
        ("http://printer.example/x?y=z", "http://printer.example:80/x?y=z"),
        ("https://printer.example/", "https://printer.example:443/"),
        ("ipp://[fe80::1]/ipp/print", "http://[fe80::1]:631/ipp/print"),
        ("ipps://anna:p%40ss@printer.example/", "https://anna:p%40ss@printer.example:631/"),
    ],
)
def test_a_printers_uri_stands_for_an_address(uri: str, url: str) -> None:
    assert http_url(uri) == url


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "ipp:", "ipp:///x", "socket://h", "", "ipp://h:99999/", "lpd://h/q"]
)
def test_any_other_uri_is_refused(uri: str) -> None:
    with pytest.raises(ValueError):
        http_url(uri)


def test_one_connection_serves_many_requests() -> None:
    ports: set[int] = set()

    async def handle(request: Request) -> Message:
        return reply(request.message, Status.SUCCESSFUL_OK)

    service = IppApplication(handle)

    async def watch(scope, receive, send) -> None:  # noqa: ANN001
        ports.add(scope["client"][1])
        await service(scope, receive, send)

    with run_application(watch) as (host, port):
        assert send(f"ipp://{host}:{port}/", times=5).code == Status.SUCCESSFUL_OK
    assert len(ports) == 1


def test_credentials_of_the_uri_are_sent_and_not_shown() -> None:
    async def handle(request: Request) -> Message:
        if request.credentials is None or request.credentials.password != "p@ss":
            raise NotAuthenticated("queue")
        return reply(request.message, Status.SUCCESSFUL_OK)

    with run_application(IppApplication(handle)) as (host, port):
        assert send(f"ipp://anna:p%40ss@{host}:{port}/").code == Status.SUCCESSFUL_OK
        with pytest.raises(NotIpp, match="HTTP 401") as caught:
            send(f"ipp://anna:wrong@{host}:{port}/")
    assert "wrong" not in str(caught.value)
    assert not caught.value.in_doubt


def test_a_printer_that_wants_tls_is_named_as_such() -> None:
    async def handle(request: Request) -> Message:
        raise TlsRequired

    with run_application(IppApplication(handle)) as (host, port), pytest.raises(NotIpp, match="use ipps://"):
        send(f"ipp://{host}:{port}/")


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    async def handle(request: Request) -> Message:
        return reply(request.message, Status.SUCCESSFUL_OK)

    made = make_certificates(tmp_path)
    with run_application(IppApplication(handle), Listener("127.0.0.1", 0, made.certificate, made.key)) as (
        host,
        port,
    ):
        with pytest.raises(PrinterUnreachable, match="certificate") as caught:
            send(f"ipps://{host}:{port}/")
        assert not caught.value.in_doubt
        trust = ssl.create_default_context(cafile=str(made.authority))
        assert send(f"ipps://{host}:{port}/", tls=trust).code == Status.SUCCESSFUL_OK


def test_where_nobody_listens_nothing_can_have_been_printed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(PrinterUnreachable, match=f"127.0.0.1:{port}: cannot connect") as caught:
        send(f"ipp://127.0.0.1:{port}/")
    assert not caught.value.in_doubt


@pytest.mark.parametrize(
    ("octets", "error", "text"),
    [
        (b"", PrinterUnreachable, "broke"),
        (b"SSH-2.0-OpenSSH\r\n", PrinterUnreachable, "broke"),
        (http(GOOD, "500 Internal Server Error"), NotIpp, "HTTP 500"),
        (http(GOOD, "302 Found"), NotIpp, "HTTP 302"),
        (http(b"<html>", media_type="text/html"), NotIpp, "'text/html'"),
        (http(b""), NotIpp, "ends before its end"),
        (http(GOOD[:-1]), NotIpp, "ends before its end"),
        (http(GOOD, length=len(GOOD) + 10), None, ""),
        (http(GOOD[:50], length=len(GOOD)), PrinterUnreachable, "broke"),
        (http(b"\x02\x00\x00\x00\x00\x00\x00\x05\x44"), NotIpp, "no sound IPP message"),
        (http(GOOD[:4] + b"\x00\x00\x00\x06" + GOOD[8:]), NotIpp, "another request"),
        (http(GOOD[:-1] + b"\x30\x00\x01a\x7f\xff" * 50 + bytes(1 << 21)), NotIpp, "no sound IPP message"),
    ],
)
def test_a_bad_answer_is_named_and_leaves_the_doubt_open(
    octets: bytes, error: type[PrinterError] | None, text: str
) -> None:
    with printer_that_says(octets) as uri:
        if error is None:
            with pytest.raises(PrinterUnreachable):
                send(uri)
            return
        with pytest.raises(error, match=text) as caught:
            send(uri)
    assert caught.value.in_doubt == ("302" not in text)


async def document() -> AsyncIterator[bytes]:
    yield b"page"


def test_a_printer_that_answers_octet_by_octet_is_not_waited_for_for_ever() -> None:
    begun = time.monotonic()
    with printer_that_says(http(GOOD), dawdling=True) as uri, pytest.raises(PrinterUnreachable, match="no whole"):
        send(uri, document())
    assert time.monotonic() - begun < 10


def test_an_error_of_the_document_comes_through() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise FileNotFoundError("spool")

    async def handle(request: Request) -> Message:
        async for _ in request.document:
            pass
        return reply(request.message, Status.SUCCESSFUL_OK)

    with run_application(IppApplication(handle)) as (host, port), pytest.raises(FileNotFoundError):
        send(f"ipp://{host}:{port}/", broken())

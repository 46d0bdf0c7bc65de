"""uvicorn's HTTP protocol with bounds: what a slow, silent or greedy client may hold, and for how long.

uvicorn waits for ever for the end of a header or of a body, and holds as much header as is sent. One sweep over all
connections (see server) asks each whether its client is late, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
import logging
from enum import Enum, auto
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from everprint.serving.admission import Admission
from everprint.serving.body_pace import BodyPace
from everprint.serving.deadlines import Deadlines
from everprint.serving.declined_upgrade import header_without_upgrade
from everprint.serving.joined_writes import JoinedWrites

logger = logging.getLogger(__name__)


class _Awaits(Enum):
    """What the client owes us."""

    HEADER = auto()
    BODY = auto()
    NOTHING = auto()  # it waits for the answer, or is idle between two requests


_HEADER_TOO_LARGE = (b"431 Request Header Fields Too Large", b"The header is larger than is taken.")


class _HeaderTooLarge(Exception):
    """Stops the parser; the connection is then answered and closed."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, config: Config, server_state: ServerState, deadlines: Deadlines, admission: Admission) -> None:
        super().__init__(config, server_state, app_state={})
        self._deadlines = deadlines
        self._admission = admission
        self._admitted_as: str | None = None
        self._awaits = _Awaits.HEADER
        self._since = self.loop.time()
        self._pace: BodyPace | None = None
        self._header_octets = 0  # of this request, trailers included
        self._unread_octets = 0  # that have brought neither a header's end nor a piece of a body
        self._offered_method = b""  # of a request whose offer to upgrade is being declined
        self._offered_version = ""
        self._unsent: tuple[int, float] | None = None  # of an answer that the client does not take, since when

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(JoinedWrites(transport, self.loop))
        address, port = self.client or ("", 0)
        self.client = (address.removeprefix("::ffff:"), port)
        if self._admission.admit(self.client[0]):
            self._admitted_as = self.client[0]
        else:
            logger.warning("connection refused reason=too-many-connections peer=%s", self.client[0])
            self._refuse(b"503 Service Unavailable", b"Too many connections. Close some or try again later.")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted_as is not None:
            self._admission.leave(self._admitted_as)
            self._admitted_as = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._unread_octets += len(data)
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            # One offer to upgrade at a time is passed over; more of them, or CONNECT, are no request for us.
            logger.info("connection closed reason=bad-http peer=%s error=%r", self._peer(), error)
            self.send_400_response("Invalid HTTP request received.")
        if self.transport.is_closing():
            return
        if self._unread_octets > self._deadlines.max_header_octets:
            self._refuse(*_HEADER_TOO_LARGE)
        elif self._awaits is _Awaits.NOTHING and self._is_idle() and self.timeout_keep_alive_task is None:
            # Empty lines before a request stop uvicorn's keep-alive timer and begin nothing: ours takes over.
            self._awaits = _Awaits.HEADER
            self._since = self.loop.time()

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            header = header_without_upgrade(self._offered_method, self.url, self._offered_version, self.headers)
            self._offered_method = b""
            self.parser.feed_data(header + data[offer.args[0] :])

    def send_400_response(self, msg: str) -> None:
        if self._header_octets > self._deadlines.max_header_octets:
            self._refuse(*_HEADER_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._awaits = _Awaits.HEADER
        self._since = self.loop.time()
        self._header_octets = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_octets += len(name) + len(value) + 4
        if self._header_octets > self._deadlines.max_header_octets:
            raise _HeaderTooLarge
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            self._offered_method, self._offered_version = self.parser.get_method(), self.parser.get_http_version()
            return
        self._awaits = _Awaits.BODY
        self._unread_octets = 0
        self._pace = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread_octets = 0
        if self._pace is not None:
            self._pace.take(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._offered_method:
            return
        self._awaits = _Awaits.NOTHING
        self._unread_octets = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._awaits is _Awaits.BODY:
            self._since = self.loop.time()
            if self.expect_100_continue and self._pace is None and not self.transport.is_closing():
                # Told "no" before "100 Continue", a client may leave out its body: what it sends next is anything.
                self.transport.close()

    def close_if_late(self, now: float) -> None:
        """Cuts the connection off if its client takes longer than it may. Called by the sweep."""
        if self.transport.is_closing():
            if self._answer_is_stuck(now):
                self.transport.abort()
            return
        late = self._lateness(now)
        if late:
            logger.info("connection closed reason=%s peer=%s", late, self._peer())
            if late == "slow-header":
                self._refuse(b"408 Request Timeout", b"The request did not come in time.")
            else:
                self.transport.abort()

    def _lateness(self, now: float) -> str:
        """Which deadline has passed; empty if none."""
        if self._answer_is_stuck(now):
            return "answer-not-taken"
        if self._awaits is _Awaits.HEADER and now - self._since > self._deadlines.header_s:
            return "slow-header"
        if self._awaits is _Awaits.BODY:
            if self.cycle.response_complete:
                return "unwanted-body" if now - self._since > self._deadlines.drain_s else ""
            if self._pace is None:
                self._pace = BodyPace(now, self._deadlines.body_idle_s, self._deadlines.min_octets_per_s)
            elif self._pace.is_too_slow(now, waiting=not self.flow.read_paused):
                return "slow-body"
        return ""

    def _answer_is_stuck(self, now: float) -> bool:
        waiting = self.transport.get_write_buffer_size()
        if not waiting:
            self._unsent = None
        elif self._unsent is None or self._unsent[0] != waiting:
            self._unsent = (waiting, now)
        return self._unsent is not None and now - self._unsent[1] > self._deadlines.answer_idle_s

    def _peer(self) -> str:
        return self.client[0] if self.client else ""

    def _is_idle(self) -> bool:
        return not self.pipeline and self.cycle.response_complete

    def _refuse(self, status: bytes, text: bytes) -> None:
        if self._awaits is not _Awaits.BODY or not self.cycle.response_started:
            self.transport.write(
                b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%b\n" % (status, len(text) + 1, text)
            )
        self.transport.close()


def protocol_config(application: Any, deadlines: Deadlines) -> Config:  # noqa: ANN401 - any ASGI application
    """uvicorn's settings: HTTP/1.1 alone, no trust in forwarded addresses, no banner, our own logging."""
    config = Config(
        application,
        interface="asgi3",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=deadlines.keep_alive_s,
    )
    config.load()
    return config

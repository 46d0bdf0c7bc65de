"""The printer's page and its control endpoint.

GET / is the page, GET /state what it shows, GET /pictures/... the sheets; POST /control takes commands (commands.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import Awaitable, Callable
from importlib import resources
from urllib.parse import parse_qs

import msgspec

from everprint.serving.asgi import Receive, Scope, Send
from everprint.virtual_printer.access import Access
from everprint.virtual_printer.addresses import page_address
from everprint.virtual_printer.commands import BadCommand, read_command
from everprint.virtual_printer.http import Body, HttpProblem, header, json_body, read_body, send_body
from everprint.virtual_printer.printer import Printer
from everprint.virtual_printer.record import BadRecord
from everprint.virtual_printer.snapshot import take_snapshot

MOST_COMMAND_OCTETS = 4096
PORT_WITHIN_S = 5.0  # for the port to open or close after a power command
PATIENCE_S = 20.0  # of a /state that waits for a change
_BREATH_S = 0.2  # at most five changes a second are told

_STATIC = {
    "/": ("index.html", b"text/html; charset=utf-8"),
    "/page.css": ("page.css", b"text/css; charset=utf-8"),
    "/page.js": ("page.js", b"text/javascript; charset=utf-8"),
    "/icon.svg": ("icon.svg", b"image/svg+xml"),
    "/icon.png": ("icon.png", b"image/png"),
}
_PICTURE = re.compile(r"/pictures/([0-9]+-[0-9a-f]+)/(sheet-[0-9]+-(?:front|back)\.png)")

_Answer = Callable[[Scope, Receive], Awaitable[Body]]


class Web:
    """Everything that is not IPP, as an ASGI application."""

    def __init__(self, printer: Printer, access: Access, stop: asyncio.Event) -> None:
        self._printer = printer
        self._access = access
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request (ASGI)."""
        try:
            self._access.check(scope)
            body = await self._find(scope)(scope, receive)
        except HttpProblem as problem:
            headers = ((b"allow", b"GET, HEAD"),) if problem.status == 405 else ()
            await send_body(send, json_body({"problem": str(problem)}), problem.status, headers)
        else:
            await send_body(send, body)

    def _find(self, scope: Scope) -> _Answer:
        """What answers that method on that path.

        Raises HttpProblem.
        """
        path, method = scope["path"], scope["method"]
        if path == "/control":
            if method != "POST":
                raise HttpProblem(405, "commands are sent by POST")
            return self._control
        answer = _static if path in _STATIC else {"/state": self._state}.get(path)
        if _PICTURE.fullmatch(path):
            answer = self._picture
        if answer is None:
            raise HttpProblem(404, "there is nothing here; the printer's page is at /")
        if method not in ("GET", "HEAD"):
            raise HttpProblem(405, "this can only be read")
        return answer

    async def _state(self, scope: Scope, _receive: Receive) -> Body:
        """The printer now; with ?after=REVISION once something has changed since, or after a while."""
        after = parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
        if after.isascii() and after.isdigit():
            revision = int(after[:18])
            changed = self._printer.changes.until(lambda: self._printer.changes.revision != revision)
            await self._wait_for(changed)
        return json_body(take_snapshot(self._printer))

    async def _wait_for(self, changed: Awaitable[None]) -> None:
        waits = {asyncio.ensure_future(changed), asyncio.ensure_future(self._stop.wait())}
        try:
            await asyncio.wait(waits, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
            if not self._stop.is_set():
                await asyncio.sleep(_BREATH_S)
        finally:
            for wait in waits:
                wait.cancel()

    async def _picture(self, scope: Scope, _receive: Receive) -> Body:
        """A picture of a job that is remembered: no part of the path reaches the file system unchecked."""
        match = _PICTURE.fullmatch(scope["path"])
        assert match is not None
        jobs = self._printer.device.jobs if self._printer.device else {}
        job = jobs.get(int(match[1].partition("-")[0]))
        if job is None or job.key != match[1] or match[2] not in job.pictures:
            raise HttpProblem(404, "there is no such picture")
        try:
            octets = (self._printer.folders.of(job) / match[2]).read_bytes()
        except FileNotFoundError:
            raise HttpProblem(404, "somebody removed the picture") from None
        return Body(octets, b"image/png", cache=b"private, max-age=86400, immutable")

    async def _control(self, scope: Scope, receive: Receive) -> Body:
        """Carries out a command and answers with the printer's state."""
        content_type = header(scope, b"content-type").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise HttpProblem(415, "a command has the content type application/json")
        octets = await read_body(receive, MOST_COMMAND_OCTETS)
        try:
            told = read_command(msgspec.json.decode(octets))
            self._printer.obey(told)
            await self._wait_for_the_port()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise HttpProblem(400, f"the command is not JSON: {error}") from None
        except BadCommand as error:
            raise HttpProblem(400, str(error)) from None
        except BadRecord as error:
            raise HttpProblem(500, str(error)) from None
        return json_body(take_snapshot(self._printer))

    async def _wait_for_the_port(self) -> None:
        """Who switched the power wants to see it on, or off."""
        powered = self._printer.device is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PORT_WITHIN_S):
                await self._printer.changes.until(lambda: self._printer.port_is_open == powered)


async def redirect(page_port: int, scope: Scope, send: Send) -> None:
    """Sends who looks for the page at the printer's own port to the page's port, on the same host."""
    page = page_address(header(scope, b"host"), page_port, tls=scope["scheme"] == "https").encode("ascii", "ignore")
    body = Body(b"The printer's page is at " + page + b"\n", b"text/plain; charset=utf-8")
    await send_body(send, body, 307, [(b"location", page)])


async def _static(scope: Scope, _receive: Receive) -> Body:
    name, content_type = _STATIC[scope["path"]]
    return Body(_read_static(name), content_type, cache=b"no-cache")


@functools.cache
def _read_static(name: str) -> bytes:
    return resources.files("everprint.virtual_printer").joinpath("page", name).read_bytes()

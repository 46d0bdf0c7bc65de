"""The control endpoint: hostile input is answered by name, strangers and other sites' pages are not heard."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

import pytest

from everprint.virtual_printer.commands import COMMANDS, BadCommand, afflict, read_command
from everprint.virtual_printer.troubles import Troubles
from rig.virtual_printer import VirtualPrinter

JSON = {"content-type": "application/json"}


def send(
    printer: VirtualPrinter, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    """The status, and the problem or the text of the answer."""
    connection = http.client.HTTPConnection(urlsplit(printer.page).netloc, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    try:
        return answer.status, str(json.loads(text).get("problem", text))
    except ValueError:
        return answer.status, text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"do": "jam"} trailing', "not JSON"),
        (b"[" * 4000, "not JSON"),
        (b'"jam"', "expected an object"),
        (b"[1]", "expected an object"),
        (b"{}", "do: "),
        (b'{"do": 7}', "do: '7' is not a command"),
        (b'{"do": "explode"}', "do: 'explode' is not a command"),
        (b'{"do": "jam", "now": true}', "'now' is not a member"),
        (b'{"do": "jam", "number": "3"}', "number: expected a whole number of sheets"),
        (b'{"do": "jam", "number": true}', "number: expected a whole number of sheets"),
        (b'{"do": "jam", "number": 1.5}', "number: expected a whole number of sheets"),
        (b'{"do": "jam", "number": -1}', "number: expected 0 to 1e+06 sheets, not -1"),
        (b'{"do": "jam", "number": 1e400}', "out of range"),
        (b'{"do": "jam", "number": 99999999999999999999999999}', "number: expected"),
        (b'{"do": "slow"}', "number: slow needs how many pages per minute"),
        (b'{"do": "clear", "number": 1}', "number: clear takes no number"),
        (b'{"do": "toner", "number": 101}', "number: expected 0 to 100 percent"),
    ],
)
def test_a_wrong_command_is_refused_by_name_and_changes_nothing(
    printer: VirtualPrinter, body: bytes, named: str
) -> None:
    before = printer.state()
    status, problem = send(printer, "POST", "/control", body, JSON)
    assert (status, named in problem or problem) == (400, True)
    assert printer.state() == before


def test_too_much_is_not_read(printer: VirtualPrinter) -> None:
    assert send(printer, "POST", "/control", b" " * 5000, JSON)[0] == 413


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "named"),
    [
        ("POST", "/control", {"content-type": "text/plain"}, 415, "application/json"),
        ("POST", "/control", {"content-type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        ("POST", "/control", {**JSON, "origin": "http://evil.example"}, 403, "another site"),
        ("POST", "/control", {**JSON, "origin": "null"}, 403, "another site"),
        ("POST", "/control", {**JSON, "host": "evil.example"}, 403, "not called 'evil.example'"),
        ("GET", "/state", {"host": "evil.example:6380"}, 403, "not called"),
        ("GET", "/control", {}, 405, "by POST"),
        ("POST", "/state", {}, 405, "only be read"),
        ("DELETE", "/", {}, 405, "only be read"),
        ("GET", "/nothing", {}, 404, "nothing here"),
        ("GET", "/pictures/1-0badcafe/sheet-001-front.png", {}, 404, "no such picture"),
        ("GET", "/pictures/../job.json", {}, 404, "nothing here"),
        ("GET", "/pictures/1-0badcafe/..%2f..%2fprinter-uuid", {}, 404, "nothing here"),
        ("GET", "/pictures/" + "9" * 400 + "-ab/sheet-001-front.png", {}, 404, "no such picture"),
    ],
)
def test_what_is_not_for_everybody_is_refused(
    printer: VirtualPrinter, method: str, path: str, headers: dict[str, str], status: int, named: str
) -> None:
    body = b'{"do": "jam"}' if method == "POST" else b""
    got, problem = send(printer, method, path, body, headers)
    assert (got, named in problem or problem) == (status, True)
    assert "media-jam-error" not in str(printer.state()["state_reasons"])


def test_an_own_page_is_heard(printer: VirtualPrinter) -> None:
    origin = printer.page.rstrip("/")
    assert send(printer, "POST", "/control", b'{"do": "mend"}', {**JSON, "origin": origin})[0] == 200


def test_who_looks_for_the_page_at_the_ipp_port_is_sent_there(printer: VirtualPrinter) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", printer.port, timeout=30)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("location")) == (307, printer.page)


def test_every_command_is_taken_with_a_number_if_it_needs_one() -> None:
    for name, command in COMMANDS.items():
        message: dict[str, object] = {"do": name}
        if command.amount is not None:
            message["number"] = int(command.most)
            with pytest.raises(BadCommand):
                read_command({"do": name, "number": command.most + 1})
        told = read_command(message)
        afflict(Troubles(), told)


def test_mending_mends_everything() -> None:
    troubles = Troubles()
    for name, command in COMMANDS.items():
        if name not in ("mend", "clear", "refill", "accept", "sane", "door-close"):
            afflict(troubles, read_command({"do": name, **({"number": 1} if command.amount else {})}))
    assert troubles.state_reasons != ("none",)
    afflict(troubles, read_command({"do": "mend"}))
    assert troubles == Troubles()

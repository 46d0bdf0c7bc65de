"""Tells the Application Server how a cluster stands, over its JSON API (`PUT /api/v1/clusters/NAME`).

The server shows it with its age, so that silence is seen. What could not be told is not kept: the next report has
all.
"""

from __future__ import annotations

import http.client
import json
import ssl
from urllib.parse import quote, urlsplit

from everprint.cluster.standing.overview import Overview
from everprint.monitor.deadline import conversation

_MOST_OCTETS = 64 << 10
_LONGEST_TEXT = 400
_LONGEST_WORD = 64
_MOST_EVIDENCE = 10


class NotTold(Exception):
    """The server did not take it. Says why and what to do."""


def report_of(overview: Overview, every_s: int) -> dict[str, object]:
    """The document of `status --json`, with how often it comes, in the bounds that the server has."""
    document = _bounded(overview.as_json())
    assert isinstance(document, dict)
    for vm in document["vms"]:
        vm["evidence"] = vm["evidence"][:_MOST_EVIDENCE]
    del document["resources"]  # of the engine; what people look at is in hosts and vms
    return {**document, "every_s": every_s}


def report_of_silence(reason: str, at: str, every_s: int) -> dict[str, object]:
    """What is told when no host of the cluster tells anything."""
    trouble = {"layer": "cluster", "state": "unknown", "level": "fail", "detail": _text(reason)}
    return {
        "at": at,
        "status": "fail",
        "asked": "",
        "quorum": False,
        "hosts": [],
        "vms": [],
        "troubles": [trouble],
        "every_s": every_s,
    }


def tell(
    server: str,
    name: str,
    document: dict[str, object],
    token: str,
    *,
    within_s: float,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Sends it to the server at that address. Raises NotTold; follows no redirection."""
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotTold(f"{server} is no address of a web service; write https://HOST:9192")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Connection": "close"}
    try:
        with conversation(parts, within_s, tls) as (connection, is_over):
            path = f"{parts.path.rstrip('/')}/api/v1/clusters/{quote(name, safe='')}"
            connection.request("PUT", path, json.dumps(document).encode(), headers)
            answer = connection.getresponse()
            body = answer.read(_MOST_OCTETS)
        if is_over.is_set():
            raise NotTold(f"{server} did not end its answer within {within_s:g} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTold(f"{server} does not answer: {str(error) or type(error).__name__}") from error
    if answer.status != http.client.OK:
        raise NotTold(f"{server} refuses the report: {answer.status} {_detail(body)}".rstrip())


def _detail(body: bytes) -> str:
    """What a problem (RFC 9457) says to people; the answer may come from anything."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return _text(str(said.get("detail", ""))) if isinstance(said, dict) else ""


def _bounded(value: object, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: _bounded(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_bounded(one, key) for one in value]
    return _text(value, _LONGEST_TEXT if key in _TEXTS else _LONGEST_WORD) if isinstance(value, str) else value


_TEXTS = ("why", "reason", "detail", "last_failure", "folder", "asked")


def _text(text: str, most: int = _LONGEST_TEXT) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:most]

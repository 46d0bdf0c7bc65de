"""Asks a part's health address and reads its answer, which may come from anything: within a time and a bound."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from everprint.monitor.deadline import conversation
from everprint.monitor.health import CheckResult, Health, Level, Question

MOST_OCTETS = 256 << 10
_MOST_CHECKS = 100
_LONGEST_TEXT = 500


class NoHealth(Exception):
    """Nobody answers. Says why."""


class NotOurs(Exception):
    """Somebody answers, but not as a part of Everprint does."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, and how long it took."""

    health: Health
    seconds: float


def ask_health(url: str, within_s: float, tls: ssl.SSLContext | None = None) -> Answered:
    """What the address says. Raises NoHealth or NotOurs; follows no redirection."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotOurs(f"{url} is no address of a web service")
    began = time.monotonic()
    try:
        with conversation(parts, within_s, tls) as (connection, is_over):
            connection.request("GET", parts.path or "/", headers={"Connection": "close"})
            body = connection.getresponse().read(MOST_OCTETS)
        if is_over.is_set():
            raise NoHealth(f"{url} did not end its answer within {within_s:g} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoHealth(f"{url} does not answer: {str(error) or type(error).__name__}") from error
    return Answered(read_health(body), time.monotonic() - began)


def read_health(body: bytes) -> Health:
    """The answer in the form of `Health.as_json`. Raises NotOurs."""
    try:
        said: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotOurs("the answer is no JSON") from error
    if not isinstance(said, dict) or not isinstance(said.get("checks"), list):
        raise NotOurs("the answer has no checks: it is not Everprint's")
    try:
        question = Question(str(said.get("question")))
        checks = tuple(_check(one) for one in said["checks"][:_MOST_CHECKS])
    except ValueError as error:
        raise NotOurs(f"the answer is not Everprint's: {error}") from error
    return Health(question, checks)


def _check(said: object) -> CheckResult:
    if not isinstance(said, dict):
        raise ValueError("a check is no object")  # noqa: TRY004 (of what was received, not of our types)
    name, message = str(said.get("name"))[:_LONGEST_TEXT], str(said.get("message", ""))[:_LONGEST_TEXT]
    return CheckResult(name, Level(str(said.get("status"))), message)

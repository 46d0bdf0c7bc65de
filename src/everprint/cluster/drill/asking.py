"""Somebody who asks the print system: `python -m everprint.cluster.drill.asking`.

The Application Server by its JSON API, with a token or signed in; a printer by Get-Jobs; a health address. Reads a
request a line from standard input and answers each with a line, `{"answer": ...}` or `{"refused": ...}`. It is a
program of its own for the same reason as `printing`.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

from everprint.cluster.ocf.health import Unhealthy, ask
from everprint.ipp.client import IppClient, PrinterError, Timeouts
from everprint.ipp.message import Group, Message, charset, integer, keyword, natural_language, uri
from everprint.ipp.operations import Operation
from everprint.ipp.tags import GroupTag

_COMPLETED = 9  # job-state, RFC 8011 section 5.3.7
_PAGE = 100


class Refused(Exception):
    """It was not done; the other side's own words."""


class Api:
    """The JSON API, for one token or one session. Raises Refused."""

    def __init__(self, url: str, authority: str) -> None:
        """*authority*: a file with the certificates that vouch for the server, beside those this machine knows."""
        self._url = url.rstrip("/")
        self._cookies = CookieJar()
        self._token = ""
        trusted = ssl.create_default_context()
        if authority:
            trusted.load_verify_locations(authority)
        https = urllib.request.HTTPSHandler(context=trusted)
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies), https).open

    def take_token(self, token: str) -> None:
        """From now on the token is sent."""
        self._token = token

    def sign_in(self, name: str, password: str, within_s: float) -> None:
        """By the page, as a browser does."""
        page = self._ask("GET", "/sign-in", within_s).decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"user_name": name, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        self._ask("POST", "/sign-in", within_s, urllib.parse.urlencode(form).encode())

    def call(self, method: str, path: str, body: object, within_s: float) -> object:
        """The answer of an endpoint."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        else:
            csrf = next((cookie.value for cookie in self._cookies if cookie.name.endswith("csrf")), "") or ""
            headers |= {"X-CSRFToken": csrf, "Referer": self._url}
        data = None if body is None else json.dumps(body).encode()
        said = self._ask(method, f"/api/v1{path}", within_s, data, headers)
        return json.loads(said) if said else None

    def _ask(
        self,
        method: str,
        path: str,
        within_s: float,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> bytes:
        request = urllib.request.Request(f"{self._url}{path}", data, headers or {}, method=method)  # noqa: S310 (http)
        try:
            with self._open(request, timeout=within_s) as answer:
                said: bytes = answer.read()
                return said
        except urllib.error.HTTPError as error:
            words = error.read(2000).decode("utf-8", "replace")
            raise Refused(f"{method} {path}: {error.code} {words}") from error
        except OSError as error:
            raise Refused(f"{method} {path}: {error}") from error


def lives(url: str, within_s: float) -> bool:
    """Does a health address say that its service lives?"""
    try:
        ask(url, within_s)
    except Unhealthy:
        return False
    return True


async def printed(printer: str, within_s: float) -> list[str]:
    """The names of the jobs that came out of a printer, as it tells (Get-Jobs). Raises Refused."""
    client = IppClient(timeouts=Timeouts(connect_s=within_s, write_s=within_s, answer_s=within_s))
    found: list[str] = []
    try:
        for first in range(1, 100_000, _PAGE):
            attributes = (
                charset("attributes-charset", "utf-8"),
                natural_language("attributes-natural-language", "en"),
                uri("printer-uri", printer),
                integer("limit", _PAGE),
                keyword("requested-attributes", "job-name", "job-state"),
                keyword("which-jobs", "completed"),
                *([integer("first-index", first)] if first > 1 else []),
            )
            request = Message(Operation.GET_JOBS, first, (Group(GroupTag.OPERATION, attributes),))
            answer = await client.send(printer, request)
            jobs = answer.all_groups(GroupTag.JOB)
            found += [job.string("job-name") or "" for job in jobs if job.integer("job-state") == _COMPLETED]
            if len(jobs) < _PAGE:
                break
    except PrinterError as error:
        raise Refused(str(error)) from error
    finally:
        await client.close()
    return found


class Asking:
    """Who answers, and what is known of the server since *meet*."""

    def __init__(self) -> None:
        self._api: Api | None = None

    def answer(self, wanted: dict[str, Any]) -> object:
        """What a request is answered with. Raises Refused."""
        match wanted["do"]:
            case "meet":
                self._api = Api(wanted["url"], wanted["authority"])
                if wanted["token"]:
                    self._api.take_token(wanted["token"])
                else:
                    self._api.sign_in(wanted["name"], wanted["password"], wanted["within_s"])
                return None
            case "lives":
                return lives(wanted["url"], wanted["within_s"])
            case "printed":
                return asyncio.run(printed(wanted["uri"], wanted["within_s"]))
            case "call" if self._api is not None:
                return self._api.call(wanted["method"], wanted["path"], wanted["body"], wanted["within_s"])
            case other:
                raise Refused(f"{other}: nobody here does that")


def main() -> None:
    """Answers until nobody asks any more."""
    asking = Asking()
    for line in sys.stdin:
        try:
            said = {"answer": asking.answer(json.loads(line))}
        except Refused as refused:
            said = {"refused": str(refused)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

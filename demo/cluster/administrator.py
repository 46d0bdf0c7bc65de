"""An administrator at the cluster's Application Server, by its JSON API: `python -m demo.cluster.administrator URL`.

It runs on the lab's side of the network. Reads a request a line from standard input, and answers each with a line,
`{"answer": ...}` or `{"refused": ...}`. The first signs in.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar


class Refused(Exception):
    """The server did not do it; its own words."""


class Administrator:
    """A session of one administrator. Raises Refused."""

    def __init__(self, url: str, name: str, password: str, within_s: float) -> None:
        self._url = url
        self._cookies = CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies)).open
        page = self._ask("GET", "/sign-in", within_s).decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"user_name": name, "password": password, "csrfmiddlewaretoken": token[1] if token else ""}
        self._ask("POST", "/sign-in", within_s, urllib.parse.urlencode(form).encode())

    def call(self, method: str, path: str, body: object, within_s: float) -> object:
        """The answer of an endpoint."""
        token = next((cookie.value for cookie in self._cookies if cookie.name.endswith("csrf")), "") or ""
        headers = {"Content-Type": "application/json", "X-CSRFToken": token, "Referer": self._url}
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


def main() -> None:
    """Signs in with the first line, and does what the others say."""
    url = sys.argv[1]
    administrator: Administrator | None = None
    for line in sys.stdin:
        wanted = json.loads(line)
        try:
            if administrator is None:
                administrator = Administrator(url, wanted["name"], wanted["password"], wanted["within_s"])
                answer: object = None
            else:
                answer = administrator.call(wanted["method"], wanted["path"], wanted["body"], wanted["within_s"])
            said = {"answer": answer}
        except Refused as refused:
            said = {"refused": str(refused)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

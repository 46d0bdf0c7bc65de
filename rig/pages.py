"""The server's web pages without a browser: somebody who is signed in, and presses buttons."""

from __future__ import annotations

from types import TracebackType

import httpx


class Person:
    """Signed in for as long as the context lasts."""

    def __init__(self, url: str, user_name: str, password: str) -> None:
        self._client = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        self._form = {"user_name": user_name, "password": password}

    def __enter__(self) -> Person:
        self.press("/sign-in", on="/sign-in", **self._form)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def see(self, address: str) -> str:
        """The page's HTML."""
        answer = self._client.get(address)
        assert answer.is_success, f"{address}: {answer.status_code}"
        return answer.text

    def press(self, address: str, *, on: str, **said: str) -> str:
        """Sends a form of the page `on` to the address; the page that comes."""
        token = self.see(on).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        answer = self._client.post(address, data={"csrfmiddlewaretoken": token, **said})
        assert answer.is_success, f"{address}: {answer.status_code}"
        return answer.text

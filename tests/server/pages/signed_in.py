"""A client that is signed in, for pages that need no browser to be tested: what a form does, and what it says."""

from __future__ import annotations

from html import unescape
from html.parser import HTMLParser
from re import sub
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync
from django.test import Client

if TYPE_CHECKING:
    from django.http import HttpResponse

    from everprint.server.people.models import User


class SignedIn:
    """A person at the pages."""

    def __init__(self, user: User) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(user, "everprint.server.people.backend.UserBackend")

    def see(self, address: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.client.get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return text_of(answer.content.decode())

    def download(self, address: str) -> str:
        """The text of a CSV."""
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

        async def whole() -> bytes:
            return b"".join([piece async for piece in answer])

        return async_to_sync(whole)().decode("utf-8-sig")

    def fill(self, address: str, **said: Any) -> str:
        """Opens the page, fills in its form, sends it, and follows; the text of the page that comes.

        A field that is said to be None is left out, as a browser leaves out a box that is not ticked.
        """
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        fields = _Fields()
        fields.feed(answer.content.decode())
        data = {**fields.found, **said}
        return self.send(address, **{key: value for key, value in data.items() if value is not None})

    def send(self, address: str, status: int = 200, **said: Any) -> str:
        """Sends these fields to the address and follows; the text of the page that comes."""
        answer: HttpResponse = self.client.post(address, said, follow=True)
        assert answer.status_code == status, (address, answer.status_code)
        return text_of(answer.content.decode())


class _Fields(HTMLParser):
    """What a browser would send for the page's own form, if nothing was changed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self._inside = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self._inside = "card" in (said.get("class") or "").split()
        if not self._inside:
            return
        name = said.get("name") or ""
        if tag == "input" and name and (said.get("type") not in ("checkbox", "radio") or "checked" in said):
            self._add(name, said.get("value") or ("on" if said.get("type") == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in said:
            self._add(self._select, said.get("value") or "")
        elif tag == "textarea":
            self._area = name
            self.found[name] = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def _add(self, name: str, value: str) -> None:
        earlier = self.found.get(name)
        self.found[name] = (
            value if earlier is None else [*([earlier] if isinstance(earlier, str) else earlier), value]
        )


def administrator() -> SignedIn:
    """Somebody who may do everything."""
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    return SignedIn(create_user("admin", role=Role.ADMINISTRATOR))


def text_of(page: str) -> str:
    """The words of a page as people read them."""
    return unescape(" ".join(sub(r"<[^>]+>", " ", page).split()))

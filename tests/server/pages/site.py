"""The site as a person at a browser meets it: tabs that are signed in, and what the browser complained of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.server.pages.pleasant import World

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse"
DESKTOP = 1280
PHONE = 390
# Long, for machines that do much else: what is right comes at once.
expect.set_options(timeout=30_000)


@dataclass
class Site:
    """A running server and its browser."""

    address: str
    world: World
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def tab(self, user: str = "", *, width: int = DESKTOP, scripts: bool = True) -> Page:
        """A fresh browser's tab; signed in if a user is given."""
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": width, "height": 800}, java_script_enabled=scripts
        )
        self._contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        if user:
            sign_in(page, user)
        return page

    @contextmanager
    def expecting(self, complaint: str) -> Iterator[None]:
        """While this lasts the browser may complain of that: a refused page is what the test asked for."""
        self._expected.append(complaint)
        yield
        self._expected.remove(complaint)

    def close(self) -> None:
        """Closes every tab."""
        for context in self._contexts:
            context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(known in message.text for known in self._expected):
            self.complaints.append(f"{message.type} at {message.location.get('url')}: {message.text}")


def sign_in(page: Page, user: str, password: str = PASSWORD) -> None:
    """Signs in by the form and waits for the first page."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(r"/(dashboard|me)$"))


def names_in(page: Page) -> list[str]:
    """The names of the rows of the page's first table, in order."""
    return [text.strip() for text in page.locator("table").first.locator("tbody th a").all_inner_texts()]

"""The README's screenshots, taken from a running demo: `python -m demo.pictures SERVER_URL PRINTER_URL`.

Run by hand when the pages change; look at each picture before it is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from rig.everprint import ADMINISTRATOR, ADMINISTRATOR_PASSWORD

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main(server: str, printer: str) -> None:
    """Takes every picture at both widths."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=ARGUMENTS)
        for size, view in (("desktop", DESKTOP), ("phone", PHONE)):
            page = browser.new_page(viewport={"width": view["width"], "height": view["height"]})
            _sign_in(page, server)
            _take(page, f"{server}/", f"dashboard-{size}")
            _take_job(page, server, size)
            page.close()
            _take_printer(browser, printer, size, view)
        browser.close()


def _sign_in(page: Page, server: str) -> None:
    page.goto(server)
    page.get_by_label("User name").fill(ADMINISTRATOR)
    page.get_by_label("Password").fill(ADMINISTRATOR_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def _take_job(page: Page, server: str, size: str) -> None:
    page.goto(f"{server}/jobs")
    page.get_by_role("link", name="Annual report").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"job-{size}.png", full_page=size == "desktop")


def _take_printer(browser: Browser, printer: str, size: str, view: dict[str, int]) -> None:
    page = browser.new_page(viewport={"width": view["width"], "height": view["height"]})
    _take(page, printer, f"virtual-printer-{size}")
    page.close()


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_timeout(1500)  # pictures of sheets are loaded one after the other
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The printer's page in a real browser: live, complete, safe, and usable on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.virtual_printer.asking import print_job, printed
from tests.virtual_printer.documents import write_pdf

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium-headless-shell", args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shown_printer() -> Iterator[VirtualPrinter]:
    with run_virtual_printer("--name", "Ground floor") as printer:
        yield printer


@pytest.fixture
def page(browser: Browser, shown_printer: VirtualPrinter) -> Iterator[Page]:
    """The page, which must not make the browser complain: neither a script's error nor the content policy."""
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 400" not in message.text:  # a refused command
            complaints.append(message.text)

    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(shown_printer.page)
    yield page
    context.close()
    assert complaints == []


def test_it_says_what_it_is_and_how_it_does(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Ground floor")
    expect(page.locator(".sign")).to_be_visible()
    expect(page.locator("#state")).to_have_text("Ready")
    expect(page).to_have_title("Ground floor: Ready")


def test_a_job_appears_with_its_sheets_without_a_reload(
    page: Page, shown_printer: VirtualPrinter, tmp_path: Path
) -> None:
    expect(page.locator("#state")).to_have_text("Ready")
    document = write_pdf(tmp_path / "script.pdf", "gcg")
    printed(
        shown_printer,
        document,
        "integer copies 2",
        "keyword sides two-sided-long-edge",
        operation=["name job-name Play"],
    )
    job = page.locator(".job", has=page.locator(".job-name", has_text="Play"))
    expect(job.locator(".badge")).to_have_text("completed")
    expect(job.locator(".job-facts")).to_contain_text("anna")
    expect(job.locator(".job-facts")).to_contain_text("2 copies")
    expect(job.locator(".job-facts")).to_contain_text("4 sheets out (6 sides, 2 in colour)")
    expect(job.locator("img")).to_have_count(6)
    loaded = "images => images.every(image => image.complete && image.naturalWidth > 100)"
    job.locator("img").last.scroll_into_view_if_needed()
    loaded = "() => [...document.querySelectorAll('.job img')].every(image => image.complete)"
    wait_for("the pictures", lambda: page.evaluate(loaded))
    assert job.locator("img").evaluate_all(loaded)


def test_it_is_jammed_and_cleared_from_the_page(page: Page) -> None:
    page.get_by_text("Make it misbehave").click()
    page.get_by_role("button", name="Jam").click()
    expect(page.locator("#state")).to_have_text("Stopped")
    expect(page.locator("#troubles")).to_have_text("Paper jam")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#state")).to_have_text("Ready")
    page.locator("#jam-sheets").fill("7")
    page.get_by_role("button", name="Jam").click()
    expect(page.locator("#troubles")).to_have_text("Jams after 7 sheets")
    page.locator("#toner-left").fill("500")
    page.locator("fieldset", has_text="Toner").get_by_role("button").click()
    expect(page.locator("#answer")).to_have_text("number: expected 0 to 100 percent, not 500")
    page.get_by_role("button", name="Mend everything").click()
    expect(page.locator("#troubles li")).to_have_count(0)


def test_it_is_switched_off_and_on_from_the_page(page: Page) -> None:
    page.get_by_text("Make it misbehave").click()
    page.get_by_role("button", name="Off", exact=True).click()
    expect(page.locator("#state")).to_have_text("Switched off")
    page.get_by_role("button", name="On", exact=True).click()
    expect(page.locator("#state")).to_have_text("Ready")


def test_what_a_job_calls_itself_is_only_text(page: Page, shown_printer: VirtualPrinter, tmp_path: Path) -> None:
    document = write_pdf(tmp_path / "evil.pdf", "g")
    quoted = f"name job-name '{EVIL}'"
    print_job(shown_printer, document, user="'<b>eve</b>'", operation=[quoted])
    expect(page.locator(".job-name").first).to_have_text(EVIL)
    expect(page.locator(".job-facts").first).to_contain_text("<b>eve</b>")


@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, shown_printer: VirtualPrinter, tmp_path: Path, width: int
) -> None:
    long_name = "name job-name " + "x" * 200
    printed(shown_printer, write_pdf(tmp_path / "long.pdf", "g" * 9), operation=[long_name])
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(shown_printer.page)
    expect(page.locator(".job-name").first).to_have_text(re.compile("x{200}"))
    page.get_by_text("Make it misbehave").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_it_says_when_the_printer_is_gone(browser: Browser) -> None:
    with run_virtual_printer() as printer:
        page = browser.new_page()
        page.goto(printer.page)
        expect(page.locator("#state")).to_have_text("Ready")
        expect(page.locator("#away")).to_be_hidden()
    expect(page.locator("#away")).to_be_visible()
    page.close()

"""A release station before a person: a card reader that types, large targets, and nobody left signed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.axe import violations
from tests.server.pages.pleasant import job_row
from tests.server.pages.site import DESKTOP, PASSWORD, PHONE, Site
from tests.server.pages.test_every_page import FAULTS, LARGEST_PAGE, TOO_FAINT

CARD, OTHERS = "04A2B3C4D5", "05FFEEDDCC"
SMALLEST_TARGET_PX = 48
IDLE_S = 900


@pytest.fixture
def address(site: Site) -> str:
    """Of a station at the printer where sara's job waits; sara and tom have cards."""
    from everprint.server.people.cards import set_card
    from everprint.server.people.models import User
    from everprint.server.release.stations import make_station

    set_card(User.objects.get(name="sara.lind"), 1, CARD)
    set_card(User.objects.get(name="tom.okafor"), 1, OTHERS)
    printer = job_row(site.world.held).printer
    made = make_station([printer], name="Staff room", by_card=True, by_pin=True, by_password=True, idle_s=IDLE_S)
    return f"/release/{made.key}"


def swipe(page: Page, card: str) -> None:
    """A reader types all of it at once, wherever the focus is."""
    page.keyboard.type(card)
    page.keyboard.press("Enter")


def check(page: Page) -> None:
    """It is as sound as every other page, and its buttons can be hit with a finger."""
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(TOO_FAINT) == []
    assert len(page.content()) < LARGEST_PAGE
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= SMALLEST_TARGET_PX, button.inner_text()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_card_shows_what_waits_and_releases_it(site: Site, address: str, width: int) -> None:
    from everprint.server.providers.models import Order

    page = site.tab(width=width)
    # The page's clock stands still, so that a reader types fast on a busy machine, too.
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(address)
    check(page)
    page.locator("h1").click()  # the focus is nowhere
    swipe(page, CARD)
    job = page.get_by_role("listitem").filter(has_text="Exam paper physics.pdf")
    expect(job).to_be_visible()
    check(page)
    # Another card, with the focus on a button: nothing is released, and the next one is signed in.
    job.get_by_role("button", name="Release").focus()
    swipe(page, OTHERS)
    expect(page.get_by_text("No job waits for you here.")).to_be_visible()
    assert not Order.objects.filter(kind="release-job").exists()
    swipe(page, CARD)
    job.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Exam paper physics.pdf is released.")).to_be_visible()
    assert Order.objects.filter(kind="release-job").count() == 1
    # Nobody touches the screen: the next one finds it signed out.
    # The list, which asks by itself, may be told of the end of the session before the page has left it.
    with site.expecting("401"):
        page.clock.fast_forward((IDLE_S + 1) * 1000)
        expect(page.get_by_role("heading", name="Hold your card to the reader")).to_be_visible()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_it_has_no_violation(site: Site, address: str, width: int) -> None:
    """Apart from the test above: axe-core waits for timers, which never come where the page's clock stands still."""
    page = site.tab(width=width)
    page.goto(address)
    assert violations(page) == []
    page.get_by_label("User name").fill("sara.lind")
    page.get_by_label("PIN or password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("listitem").filter(has_text="Exam paper physics.pdf")).to_be_visible()
    assert violations(page) == []


def test_it_is_live_and_ends_when_the_server_ends_it(site: Site, address: str) -> None:
    from django.utils import timezone

    from everprint.server.release.models import StationSession

    page = site.tab()
    page.goto(address)
    page.get_by_label("User name").fill("sara.lind")
    page.get_by_label("PIN or password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    job = page.get_by_role("listitem").filter(has_text="Exam paper physics.pdf")
    expect(job).to_be_visible()
    row = job_row(site.world.held)
    row.name = "Exam paper chemistry.pdf"
    row.save()
    expect(page.get_by_role("listitem").filter(has_text="chemistry")).to_be_visible()
    with site.expecting("401"):
        StationSession.objects.update(used_at=timezone.now() - timedelta(hours=1))
        expect(page.get_by_role("heading", name=re.compile("Hold your card"))).to_be_visible()

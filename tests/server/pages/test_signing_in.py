"""Signing in and out, with a mouse, with keys only, and with what an attacker tries."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.server.pages.site import PASSWORD, Site, sign_in


@pytest.mark.parametrize(
    ("user", "first_page"), [("admin", "/dashboard"), ("oper", "/dashboard"), ("tom.okafor", "/me")]
)
def test_everybody_lands_on_their_first_page(site: Site, user: str, first_page: str) -> None:
    assert urlsplit(site.tab(user).url).path == first_page


def test_a_wrong_password_is_said_and_the_name_is_kept(site: Site) -> None:
    page = site.tab()
    page.goto("/sign-in")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page.get_by_label("User name")).to_have_value("admin")
    expect(page.get_by_label("Password")).to_have_value("")


def test_too_many_failures_ask_to_wait(site: Site) -> None:
    page = site.tab()
    for _ in range(6):
        page.goto("/sign-in")
        page.get_by_label("User name").fill("oper")
        page.get_by_label("Password").fill("guess")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Too many failed attempts")


def test_after_signing_in_one_is_where_one_wanted_to_go(site: Site) -> None:
    page = site.tab()
    page.goto("/jobs?state=held&sort=user")
    assert urlsplit(page.url).path == "/sign-in"
    page.get_by_label("User name").fill("oper")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/jobs?state=held&sort=user")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(site: Site, target: str) -> None:
    page = site.tab()
    page.goto("/sign-in?next=" + target)
    page.get_by_label("User name").fill("oper")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(site.address + "/dashboard")


def test_after_signing_out_the_way_back_is_closed(site: Site) -> None:
    page = site.tab("oper")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.wait_for_url("**/sign-in**")


def test_a_live_page_whose_session_ended_asks_to_sign_in(site: Site) -> None:
    page = site.tab("oper")
    with site.expecting("401"), site.expecting("Response Status Error Code 401"):
        page.context.clear_cookies()
        page.wait_for_url("**/sign-in?next=%2Fdashboard")


def test_one_can_sign_in_and_go_round_with_keys_only(site: Site) -> None:
    page = site.tab()
    page.goto("/sign-in")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("oper")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    page.goto("/dashboard")
    for _ in range(4):  # skip link, brand, dashboard, jobs
        page.keyboard.press("Tab")
    jobs = page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs")
    expect(jobs).to_be_focused()
    assert jobs.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs")


def test_the_pages_work_without_scripts(site: Site) -> None:
    page = site.tab(scripts=False)
    sign_in(page, "oper")
    page.goto("/jobs")
    page.get_by_label("Search document, user or number").fill("Exam")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Exam paper physics.pdf")).to_be_visible()
    assert page.locator("tbody tr").count() == 1

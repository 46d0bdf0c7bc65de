"""Signing in with a real OpenID provider, in a real browser, which shows no Strict cookie to who comes from there."""

from __future__ import annotations

import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rig.ports import free_port
from rig.process import Process
from tests.server.pages.site import Site


@pytest.fixture
def school(tmp_path: Path) -> Iterator[str]:
    """An OpenID provider in a process of its own; its issuer. By name: another site than 127.0.0.1 is."""
    port = free_port()
    issuer = f"http://localhost:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5):
                return True
        except OSError:
            return False

    claims = '{"sub": "s-17", "preferred_username": "tom.okafor", "name": "Tom"}'
    argv = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    with Process([*argv, "--user-claims", claims], log=tmp_path / "openid.log", ready=answers):
        yield issuer


def test_somebody_signs_in_with_a_real_provider_and_out_again(site: Site, school: str) -> None:
    from everprint.server.oidc.setting import add_provider

    add_provider(
        {"slug": "school", "title": "School", "issuer": school, "client_id": "everprint", "client_secret": "s"}
    )
    page = site.tab()
    page.route(
        re.compile("^https:"), lambda route: route.fulfill(content_type="text/css", body="")
    )  # the provider's looks
    page.goto("/sign-in?next=/me/jobs")
    page.get_by_role("link", name="Sign in with School").click()
    page.get_by_role("button", name="s-17").click()
    page.wait_for_url(site.address + "/me/jobs")
    expect(page.get_by_role("link", name="Tom Okafor")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out at School").click()
    page.wait_for_url(re.compile(re.escape(school) + "/.*end_session"))
    page.goto("/me")
    page.wait_for_url("**/sign-in?next=**")

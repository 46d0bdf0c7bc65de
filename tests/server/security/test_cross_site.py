"""Nobody makes a signed-in administrator's browser do things: token, SameSite and Origin on every unsafe method."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest
from django.test import Client

from tests.server.routes import all_routes
from tests.server.serving import serve_here

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"


def administrator() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    create_user("root", role=Role.ADMINISTRATOR, password=PASSWORD)


@pytest.fixture
def client() -> Client:
    """A browser in which an administrator is signed in."""
    from everprint.server.people.models import User

    administrator()
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.force_login(User.objects.get(name="root"), "everprint.server.people.backend.UserBackend")
    return client


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_unsafe_request_without_the_token_is_refused(client: Client, method: str) -> None:
    for route in all_routes():
        if getattr(route.view, "csrf_exempt", False):
            continue  # the next test knows which
        answer = client.generic(method, route.address)
        assert answer.status_code == HTTPStatus.FORBIDDEN, f"{method} {route.address}"


def test_no_view_is_exempt_but_one_where_no_session_counts() -> None:
    # No session counts there: a payment gateway signs what it says.
    exempt = [route.pattern for route in all_routes() if getattr(route.view, "csrf_exempt", False)]
    assert exempt == ["payments/notice"]


def sign_in(url: str, **headers: str) -> tuple[httpx.Client, httpx.Response]:
    browser = httpx.Client(base_url=url)
    browser.get("/sign-in")
    page = browser.get("/sign-in").text
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token, "user_name": "root", "password": PASSWORD}
    return browser, browser.post("/sign-in", data=form, headers=headers)


def test_a_form_is_taken_from_our_own_pages_only_even_with_the_right_token() -> None:
    administrator()
    with serve_here() as url:
        assert sign_in(url, Origin=url)[1].status_code == HTTPStatus.FOUND
        for origin in ("https://evil.example", "null", url.replace("127.0.0.1", "localhost"), f"{url}0"):
            assert sign_in(url, Origin=origin)[1].status_code == HTTPStatus.FORBIDDEN, origin


def test_the_cookies_go_to_us_only_and_to_no_script() -> None:
    administrator()
    with serve_here() as url:
        _, answer = sign_in(url)
        for cookie in answer.headers.get_list("Set-Cookie"):
            assert "SameSite=Strict" in cookie
            assert "HttpOnly" in cookie


def test_a_session_is_worth_nothing_at_the_contract() -> None:
    from everprint.server.providers.contract.routes import ROUTES

    administrator()
    with serve_here() as url:
        browser, answer = sign_in(url)
        assert answer.status_code == HTTPStatus.FOUND
        assert browser.get("/dashboard").status_code == HTTPStatus.OK, "the session is good for pages"
        for route in ROUTES.values():
            if not route.public:
                answer = browser.request(route.method, route.path, headers={"Everprint-Contract": "1"}, content=b"{}")
                assert answer.status_code == HTTPStatus.UNAUTHORIZED, route.path
                assert "Set-Cookie" not in answer.headers

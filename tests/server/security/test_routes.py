"""Default-deny: every route says who may use it, and only the routes listed here are for everybody.

A new public route fails these tests until it is added here, with a reason that a reviewer believes.
"""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from tests.server.routes import Route, all_routes, routes

pytestmark = pytest.mark.usefixtures("database")

# Route -> why everybody may use it.
PUBLIC = {
    "health/live": "a watchdog has no account",
    "metrics": "a scraper has no account",
    "health/ready": "a load balancer has no account",
    "sign-in": "it comes before being known",
    "sign-in/code": "the second half of signing in",
    "sign-in/with/<slug:slug>": "it comes before being known",
    "sign-in/with/<slug:slug>/back": "the provider sends people back here who are not known yet",
    "sign-out": "signing out twice is no harm",
    "/contract/authority": "every handshake shows it, and only its fingerprint makes anybody believe it",
    "payments/notice": "a payment gateway has no account; it signs what it says",
    **dict.fromkeys(
        (
            "release/<slug:key>",
            "release/<slug:key>/sign-in",
            "release/<slug:key>/sign-out",
            "release/<slug:key>/all",
            "release/<slug:key>/jobs/<int:number>",
            "release/<slug:key>/jobs/<int:number>/account",
            "release/<slug:key>/jobs/<int:number>/<slug:verb>",
        ),
        "a release station has no account; its address is a secret, and it asks who wants to release",
    ),
    "/contract/enrol": "it takes a one-time code, and gives the credential that the others need",
}


def public_routes(found: list[Route]) -> set[str]:
    from everprint.server.access.declare import declared_access

    return {
        route.pattern for route in found if (access := declared_access(route.view)) is not None and access.is_public
    }


def undeclared_routes(found: list[Route]) -> set[str]:
    from everprint.server.access.declare import declared_access

    return {route.pattern for route in found if declared_access(route.view) is None}


def test_every_view_declares_who_may_call_it() -> None:
    assert undeclared_routes(all_routes()) == set()


def test_only_the_listed_routes_are_public() -> None:
    from everprint.server.providers.contract.routes import ROUTES

    contract = {route.path for route in ROUTES.values() if route.public}
    assert public_routes(all_routes()) | contract == set(PUBLIC)


def test_the_walk_sees_a_new_public_route_and_a_forgotten_declaration() -> None:
    from everprint.server.access.declare import public

    @public("somebody thought so")
    def open_door(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    found = list(routes([path("open", open_door), path("forgotten/<int:number>", forgotten)]))
    assert public_routes(found) == {"open"}
    assert undeclared_routes(found) == {"forgotten/<int:number>"}


def test_a_view_that_declares_nothing_is_refused_to_everybody() -> None:
    from everprint.server.access.guard import AccessMiddleware

    def forgotten(request: HttpRequest) -> HttpResponse:
        raise AssertionError("it was called")

    answer = AccessMiddleware(forgotten).process_view(RequestFactory().get("/"), forgotten, (), {})
    assert answer is not None
    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_whoever_is_not_signed_in_reaches_no_other_view(method: str) -> None:
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT="text/html")
    for route in all_routes():
        if route.pattern in PUBLIC:
            continue
        answer = client.generic(method, route.address)
        to_sign_in = answer.status_code == HTTPStatus.FOUND and answer["Location"].startswith("/sign-in?next=")
        assert to_sign_in or answer.status_code == HTTPStatus.UNAUTHORIZED, f"{method} {route.address}"


@pytest.mark.parametrize("role", ["user", "operator", "administrator"])
def test_nobody_reaches_a_view_without_its_permission(role: str) -> None:
    from everprint.server.access.declare import declared_access
    from everprint.server.access.permissions import Role, permissions_of
    from everprint.server.people.users import create_user

    user = create_user("someone", role=Role(role), password="correct horse")
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    refused = 0
    for route in all_routes():
        client.force_login(user, "everprint.server.people.backend.UserBackend")
        access = declared_access(route.view)
        assert access is not None
        may = access.permission is None or access.permission in permissions_of(role)
        answer = client.get(route.address)
        if not may:
            refused += 1
            assert answer.status_code == HTTPStatus.FORBIDDEN, route.address
        else:
            assert answer.status_code != HTTPStatus.FORBIDDEN, route.address
    assert (refused == 0) == (role == "administrator")


def test_an_operator_who_is_disabled_is_nobody() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import change_active, create_user

    user = create_user("oscar", role=Role.OPERATOR, password="correct horse")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, "everprint.server.people.backend.UserBackend")
    assert client.get("/jobs").status_code == HTTPStatus.OK
    change_active(user, False)
    assert client.get("/jobs").status_code == HTTPStatus.UNAUTHORIZED


def test_there_is_no_way_to_set_the_server_up_over_the_network() -> None:
    client = Client(SERVER_NAME="localhost")
    for guess in ("/setup", "/set-up", "/install", "/init", "/admin", "/app?service=page/SetupCompleted"):
        assert client.get(guess).status_code == HTTPStatus.NOT_FOUND, guess

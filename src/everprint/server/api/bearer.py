"""Who calls the API: a program with a token, or somebody's browser session.

A request with an Authorization header is that token's and nobody else's: its cookies count for nothing, and it needs
no CSRF token, as no other site can make a browser send that header. A request without one is the session's, and
Django's CSRF check applies to it as to a page. Tokens are worth nothing at pages.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from everprint.server.access.declare import is_of_api
from everprint.server.api.refusal import answer
from everprint.server.api.tokens import BadToken, user_of_token
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import User


class BearerMiddleware(MiddlewareMixin):
    """Stands before the CSRF check; decides only who asks, not what they may (access.guard)."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> HttpResponse | None:
        if not is_of_api(view):
            return None
        header = request.headers.get("Authorization")
        if header is None:
            return None if isinstance(request.user, User) else _unknown("Send a token, or sign in.")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return _unknown("Send the token as 'Authorization: Bearer TOKEN'.")
        try:
            request.user = user_of_token(token.strip(), request.META.get("REMOTE_ADDR", ""))
        except BadToken:
            return _unknown("This token is not known here, or no longer.")
        except TooManyAttempts as error:
            text = f"Too many requests with a wrong token: wait {error.wait_s} seconds."
            response = answer(HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts", text)
            response["Retry-After"] = str(error.wait_s)
            return response
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined] # Django's own way to say it
        return None


def _unknown(detail: str) -> HttpResponse:
    response = answer(HTTPStatus.UNAUTHORIZED, "not-signed-in", detail)
    response["WWW-Authenticate"] = "Bearer"
    return response

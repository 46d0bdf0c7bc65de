"""Coming in: what happens when somebody has shown who they are, by whichever way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from django.contrib import auth
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from everprint.server.people.models import User
from everprint.server.people.second_factor import has_second_factor

BACKEND = "everprint.server.people.backend.UserBackend"
CODE_WITHIN_S = 300
PENDING = "second-factor"
SIGNED_IN_WITH = "signed-in-with"  # in a session: the OpenID provider


def go_in(request: HttpRequest, user: User, following: str, kept: Mapping[str, str] | None = None) -> str:
    """Where the person goes now: to where they wanted, signed in; or to their code first. `kept` is the session's."""
    target = own_page(request, following)
    if has_second_factor(user):
        until = time.time() + CODE_WITHIN_S
        request.session[PENDING] = {"user": user.pk, "until": until, "kept": dict(kept or {})}
        return f"{reverse('pages:sign-in-code')}?{urlencode({'next': target})}"
    signed_in(request, user, kept)
    return target


def signed_in(request: HttpRequest, user: User, kept: Mapping[str, str] | None = None) -> None:
    """From now on the session is that user's."""
    auth.login(request, user, BACKEND)
    for name, value in (kept or {}).items():
        request.session[name] = value


def own_page(request: HttpRequest, target: str) -> str:
    """Only a page of ours: a link to the sign-in page cannot lead elsewhere."""
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed and target.startswith("/") else "/"


def address(request: HttpRequest) -> str:
    """From where somebody asks."""
    return cast(str, request.META.get("REMOTE_ADDR", ""))

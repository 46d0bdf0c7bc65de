"""Refuses every view that the person may not call, and every view that does not say who may.

Runs after routing (process_view), on the view function that was found: no matching of paths, so no way round it by
another spelling of a path.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode

from everprint.server.access.declare import declared_access
from everprint.server.people.models import User

log = logging.getLogger(__name__)

SIGN_IN = "/sign-in"


class AccessMiddleware(MiddlewareMixin):
    """Default-deny."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> HttpResponse | None:
        access = declared_access(view, request.method or "GET")
        if access is None:
            log.error("view without declared access refused path=%s view=%r", request.path, view)
            return HttpResponseForbidden("This page does not declare who may see it, so nobody may.")
        if access.permission is None:
            return None
        user = request.user
        if not isinstance(user, User):
            return _sign_in_first(request)
        if not user.may(access.permission):
            log.warning("refused path=%s user=%s needs=%s", request.path, user.name, access.permission)
            raise PermissionDenied(f"needs the permission {access.permission}")
        return None


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page for somebody who browses; 401 for a script."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return redirect(f"{SIGN_IN}?{urlencode({'next': request.get_full_path()})}")
    return HttpResponse("Sign in first.", status=HTTPStatus.UNAUTHORIZED, content_type="text/plain")

"""Says who acts while a request is answered, and notes what was done without a note of its own.

Functions note their acts themselves, with what was before and after. An endpoint whose functions do not is still
never silent: the request itself is noted, with what was sent, but for what may be secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from everprint.server.access.declare import declared_access, is_of_api
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.acting import Acting, Origin, acting_now, begin
from everprint.server.audit_log.note import note
from everprint.server.people.models import User

_READING = ("GET", "HEAD", "OPTIONS")
# What people do to their own things; and what a program tells every few seconds, which is no act upon anything.
_NOTED_BY_ITSELF = (None, Permission.USE_OWN, Permission.REPORT_CLUSTERS)
# Parts of the names of fields that are kept nowhere. Tables to be imported may have card numbers and PINs in them.
_SECRET = (
    "password",
    "again",
    "old",
    "pin",
    "card",
    "secret",
    "token",
    "code",
    "key",
    "seen",
    "csrf",
    "csv",
    "table",
)


class AuditMiddleware(MiddlewareMixin):
    """Stands after access.guard: whoever comes here may do what they ask for."""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> HttpResponse | None:
        user = request.user
        if isinstance(user, User) and request.method not in _READING:
            origin = Origin.API if is_of_api(view) else Origin.PAGE
            begin(Acting(user, user.name, origin, request.META.get("REMOTE_ADDR", ""), user.token_name))
            access = declared_access(view, request.method or "")
            request.is_own_act = access is None or access.permission in _NOTED_BY_ITSELF  # type: ignore[attr-defined]
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        acting = acting_now()
        if acting is not None and not acting.noted and not getattr(request, "is_own_act", True):
            # A page that did what it was asked leads elsewhere; a form with errors is shown again.
            is_done = response.status_code == HTTPStatus.FOUND
            if acting.origin is Origin.API:
                is_done = response.status_code < HTTPStatus.MULTIPLE_CHOICES
            if is_done:
                note(f"request.{(request.method or '').lower()}", "request", None, _sent(request), name=request.path)
        begin(None)
        return response


def _sent(request: HttpRequest) -> Mapping[str, object]:
    """What the request carried, without what may be secret."""
    sent: object = {name: request.POST.getlist(name) for name in request.POST}
    if request.content_type == "application/json":
        try:
            sent = json.loads(request.body or b"{}")
        except ValueError:
            sent = {}
    if not isinstance(sent, Mapping):
        return {}
    return {name: value for name, value in sent.items() if not any(part in name.lower() for part in _SECRET)}

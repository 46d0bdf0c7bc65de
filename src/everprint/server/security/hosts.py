"""Refuses requests for a host name that is not ours, before any view: DNS rebinding and poisoned links end here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


def is_for_monitors(path: str) -> bool:
    """Monitors ask by address, and in the clear: what they get holds no secret."""
    return path.startswith("/health/") or path == "/metrics"


@sync_and_async_middleware
def known_host(get_response: Callable[[HttpRequest], Answer]) -> Callable[[HttpRequest], Answer]:
    """Asks for the host of every request: Django refuses an unknown one with status 400."""

    def check(request: HttpRequest) -> Answer:
        if not is_for_monitors(request.path_info):
            request.get_host()
        return get_response(request)

    return markcoroutinefunction(check) if iscoroutinefunction(get_response) else check

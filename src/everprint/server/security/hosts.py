"""Refuses requests for a host name that is not ours, before any view: DNS rebinding and poisoned links end here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

Answer = HttpResponseBase | Awaitable[HttpResponseBase]

# Monitors ask by address; what they get holds no secret.
EXEMPT = ("/health/",)


@sync_and_async_middleware
def known_host(get_response: Callable[[HttpRequest], Answer]) -> Callable[[HttpRequest], Answer]:
    """Asks for the host of every request: Django refuses an unknown one with status 400."""

    def check(request: HttpRequest) -> Answer:
        if not request.path_info.startswith(EXEMPT):
            request.get_host()
        return get_response(request)

    return markcoroutinefunction(check) if iscoroutinefunction(get_response) else check

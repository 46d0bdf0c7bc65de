"""Which path calls which view. Each view declares who may call it (access.declare), none is declared here.

The contract's paths are not here: they are served beside Django (providers.contract.routes).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern

from everprint.server.health.urls import urlpatterns as health
from everprint.server.metrics.views import metrics


def _later(route: str, module: str, name: str) -> URLResolver:
    """A part that is imported when it is asked for first: health is answered, and jobs are taken, before."""
    return URLResolver(RoutePattern(route, is_endpoint=False), module, app_name=name, namespace=name)


_PARTS = [_later("api/v1/", "everprint.server.api.urls", "api"), _later("", "everprint.server.pages.urls", "pages")]

urlpatterns: list[URLPattern | URLResolver] = [*health, path("metrics", metrics, name="metrics"), *_PARTS]


def load_parts() -> None:
    """Imports what is imported later, so that nobody has to wait for it."""
    for part in _PARTS:
        assert part.url_patterns


handler400 = "everprint.server.pages.views.problems.bad_request"
handler403 = "everprint.server.pages.views.problems.forbidden"
handler404 = "everprint.server.pages.views.problems.not_found"
handler500 = "everprint.server.pages.views.problems.server_error"

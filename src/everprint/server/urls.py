"""Which path calls which view. Each view declares who may call it (access.declare), none is declared here.

The contract's paths are not here: they are served beside Django (providers.contract.routes).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from django.urls import URLPattern, URLResolver, path
from django.urls.resolvers import RoutePattern
from django.utils.functional import cached_property

from everprint.collection import collect_from_now_on, collection_put_off
from everprint.server.health.urls import urlpatterns as health
from everprint.server.metrics.views import metrics


class _Later(URLResolver):
    """A part that is imported when it is asked for first: health is answered, and jobs are taken, before."""

    @cached_property
    def urlconf_module(self) -> ModuleType:
        """The part. Its import stays, so it is not looked through for garbage: a fifth of what it takes."""
        with collection_put_off():
            module: ModuleType = import_module(str(self.urlconf_name))
        collect_from_now_on()
        return module


def _later(route: str, module: str, name: str) -> URLResolver:
    return _Later(RoutePattern(route, is_endpoint=False), module, app_name=name, namespace=name)


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

"""Which path calls which view. Each view declares who may call it (access.declare), none is declared here.

The contract's paths are not here: they are served beside Django (providers.contract.routes).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from everprint.server.api.v1 import url_patterns as api_v1
from everprint.server.health.urls import urlpatterns as health

urlpatterns: list[URLPattern | URLResolver] = [
    *health,
    path("api/v1/", include((api_v1(), "api"))),
    path("", include("everprint.server.pages.urls")),
]

handler400 = "everprint.server.pages.views.problems.bad_request"
handler403 = "everprint.server.pages.views.problems.forbidden"
handler404 = "everprint.server.pages.views.problems.not_found"
handler500 = "everprint.server.pages.views.problems.server_error"

"""Which path calls which view. Each view declares who may call it (access.declare), none is declared here.

The contract's paths are not here: they are served beside Django (providers.contract.routes).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from everprint.server.health.urls import urlpatterns as health

urlpatterns: list[URLPattern | URLResolver] = [*health]

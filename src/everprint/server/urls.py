"""Which path calls which view. Each view declares who may call it (access.declare), none is declared here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []

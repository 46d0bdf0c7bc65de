"""Registers the app with Django."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """everprint.server.providers"""

    name = "everprint.server.providers"
    label = "providers"

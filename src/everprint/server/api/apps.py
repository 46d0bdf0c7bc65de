"""Registers the app with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """everprint.server.api"""

    name = "everprint.server.api"
    label = "api"

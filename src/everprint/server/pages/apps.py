"""Registers the app with Django."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """everprint.server.pages"""

    name = "everprint.server.pages"
    label = "pages"

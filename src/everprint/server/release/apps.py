"""Registers the app with Django."""

from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    """everprint.server.release"""

    name = "everprint.server.release"
    label = "release"

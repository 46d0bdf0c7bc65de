"""Registers the app with Django."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    """everprint.server.installation"""

    name = "everprint.server.installation"
    label = "installation"

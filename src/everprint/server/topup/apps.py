"""Registers the app with Django."""

from django.apps import AppConfig


class TopUpConfig(AppConfig):
    """everprint.server.topup"""

    name = "everprint.server.topup"
    label = "topup"

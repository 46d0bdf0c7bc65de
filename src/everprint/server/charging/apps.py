"""Registers the app with Django."""

from django.apps import AppConfig


class ChargingConfig(AppConfig):
    """everprint.server.charging"""

    name = "everprint.server.charging"
    label = "charging"

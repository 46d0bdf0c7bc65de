"""Registers the app with Django."""

from django.apps import AppConfig


class PrintersConfig(AppConfig):
    """everprint.server.printers"""

    name = "everprint.server.printers"
    label = "printers"

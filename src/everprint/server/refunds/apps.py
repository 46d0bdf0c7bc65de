"""Registers the app with Django."""

from django.apps import AppConfig


class RefundsConfig(AppConfig):
    """everprint.server.refunds"""

    name = "everprint.server.refunds"
    label = "refunds"

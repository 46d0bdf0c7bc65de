"""Registers the app with Django."""

from django.apps import AppConfig


class QuotasConfig(AppConfig):
    """everprint.server.quotas"""

    name = "everprint.server.quotas"
    label = "quotas"

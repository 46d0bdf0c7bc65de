"""Registers the app with Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """everprint.server.rules"""

    name = "everprint.server.rules"
    label = "rules"

"""Registers the app with Django."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """everprint.server.notifications"""

    name = "everprint.server.notifications"
    label = "notifications"

"""Registers the app with Django."""

from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    """everprint.server.schedule"""

    name = "everprint.server.schedule"
    label = "schedule"

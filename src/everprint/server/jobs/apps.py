"""Registers the app with Django."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """everprint.server.jobs"""

    name = "everprint.server.jobs"
    label = "jobs"

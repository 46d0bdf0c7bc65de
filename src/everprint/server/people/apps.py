"""Registers the app with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """everprint.server.people"""

    name = "everprint.server.people"
    label = "people"

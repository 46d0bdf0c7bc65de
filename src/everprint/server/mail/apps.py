"""Registers the app with Django."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """everprint.server.mail"""

    name = "everprint.server.mail"
    label = "mail"

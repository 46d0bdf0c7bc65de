"""Registers the app with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """everprint.server.accounts"""

    name = "everprint.server.accounts"
    label = "accounts"

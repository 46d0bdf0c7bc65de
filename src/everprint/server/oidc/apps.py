"""Registers the app with Django."""

from django.apps import AppConfig


class OidcConfig(AppConfig):
    """everprint.server.oidc"""

    name = "everprint.server.oidc"
    label = "oidc"

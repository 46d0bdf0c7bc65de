"""Registers the app with Django."""

from django.apps import AppConfig


class ClustersConfig(AppConfig):
    """everprint.server.clusters"""

    name = "everprint.server.clusters"
    label = "clusters"

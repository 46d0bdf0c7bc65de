"""Registers the app with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ReportsConfig(AppConfig):
    """everprint.server.reports"""

    name = "everprint.server.reports"
    label = "reports"

    def ready(self) -> None:
        """The triggers are put up after each migration of any app."""
        post_migrate.connect(_after_migration, sender=self)


def _after_migration(using: str, **_: object) -> None:
    from everprint.server.reports.triggers import put_up_triggers

    put_up_triggers(connections[using])

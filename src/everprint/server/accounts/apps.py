"""Registers the app with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class AccountsConfig(AppConfig):
    """everprint.server.accounts"""

    name = "everprint.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """The view of all entries is put up after each migration of any app."""
        pre_migrate.connect(_before_migration, sender=self)
        post_migrate.connect(_after_migration, sender=self)


def _before_migration(using: str, **_: object) -> None:
    from everprint.server.accounts.every_entry import take_down_view

    take_down_view(connections[using])


def _after_migration(using: str, **_: object) -> None:
    from everprint.server.accounts.every_entry import put_up_view

    put_up_view(connections[using])

"""What is of the installation as a whole: settings that somebody changed, and how far its database is migrated.

A setting's row is read and written by installation.settings, which knows their types; the others by migrating.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class StoredSetting(models.Model):
    """A setting's value as JSON; a setting without a row has its default."""

    key = models.CharField(max_length=100, primary_key=True)
    value = models.TextField()
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class DatabaseVersion(models.Model):
    """Which servers may serve on this database (migrating.compatibility). There is one row."""

    oldest_server = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"servers from version {self.oldest_server} on"

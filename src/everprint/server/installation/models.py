"""One row a setting that somebody changed. Read and written by installation.settings, which knows their types."""

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

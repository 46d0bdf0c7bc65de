"""The audit log's one table. note.py alone writes it; the database's own triggers keep what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    JSONObject = models.JSONField[dict[str, Any], dict[str, Any]]
else:
    JSONObject = models.JSONField


class AuditEntry(models.Model):
    """One act. Names are kept as they were then; `before` and `after` are what it changed, without secrets."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=128)
    origin = models.CharField(max_length=10)  # an acting.Origin
    token = models.CharField(max_length=100, blank=True)  # the name of the API token
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)  # user.change, printer.remove, ...
    target_kind = models.CharField(max_length=30)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    before = JSONObject(default=dict)
    after = JSONObject(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("target_kind", "target_id"), name="audit_of_target"),
            models.Index(fields=("actor_name", "-id"), name="audit_of_actor"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.target_name}"

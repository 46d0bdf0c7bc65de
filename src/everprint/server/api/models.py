"""API tokens: what a program signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    StringList = models.JSONField[list[str], list[str]]
else:
    StringList = models.JSONField


class ApiToken(models.Model):
    """A token acts for its owner with a part of the owner's permissions. Made by tokens.make_token."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=16, unique=True)  # the part before the point; no secret
    secret_hash = models.BinaryField()  # SHA-256 of 256 random bits
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    permissions = StringList()
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # None: when it is revoked
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # within a minute
    last_address = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "name"),
                condition=models.Q(revoked_at=None),
                name="one_live_token_of_a_name",
            ),
        )

    def __str__(self) -> str:
        return self.name

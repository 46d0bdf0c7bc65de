"""Which users and groups are the directory's, and its syncs. Written by this app only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from everprint.server.people.models import Group, User

if TYPE_CHECKING:
    JSONList = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]
else:
    JSONList = models.JSONField


class DirectoryEntry(models.Model):
    """A user whom the directory has, or had; `key` is what it knows them by for ever, whatever they are called."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="directory_entry")
    key = models.CharField(max_length=255, unique=True)
    left_at = models.DateTimeField(null=True)  # since when the directory has them no more; then they are disabled

    def __str__(self) -> str:
        return self.key


class DirectoryGroup(models.Model):
    """A group whose members, as far as they are the directory's, are those that the directory says."""

    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="directory_group")

    def __str__(self) -> str:
        return str(self.group_id)


class DirectoryRun(models.Model):
    """A sync that somebody asked for or that was due: waiting, under way, or over."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=128, blank=True)  # empty: it was due
    dry_run = models.BooleanField(default=False)
    let_go = models.BooleanField(default=False)  # though more are gone than directory_most_gone_percent
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)  # why nothing was changed
    read = models.IntegerField(default=0)  # people in the directory
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    changes = JSONList(default=list)  # the first of them
    problems = JSONList(default=list)  # of single people; the first of them

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"sync {self.pk}"

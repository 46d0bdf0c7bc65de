"""Who may release whose held jobs, who operates which printers, the stations where jobs are released, and who is
signed in there.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from everprint.server.people.models import Group
from everprint.server.printers.models import Printer


class Delegate(models.Model):
    """Somebody, or whoever is in a group, who may release the jobs of `owner`. Changed through release.delegates."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegates")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("owner", "user"), name="a_delegate_once"),
            models.UniqueConstraint(fields=("owner", "group"), name="a_delegate_group_once"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, group__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False),
                name="delegate_is_one",
            ),
        )

    def __str__(self) -> str:
        return f"delegate {self.pk} of {self.owner_id}"


class PrinterGroup(models.Model):
    """One printer or several, and who operates them. Changed through release.printer_groups."""

    name = models.CharField(max_length=100, unique=True)
    printers = models.ManyToManyField(Printer, related_name="printer_groups", blank=True)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="operated_groups", blank=True)
    groups = models.ManyToManyField(Group, related_name="operated_groups", blank=True)  # whoever is in one

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Station(models.Model):
    """A release station: a page for a screen beside printers. Changed through release.stations."""

    name = models.CharField(max_length=100, unique=True)
    key_digest = models.CharField(max_length=64, unique=True)  # of the secret in its address
    printers = models.ManyToManyField(Printer, related_name="+", blank=True)
    by_card = models.BooleanField(default=True)
    by_pin = models.BooleanField(default=True)
    by_password = models.BooleanField(default=True)
    idle_s = models.PositiveSmallIntegerField(default=60)  # then whoever signed in is signed out

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class StationSession(models.Model):
    """Somebody who signed in at a station: good for releasing there, and for nothing else (release.sessions)."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="sessions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)  # of what the browser keeps
    used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.station_id}"

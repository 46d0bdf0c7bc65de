"""Which server does a piece of scheduled work now, and when it was last done."""

from __future__ import annotations

from django.db import models


class ScheduledWork(models.Model):
    """One kind of work. Written by schedule.lease only."""

    name = models.CharField(max_length=100, primary_key=True)
    holder = models.CharField(max_length=200, blank=True)  # whose lease it is, or was last
    leased_until = models.DateTimeField(null=True)  # None: nobody's
    done_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)  # of the last time: what was done, or why it failed

    def __str__(self) -> str:
        return self.name

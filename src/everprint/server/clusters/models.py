"""What a cluster last told of itself. One row a cluster; written by reports.take_report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Document = models.JSONField[dict[str, Any], dict[str, Any]]
else:
    Document = models.JSONField


class Cluster(models.Model):
    """A cluster of VMs."""

    name = models.CharField(max_length=63, unique=True)
    told_at = models.DateTimeField()  # when it came here, by this server's clock: hosts' clocks may be wrong
    told_by = models.CharField(max_length=128)  # whose token it came with
    document = Document()  # reports.ClusterReport

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

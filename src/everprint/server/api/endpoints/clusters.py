"""VM clusters: what they tell of themselves, and how old that is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from pydantic import BaseModel, Field, StringConstraints

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.clusters.document import ClusterDocument
from everprint.server.clusters.models import Cluster
from everprint.server.clusters.reports import Seen, clusters, forget_cluster, seen, take_report
from everprint.server.pages.person import person

area = Area("Clusters")

# As the topology file allows it.
ClusterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class ClusterRecord(BaseModel):
    """A cluster as it last told of itself."""

    name: str
    told_at: datetime = Field(description="When that came here")
    told_by: str = Field(description="Whose token it came with")
    age_s: int = Field(description="Seconds since then")
    is_stale: bool = Field(description="It has not told for so long that it may be otherwise now")
    document: ClusterDocument


@area.get("", list[ClusterRecord], needs=Permission.VIEW_CLUSTERS)
def list_clusters(request: HttpRequest) -> list[ClusterRecord]:
    """List the clusters, each as it last told of itself."""
    return [_record(one) for one in clusters(timezone.now())]


@area.get("/{slug:name}", ClusterRecord, needs=Permission.VIEW_CLUSTERS)
def get_cluster(request: HttpRequest, name: ClusterName) -> ClusterRecord:
    """Get a cluster as it last told of itself."""
    return _record(seen(get_object_or_404(Cluster, name=name), timezone.now()))


@area.put("/{slug:name}", ClusterRecord, needs=Permission.REPORT_CLUSTERS)
def report_cluster(request: HttpRequest, name: ClusterName, told: ClusterDocument) -> ClusterRecord:
    """Tell how a cluster stands, in the place of what was told before; `everprint cluster report` does."""
    return _record(take_report(name, told, person(request)))


@area.delete("/{slug:name}", needs=Permission.MANAGE_SETTINGS)
def remove_cluster(request: HttpRequest, name: ClusterName) -> None:
    """Forget a cluster; it is back if it tells again."""
    forget_cluster(get_object_or_404(Cluster, name=name))


def _record(one: Seen) -> ClusterRecord:
    return ClusterRecord(
        name=one.name,
        told_at=one.told_at,
        told_by=one.told_by,
        age_s=int(one.age.total_seconds()),
        is_stale=one.is_stale,
        document=one.document,
    )

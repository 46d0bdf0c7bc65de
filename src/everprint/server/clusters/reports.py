"""Takes what clusters tell, and says how old it is.

The last report counts, whatever its own clock says: one cluster is reported by one program, and reports that overtake
each other are seconds apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from everprint.server.audit_log.note import note
from everprint.server.clusters.document import ClusterDocument, as_kept, read_kept
from everprint.server.clusters.models import Cluster
from everprint.server.database import transact
from everprint.server.people.models import User

MOST_CLUSTERS = 100
_SOONEST_STALE = timedelta(seconds=30)
_MISSED = 3


class TooManyClusters(Exception):
    """So many clusters have told of themselves that no further one is taken. Says what to do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A cluster, and how old what is known of it is."""

    name: str
    told_at: datetime
    told_by: str
    document: ClusterDocument
    age: timedelta

    @property
    def is_stale(self) -> bool:
        """It has not told for so long that what is known may not be so any more."""
        return self.age > max(_SOONEST_STALE, timedelta(seconds=_MISSED * self.document.every_s))


def take_report(name: str, document: ClusterDocument, by: User) -> Seen:
    """Keeps it in the place of what the cluster told before. Raises TooManyClusters."""

    def work() -> Cluster:
        found, is_new = Cluster.objects.update_or_create(
            name=name,
            defaults={"document": as_kept(document), "told_at": timezone.now(), "told_by": by.name},
        )
        if is_new:
            if Cluster.objects.count() > MOST_CLUSTERS:
                raise TooManyClusters(f"{MOST_CLUSTERS} clusters are known here; let one be forgotten first")
            note("cluster.add", found, None, {"name": name})
        return found

    return _seen(transact(work), timezone.now())


def clusters(now: datetime) -> list[Seen]:
    """All that are known, by name."""
    return [_seen(cluster, now) for cluster in Cluster.objects.all()]


def forget_cluster(cluster: Cluster) -> None:
    """Forgets what it told. If it still tells, it is back with its next report."""

    def work() -> None:
        note("cluster.remove", cluster, {"name": cluster.name}, None)
        cluster.delete()

    transact(work)


def seen(cluster: Cluster, now: datetime) -> Seen:
    """One of them."""
    return _seen(cluster, now)


def _seen(cluster: Cluster, now: datetime) -> Seen:
    age = max(now - cluster.told_at, timedelta(0))
    return Seen(cluster.name, cluster.told_at, cluster.told_by, read_kept(cluster.document), age)

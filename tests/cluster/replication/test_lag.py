"""How old a replica is, by whose clock, and from when on that is an alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from everprint.cluster.backup.point import moment_of
from everprint.cluster.replication.errors import OtherSiteFull, ReplicationError, TransferBroken, WrongDigest
from everprint.cluster.replication.lag import Clock, Lag, as_metrics, findings, lag_of
from everprint.cluster.replication.layer import state_of
from everprint.cluster.replication.other_site import shelf_of
from everprint.cluster.topology.reader import read_topology
from everprint.cluster.topology.replication import ReplicationSettings

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp()


def settings() -> ReplicationSettings:
    found = read_topology(Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml").replication
    assert found is not None
    return found


def lag(
    *names: str,
    now: float = NOON,
    there: float = NOON,
    ahead: float | None = 0.0,
    unsure: float = 0.0,
    serving: str = "",
) -> Lag:
    points = [
        {
            "point": name,
            "moment": moment_of(name).timestamp(),
            "kind": "full",
            "consistency": "quiesced",
            "notes": [],
            "folder": f"/replicas/{name}",
            "disks": [{"source": "/srv/s.qcow2", "file": "vda.qcow2", "sha256": "", "octets": 4096}],
            "images": [],
            "seed": "",
        }
        for name in names
    ]
    said = {"points": points, "incoming": {}, "images": {}, "serving": serving, "free": 1, "clock": there}
    one = settings().of("server")
    assert one is not None
    clock = None if ahead is None else Clock(ahead, unsure)
    return lag_of(one, shelf_of("gamma", said, NOON, unsure), now, clock)


def test_the_newest_whole_point_counts_by_the_clusters_clock() -> None:
    found = lag("server-replica-20261127T115800Z", "server-replica-20261127T115900Z")
    assert (found.lag_s, found.is_late, found.clocks_apart_s) == (60.0, False, 0.0)
    assert list(findings(settings(), [found])) == []


def test_another_clock_at_the_other_site_changes_no_lag_and_is_said() -> None:
    found = lag("server-replica-20261127T115900Z", there=NOON - 3600)
    assert found.lag_s == 60.0
    (finding,) = findings(settings(), [found])
    assert (finding.code, finding.what) == ("replica-clocks-apart", "the clock of gamma is 3600.0 s behind")


def test_an_answer_that_took_its_time_is_no_other_clock() -> None:
    names = ("server-replica-20261127T115900Z",)
    assert list(findings(settings(), [lag(*names, there=NOON + 3, unsure=1.5)])) == []
    (finding,) = findings(settings(), [lag(*names, there=NOON + 4, unsure=1.5)])
    assert finding.code == "replica-clocks-apart"


def test_a_clock_of_the_cluster_that_is_wrong_by_an_hour_counts_no_lag_wrong() -> None:
    """The point is named by that clock, and its age is counted by that clock."""
    found = lag("server-replica-20261127T125900Z", now=NOON + 3600, ahead=3600.0)
    assert (found.lag_s, found.clocks_apart_s) == (60.0, -3600.0)


def test_too_old_or_none_at_all_is_an_alarm() -> None:
    late, none = lag("server-replica-20261127T115600Z"), lag()
    assert [one.is_late for one in (late, none)] == [True, True]
    old, nothing = findings(settings(), [late, none])
    assert (old.code, old.subject) == ("replica-late", "server")
    assert old.what == "server: its newest whole point at gamma is 240 s old, late after 180 s"
    assert nothing.what == "server: gamma has no whole point"
    assert 'everprint_replica_lag_seconds{vm="server"} 240\n' in as_metrics([late])
    assert 'everprint_replica_late{vm="server"} 1\n' in as_metrics([late])
    assert as_metrics([none]).count('{vm="server"}') == 1


def test_the_clusters_status_says_it_in_a_word() -> None:
    states = [
        state_of(one)
        for one in (
            lag("server-replica-20261127T115900Z"),
            lag("server-replica-20261127T115600Z"),
            lag("server-replica-20261127T110000Z", serving="since 11:05"),
        )
    ]
    assert [(state.vm, state.state, state.level.value) for state in states] == [
        ("server", "replicated", "ok"),
        ("server", "late", "fail"),
        ("server", "taken over", "warn"),
    ]


def test_a_vm_that_runs_at_the_other_site_is_not_late() -> None:
    found = lag("server-replica-20261127T110000Z", serving="since 11:05")
    assert (found.is_late, found.said) == (False, "runs at gamma: since 11:05")


@pytest.mark.parametrize(
    ("stage", "kind"),
    [("broken", TransferBroken), ("full", OtherSiteFull), ("digest", WrongDigest), ("host", ReplicationError)],
)
def test_what_went_wrong_there_is_said_with_the_host(stage: str, kind: type[ReplicationError]) -> None:
    with pytest.raises(kind, match="gamma: no luck"):
        shelf_of("gamma", {"failed": stage, "said": "no luck"}, NOON)

"""Each VM is replicated at its own interval, whatever becomes of the others, until it is ended."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.schedule import Task, keep_on, settings_of
from everprint.cluster.replication.sending import Sent
from everprint.cluster.topology.reader import read_topology
from rig.waiting import wait_for

SAMPLES = Path(__file__).parents[3] / "deploy" / "topologies"


def test_it_goes_on_after_failures_and_ends_when_it_is_told() -> None:
    topology = read_topology(SAMPLES / "two-sites.toml")
    settings = settings_of(topology)
    tasks = [Task(vm, replace(how, every_ms=20)) for vm in topology.vms if (how := settings.of(vm.name)) is not None]
    told: Counter[str] = Counter()
    ended = threading.Event()

    def tell(vm: str, what: Sent | str) -> None:
        assert "runs on no host that answers" in str(what)
        told[vm] += 1

    nobody = HostsVia(["sh", "-c", "exit 255"])
    keeping = threading.Thread(target=keep_on, args=(topology, nobody, tasks, tell, ended, 60.0))
    keeping.start()
    wait_for("each VM to have been tried again", lambda: min(told[vm.name] for vm in topology.vms) >= 2)
    ended.set()
    keeping.join(60)
    assert not keeping.is_alive()


def test_a_topology_without_the_table_says_so() -> None:
    with pytest.raises(ReplicationError, match=r"has no table \[replication\]"):
        settings_of(read_topology(SAMPLES / "two-hosts.toml"))

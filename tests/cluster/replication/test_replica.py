"""What a replica is started as, and in which order."""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.replication.lost_work import LostWork
from everprint.cluster.replication.replica import for_another_host, in_order
from everprint.cluster.topology.reader import read_topology

SAMPLES = Path(__file__).parents[3] / "deploy" / "topologies"


def test_what_is_of_the_old_host_does_not_come_along() -> None:
    xml = for_another_host(
        "<domain><seclabel/><devices><disk><source file='/r/vda.qcow2'/><backingStore/><alias name='d'/></disk>"
        "<channel type='unix'><source mode='bind' path='/run/x'/><target name='a'/></channel>"
        "<serial><source path='/log'/></serial></devices></domain>"
    )
    assert "backingStore" not in xml, "or the VM starts with an empty disk"
    assert "/run/x" not in xml
    assert "alias" not in xml
    assert "seclabel" not in xml
    assert "/r/vda.qcow2" in xml
    assert "/log" in xml


def test_databases_start_before_servers_and_servers_before_print_servers() -> None:
    topology = read_topology(SAMPLES / "mode-1-and-2.toml")
    roles = [vm.role.value for vm in in_order(topology)]
    assert roles == sorted(roles, key=["database", "application-server", "print-server"].index)
    assert len(set(roles)) > 1


def test_without_an_application_server_no_work_is_lost_from_any_books() -> None:
    assert LostWork(None, (), ()).as_json() == {"since": None, "jobs": [], "silent": []}

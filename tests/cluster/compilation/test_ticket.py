"""VMs that another site has replicas of need the cluster's ticket."""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.compilation.ticket import ticket_constraints
from everprint.cluster.topology.reader import parse_topology
from everprint.cluster.topology.ticket import ticket_of

SAMPLE = (Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml").read_text("utf-8")


def needs(text: str) -> dict[str, str]:
    """Resource to ticket."""
    found = list(ticket_constraints(parse_topology(text, "t.toml")))
    assert {one.get("loss-policy") for one in found} <= {"stop"}
    return {one.get("rsc", ""): one.get("ticket", "") for one in found}


def test_each_replicated_vm_needs_it_and_others_do_not() -> None:
    assert needs(SAMPLE) == dict.fromkeys(("server", "print1", "print2"), "print-serves")
    own = SAMPLE + '[[replication.vms]]\nname = "print2"\nreplicate = false\n'
    assert needs(own) == dict.fromkeys(("server", "print1"), "print-serves")


def test_where_booth_is_it_is_booths() -> None:
    assert set(needs(SAMPLE.replace("[replication]", '[replication]\nticket = "work"')).values()) == {"work"}


def test_a_cluster_without_another_site_needs_none() -> None:
    alone = SAMPLE[: SAMPLE.index("[replication]")]
    assert needs(alone) == {}
    assert ticket_of(parse_topology(alone, "t.toml")) == ""

"""The table [replication]: what it says for all VMs and for single ones, and what it cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import parse_topology
from everprint.cluster.topology.replication import VmReplication

SAMPLE = (Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml").read_text("utf-8")


def refused(old: str, new: str) -> str:
    assert old in SAMPLE
    with pytest.raises(BadTopology) as caught:
        parse_topology(SAMPLE.replace(old, new), "t.toml")
    return str(caught.value)


def test_single_vms_differ_from_what_holds_for_all() -> None:
    read = parse_topology(SAMPLE, "t.toml").replication
    assert read is not None
    assert (read.site, read.limit_mib_s, read.compression, read.application_consistent) == ("north", 20, True, True)
    assert [(host.name, host.site) for host in read.hosts] == [("gamma", "north")]
    server, print1, _ = read.vms
    assert (server.every_ms, server.late_after_ms, server.keep) == (60_000, 180_000, 24)
    assert (print1.every_ms, print1.late_after_ms, print1.host) == (300_000, 900_000, "gamma")
    assert [(one.name, one.host, one.vm) for one in read.print_servers] == [("print9", "gamma", "")]


def test_vms_take_turns_and_may_be_left_out() -> None:
    text = SAMPLE + (
        '[[replication.hosts]]\nname = "delta"\naddress = "203.0.113.22"\nmemory = "8 GiB"\ncores = 4\n'
        '[[replication.vms]]\nname = "print2"\nreplicate = false\n'
    )
    read = parse_topology(text, "t.toml").replication
    assert read is not None
    assert [(one.vm, one.host) for one in read.vms] == [("server", "gamma"), ("print1", "delta")]
    assert read.of("print2") is None
    assert isinstance(read.of("print1"), VmReplication)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('site = "north"', 'site = "main"', "main is a site of this cluster's own hosts"),
        ('every = "5 min"', 'every = "2 s"', "write a time from 5 s to 24 h"),
        ('name = "gamma"', 'name = "alpha"', "there is a host alpha already"),
        ('address = "203.0.113.21"', 'address = "192.0.2.11"', "192.0.2.11 is the address of another host"),
        ('name = "server"\nevery', 'name = "serve"\nevery', "there is no VM serve; known: server, print1, print2"),
        ('every = "1 min"', 'every = "1 min"\nhost = "omega"', "there is no host omega at north; known: gamma"),
        ('host = "gamma"', 'host = "omega"', "there is no host omega at north"),
        ('limit = "20 MiB"', 'limit = "20"', 'write it as "512 MiB" or "2 GiB"'),
        ("[[replication.hosts]]", "[[replication.host]]", "add [[replication.hosts]]"),
        (
            "[replication]",
            '[backup]\ntarget = "/mnt/b"\npassword_file = "/p"\nscratch = "/s"\n[replication]',
            "[backup] copies disks to /s, [replication] to /var/lib/everprint-backup",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(old: str, new: str, said: str) -> None:
    assert said in refused(old, new)

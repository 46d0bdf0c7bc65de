"""What the lab makes of a topology, without starting anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.host_files import files_of
from everprint.cluster.lab.plan import for_the_lab, plan_lab, read_plan, write_plan
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.live.world import TEXT


def topology(text: str = TEXT) -> Topology:
    return parse_topology(text, "t.toml")


def test_a_watchdog_is_left_out_and_said_for_it_would_be_the_whole_machines() -> None:
    kept, said = for_the_lab(topology())
    assert [device.agent for host in kept.hosts for device in host.fencing] == ["fence_ipmilan"] * 2
    assert any("whole machine" in sentence for sentence in said)
    assert kept.quorum_device is None
    assert "Left out: the quorum device." in said


def test_another_site_is_left_out_and_said_for_nothing_would_start_without_its_ticket() -> None:
    host = '[[replication.hosts]]\nname = "delta"\naddress = "203.0.113.21"\nmemory = "8 GiB"\ncores = 4\n'
    kept, said = for_the_lab(topology(f'{TEXT}[replication]\nsite = "north"\n{host}'))
    assert kept.replication is None
    assert any(sentence.startswith("Left out: the other site") for sentence in said)


def test_the_simulators_options_replace_those_that_it_would_refuse() -> None:
    text = TEXT.replace(
        'agent = "fence_ipmilan"', 'agent = "fence_ipmilan"\noptions = { cipher = "17", retry_on = "2" }'
    )
    options = dict(for_the_lab(topology(text))[0].hosts[0].fencing[0].options)
    assert (options["cipher"], options["lanplus"], options["retry_on"]) == ("3", "1", "2")


def test_a_host_without_a_bmc_is_refused() -> None:
    text = TEXT.replace('agent = "fence_ipmilan"', 'agent = "fence_apc"')
    with pytest.raises(LabError, match="alpha has no fence device with agent fence_ipmilan"):
        for_the_lab(topology(text))


def test_an_address_is_on_the_bridge_of_its_network_and_storage_is_where_hosts_look_for_it() -> None:
    plan = plan_lab(for_the_lab(topology())[0], Path("/"))
    alpha = plan.host("alpha")
    assert alpha.addresses == ("192.0.2.11/24", "198.51.100.11/24")
    assert alpha.bridges == ("br0", "")
    assert alpha.shares == (("images", "/srv/images"),)
    assert plan.gateways == ("192.0.2.254/24", "198.51.100.254/24")
    files = files_of(alpha, plan, for_the_lab(topology())[0])
    assert files["/etc/everprint-lab/cards"][0].decode() == (
        "eth0 192.0.2.11/24 192.0.2.254 br0\neth1 198.51.100.11/24 198.51.100.254 -\n"
    )
    assert files["/etc/hosts"][0].decode().endswith("192.0.2.11 alpha\n192.0.2.12 beta\n")


def test_a_plan_is_read_as_it_was_written_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    plan = plan_lab(for_the_lab(topology())[0], Path("/"))
    write_plan(tmp_path / "lab", plan)
    assert read_plan(tmp_path / "lab") == plan
    assert (tmp_path / "lab/lab.json").stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("damaged", ["", "{}", "[]", json.dumps({"name": "a", "root": "/", "hosts": [{}]})])
def test_a_damaged_plan_says_what_to_do(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "lab.json").write_text(damaged)
    with pytest.raises(LabError, match="cluster lab down"):
        read_plan(tmp_path)


def test_no_lab_and_no_such_host_are_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="cluster lab up"):
        read_plan(tmp_path)
    with pytest.raises(LabError, match="no host delta; it has alpha, beta"):
        plan_lab(for_the_lab(topology())[0], Path("/")).host("delta")

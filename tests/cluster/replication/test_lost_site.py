"""Nothing is started at another site before it is known that the lost one does nothing any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from everprint.cluster.compilation.cib import cib_xml
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.replication.failover import move
from everprint.cluster.replication.lost_site import SiteMayLive, make_sure, name_of_lost
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology

SAMPLE = (Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml").read_text("utf-8")

# Hosts that answer are those in the file `up`. A power device does what it is told, if it is in the file `devices`,
# and a host that it switched off is not up any more; `meanwhile` is what happens then. The engine's configuration and
# tickets are those of `cib.xml`, and what runs at a host is in `runs`.
VIA = """#!/bin/sh
host=$1; shift
grep -q "$host" {folder}/up || {{ echo "no route to $host" >&2; exit 255; }}
case $1 in
  fence_ipmilan)
    said=$(cat)
    address=$(echo "$said" | sed -n s/^ip=//p)
    grep -q "$address" {folder}/devices || {{ echo "no answer from $address" >&2; exit 1; }}
    case "$said" in
      *action=off*) echo "$address" >>{folder}/switched-off; sh {folder}/meanwhile ;;
      *) grep -q "$address" {folder}/switched-off && exit 2 ;;
    esac
    exit 0 ;;
  crm_ticket|crm_mon|cibadmin) [ -e {folder}/cib.xml ] || exit 102; CIB_file={folder}/cib.xml exec "$@" ;;
  virsh) grep -q "$host $4" {folder}/runs && echo running && exit; echo "error: failed to get domain" >&2; exit 1 ;;
esac
exec "$@"
"""

CIB = """<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
<configuration><crm_config/><nodes/><resources/><constraints/></configuration>
<status><tickets><ticket_state id="print-work" granted="{granted}"/></tickets></status></cib>
"""
TICKETS = '<tickets><ticket_state id="print-serves" granted="true"/></tickets>'


class Place:
    """Who answers, and which power devices do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "via").write_text(VIA.format(folder=folder))
        (folder / "via").chmod(0o755)
        self.hosts = HostsVia([str(folder / "via")])
        self.say("switched-off")
        self.say("meanwhile")

    def say(self, file: str, *lines: str) -> None:
        (self.folder / file).write_text("".join(f"{line}\n" for line in lines))

    def sure(self, text: str = SAMPLE, *, word: bool = False) -> dict[str, str]:
        topology = parse_topology(text, "t.toml")
        assert topology.replication is not None
        certain = make_sure(topology, topology.replication, self.hosts, word=word)
        return {one.host: one.reason for one in certain}

    def refused(self, *, word: bool = False) -> str:
        with pytest.raises(SiteMayLive) as caught:
            self.sure(word=word)
        return str(caught.value)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_hosts_are_switched_off_and_the_device_says_so(place: Place) -> None:
    place.say("up", "alpha", "gamma")
    place.say("devices", "203.0.113.11", "203.0.113.12")
    assert place.sure() == {"alpha": "switched off by fence_ipmilan", "beta": "switched off by fence_ipmilan"}
    assert (place.folder / "switched-off").read_text() == "203.0.113.11\n203.0.113.12\n"


def test_what_nothing_switches_off_needs_somebodys_word(place: Place) -> None:
    place.say("up", "gamma")
    place.say("devices", "203.0.113.12")
    said = place.refused()
    assert "It is not known that main is dead" in said
    assert "alpha does not answer, and nothing can switch it off (fence_ipmilan: no answer from 203.0.113.11)" in said
    assert "beta" not in said
    assert place.sure(word=True)["alpha"] == "somebody's word that main is dead"


def test_no_word_makes_a_host_dead_that_answers(place: Place) -> None:
    place.say("up", "alpha", "gamma")
    place.say("devices", "203.0.113.12")
    assert "alpha ANSWERS: it is not dead" in place.refused(word=True)


@pytest.fixture
def came_back(place: Place) -> Place:
    """Both hosts of the lost site answer, and their engine has what was compiled, and no ticket."""
    place.say("up", "alpha", "beta", "gamma")
    place.say("devices")
    place.say("runs")
    place.say("cib.xml", cib_xml(parse_topology(SAMPLE, "t.toml")))
    return place


def test_a_site_that_came_back_without_the_ticket_does_nothing(came_back: Place) -> None:
    reason = "it answers, and starts none of the VMs: its cluster has not the ticket print-serves"
    assert came_back.sure() == {"alpha": reason, "beta": reason}
    assert (came_back.folder / "switched-off").read_text() == ""


def test_a_host_that_answers_may_run_them(came_back: Place) -> None:
    """While a VM runs there yet, when it has the ticket, or when its engine does not ask for one."""
    came_back.say("runs", "beta server")
    assert "alpha" not in came_back.refused(word=True)
    assert "beta ANSWERS: it is not dead" in came_back.refused(word=True)
    came_back.say("runs")
    cib = came_back.folder / "cib.xml"
    text = cib.read_text()
    cib.write_text(text.replace("<status />", f"<status>{TICKETS}</status>"))
    assert "alpha ANSWERS: it is not dead" in came_back.refused(word=True)
    cib.write_text(re.sub(r"<rsc_ticket [^>]*print2[^>]*/>", "", text))
    assert "alpha ANSWERS: it is not dead" in came_back.refused(word=True)


def test_a_host_that_gets_the_ticket_while_another_is_switched_off_may_run_them(came_back: Place) -> None:
    """It came back, and joins the one that had gone on."""
    came_back.say("up", "alpha", "gamma")
    came_back.say("devices", "203.0.113.12")
    assert came_back.sure()["beta"] == "switched off by fence_ipmilan"
    cib = came_back.folder / "cib.xml"
    came_back.say("joined.xml", cib.read_text().replace("<status />", f"<status>{TICKETS}</status>"))
    came_back.say("meanwhile", f"cp {came_back.folder}/joined.xml {cib}")
    assert "alpha had no ticket, and may have it now" in came_back.refused(word=True)
    came_back.say("meanwhile")
    assert "alpha ANSWERS: it is not dead" in came_back.refused(word=True)


@pytest.mark.parametrize("granted", [True, False])
def test_booths_ticket_decides_where_there_is_one(place: Place, granted: bool) -> None:
    place.say("up", "gamma")
    place.say("devices")
    place.say("cib.xml", CIB.format(granted=str(granted).lower()))
    text = SAMPLE.replace('site = "north"', 'site = "north"\nticket = "print-work"')
    if granted:
        assert place.sure(text)["alpha"] == "booth gave the ticket print-work to north"
    else:
        with pytest.raises(SiteMayLive):
            place.sure(text)


def test_people_are_led_there_by_a_program_that_is_told_everything(tmp_path: Path) -> None:
    topology: Topology = parse_topology(SAMPLE, "t.toml")
    program = tmp_path / "move"
    program.write_text(f'#!/bin/sh\necho "$* $EVERPRINT_CLUSTER $EVERPRINT_TOPOLOGY" >{tmp_path}/said\n')
    program.chmod(0o755)
    vm = topology.vms[0]
    assert move(topology, str(program), "failover", "north", vm, "gamma") == ""
    assert (tmp_path / "said").read_text() == "failover north server 192.0.2.50 gamma print t.toml\n"
    program.write_text("#!/bin/sh\necho no such zone >&2\nexit 3\n")
    assert "no such zone" in move(topology, str(program), "failover", "north", vm, "gamma")
    assert "no-such-program" in move(topology, f"{tmp_path}/no-such-program", "failover", "north", vm, "gamma")
    assert name_of_lost(topology) == "main"

"""How failures are made, without making any."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from everprint.cluster.drill.causing import AtRealHosts, fail_by_command, fence_order
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import LIVE, Kind
from everprint.cluster.drill.note import note
from everprint.cluster.drill.victims import victim_of
from everprint.cluster.drill.watching import read_starts
from everprint.cluster.hosts.port import Answer
from everprint.cluster.topology.model import Protection
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.drill.service_cluster import TEXT
from tests.cluster.live.world import TEXT as VMS

SERVICES, MACHINES = parse_topology(TEXT, "t.toml"), parse_topology(VMS, "t.toml")


class Recorded:
    """Hosts that only note what they were told."""

    def __init__(self, code: int = 0) -> None:
        self.told: list[tuple[str, list[str], bytes]] = []
        self._code = code

    def run(self, host: str, argv: list[str], *, stdin: bytes = b"", timeout_s: float = 30.0) -> Answer:
        self.told.append((host, list(argv), stdin))
        return Answer(self._code, "", "no")


def test_a_fence_agent_is_told_as_the_engine_tells_it() -> None:
    hosts = Recorded()
    AtRealHosts(SERVICES, hosts).fail(Kind.HOST, victim_of(SERVICES), "alpha")
    ((host, argv, order),) = hosts.told
    assert (host, argv) == ("beta", ["fence_ipmilan"])
    assert order.decode().splitlines()[:3] == ["action=off", "ip=10.97.0.254", "ipport=9021"]
    assert fence_order(MACHINES.hosts[0], "on") is not None


@pytest.mark.parametrize("kind", sorted(set(Kind) - LIVE))
def test_what_cannot_be_undone_from_here_is_not_done_to_real_hosts(kind: Kind) -> None:
    hosts = Recorded()
    with pytest.raises(DrillFailed, match="cannot be done to real hosts"):
        AtRealHosts(SERVICES, hosts).fail(kind, victim_of(SERVICES), "alpha")
    assert hosts.told == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.VM, ["pkill", "-KILL", "-f", "[g]uest=print2,"]),
        (Kind.APPLICATION, ["virsh", "--quiet", "qemu-agent-command", "print2"]),
        (Kind.PANIC, ["virsh", "--quiet", "qemu-agent-command", "print2"]),
        (Kind.ENGINE, ["pkill", "-KILL", "-x"]),
    ],
)
def test_a_vm_fails_by_a_command_at_its_host(kind: Kind, words: list[str]) -> None:
    hosts = Recorded()
    fail_by_command(hosts, kind, victim_of(MACHINES, "print2"), "beta")
    ((host, argv, _),) = hosts.told
    assert (host, argv[: len(words)]) == ("beta", words)
    if kind is Kind.APPLICATION:
        assert '"-STOP", "-u", "everprint-provider"' in argv[-1]
    if kind is Kind.PANIC:
        program = json.loads(argv[-1])["arguments"]
        assert (program["path"], program["arg"][0]) == ("/bin/sh", "-c")
        assert program["arg"][1].endswith("; echo c >/proc/sysrq-trigger")


def test_the_kernel_of_a_host_is_never_let_panic() -> None:
    hosts = Recorded()
    with pytest.raises(DrillFailed, match="server has no kernel of its own"):
        fail_by_command(hosts, Kind.PANIC, victim_of(SERVICES), "beta")
    assert hosts.told == []


def test_a_failure_that_could_not_be_made_is_said() -> None:
    with pytest.raises(DrillFailed, match="beta: systemctl did not let server fail: no"):
        fail_by_command(Recorded(1), Kind.VM, victim_of(SERVICES), "beta")


def test_the_application_server_fails_if_nobody_says_what() -> None:
    assert victim_of(SERVICES).name == "server"
    assert victim_of(MACHINES).name == "print1"
    with pytest.raises(DrillFailed, match="no VM or service scanner; it has server, print1"):
        victim_of(SERVICES, "scanner")


def test_a_twin_that_takes_over_is_nothing_that_a_drill_could_watch() -> None:
    machine = replace(victim_of(MACHINES), protection=Protection.FAULT_TOLERANT)
    with pytest.raises(DrillFailed, match="print1 is fault-tolerant: its twin takes over"):
        victim_of(replace(MACHINES, vms=(machine,)))


def test_starts_that_went_well_are_read_from_the_engines_history() -> None:
    xml = """<pacemaker-result><node_history><node name="beta">
    <resource_history id="server"><operation_history call="7" task="start" rc="0" last-rc-change="now"/>
    <operation_history call="8" task="monitor" rc="0"/><operation_history call="6" task="start" rc="193"/>
    </resource_history><resource_history id="print1"><operation_history call="9" task="start" rc="0"/>
    </resource_history></node></node_history></pacemaker-result>"""
    assert read_starts(xml, "server") == {("beta", "7", "now")}
    assert read_starts("no XML", "server") == set()


def test_the_note_is_a_pdf_of_one_page() -> None:
    pdfium = pytest.importorskip("pypdfium2")
    assert len(pdfium.PdfDocument(note("Printing went on."))) == 1

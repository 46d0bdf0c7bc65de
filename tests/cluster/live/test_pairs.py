"""A fault-tolerant VM in the engine's status: one name for the VM, one for its twin."""

from __future__ import annotations

import pytest

from everprint.cluster.fault_tolerance.layer import FaultTolerance
from everprint.cluster.hosts.port import Answer
from everprint.cluster.live.status import read_status
from everprint.monitor.health import Level
from tests.cluster.compilation.test_fault_tolerance import NAME, topology

STATUS = """<crm_mon><summary><current_dc name="alpha" with_quorum="true"/></summary>
<nodes><node name="alpha" online="true"/><node name="beta" online="true"/></nodes>
<resources><clone id="server-pair">{halves}</clone></resources></crm_mon>"""
HALF = (
    '<resource id="server" resource_agent="ocf:everprint:FaultTolerant" role="{role}" active="{active}" '
    'orphaned="{orphaned}">{node}</resource>'
)


def half(role: str, host: str = "", *, orphaned: bool = False) -> str:
    node = f'<node name="{host}"/>' if host else ""
    return HALF.format(role=role, active=str(bool(host)).lower(), orphaned=str(orphaned).lower(), node=node)


@pytest.mark.parametrize(
    ("halves", "found", "level"),
    [
        (half("Unpromoted", "beta") + half("Promoted", "alpha") + half("Stopped", orphaned=True),
         {"server-twin": ("beta", "started"), "server": ("alpha", "started")}, Level.OK),
        (half("Promoted", "alpha") + half("Stopped"),
         {"server": ("alpha", "started"), "server-twin": ("", "stopped")}, Level.WARN),
        (half("Unpromoted", "alpha") + half("Unpromoted", "beta"),
         {"server": ("alpha", "unpromoted"), "server-twin": ("beta", "started")}, Level.FAIL),
        (half("Stopped"), {"server": ("", "stopped")}, Level.FAIL),
    ],
)  # fmt: skip
def test_the_promoted_half_is_the_vm(halves: str, found: dict[str, tuple[str, str]], level: Level) -> None:
    status = read_status(STATUS.format(halves=halves), "alpha", topology())
    assert {one.name: (one.host, one.state) for one in status.resources} == found
    assert status.level is level


class Told:
    """Hosts that tell the attribute as `attrd_updater` prints it."""

    def __init__(self, *lines: str) -> None:
        self._output = "\n".join(lines)

    def run(self, host: str, argv: object, *, stdin: bytes = b"", timeout_s: float = 0) -> Answer:
        return Answer(0, self._output, "")


@pytest.mark.parametrize(
    ("value", "state", "level"),
    [
        ("protected beta 1.00 52.1 118", "protected", Level.OK),
        ("re-synchronising beta 0.40 0.0 0", "re-synchronising", Level.WARN),
        ("degraded - 0.00 0.0 0 beta: its QEMU was never tried", "degraded", Level.WARN),
        ("", "unknown", Level.WARN),
    ],
)
def test_how_it_is_guarded_is_what_its_primary_told(value: str, state: str, level: Level) -> None:
    told = Told('name="x" host="beta" value=""', f'name="x" host="alpha" value="{value}"')
    (found,) = FaultTolerance().states(topology(), told)
    assert (found.vm, found.state, found.level) == (NAME, state, level)

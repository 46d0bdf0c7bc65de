"""ocf:everprint:VirtualMachine on a libvirt of its own, with guests that are real QEMU processes (without a disk)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rig.ports import free_port
from rig.waiting import wait_for
from tests.cluster.hypervisor import NOBODY, Hypervisor, give_away
from tests.cluster.ocf.installed import Resource, installed_agents

# No firmware's boot menu, no disk: it stands in its firmware, which ACPI's power button does not impress.
DOMAIN = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<graphics type='vnc' socket='{folder}/vnc'/><video><model type='vga'/></video>
<serial type='file'><source path='{folder}/serial.log'/></serial><memballoon model='none'/></devices></domain>
"""
# The agent looks at the machine's processes by name: no other test has these.
GUEST, APP, AGAIN, SLOW = (f"{name}-{os.getpid()}" for name in ("guest", "app", "again", "slow"))
RUNNING, NOT_RUNNING, FAILED = 0, 7, 1


@pytest.fixture(scope="module")
def hypervisor() -> Iterator[Hypervisor]:
    # A socket's path has at most 107 octets: not below pytest's own folder.
    folder = Path(tempfile.mkdtemp(prefix="everprint-virt-"))
    running = Hypervisor(folder)
    try:
        running.wait()
        yield running
    finally:
        running.end()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def agents() -> Iterator[Path]:
    with installed_agents() as root:
        yield root


class Machine(Resource):
    """A VM as a resource."""

    def __init__(self, root: Path, hypervisor: Hypervisor, name: str, **parameters: object) -> None:
        vnc = Path(tempfile.mkdtemp(prefix="vm-", dir=hypervisor.folder))
        give_away(vnc)
        definition = vnc / "domain.xml"
        definition.write_text(DOMAIN.format(name=name, folder=vnc))
        self.name, self.hypervisor, self.evidence = name, hypervisor, vnc / "evidence"
        self.parameters: dict[str, object] = {
            "domain": name,
            "definition": definition,
            "hypervisor": "qemu:///session",
            "shutdown_timeout": 1,
            "evidence": self.evidence,
            "runs": vnc / "runs",
            **parameters,
        }
        agent = root / "resource.d" / "everprint" / "VirtualMachine"
        super().__init__(agent, vnc / "state", hypervisor.environment, NOBODY, **self.parameters)

    def noted(self) -> list[str]:
        """The words that were noted, in order."""
        path = Path(str(self.parameters["runs"])) / self.name
        return [line.split(" ", 2)[1] for line in path.read_text().splitlines()]

    def reasons(self) -> list[str]:
        return [path.read_text().strip() for path in sorted(self.evidence.rglob("reason.txt"))]


@pytest.fixture
def machine(agents: Path, hypervisor: Hypervisor) -> Iterator[Machine]:
    made = Machine(agents, hypervisor, GUEST)
    yield made
    hypervisor.daemon.send_signal(signal.SIGCONT)
    hypervisor.virsh("destroy", GUEST)


def test_ocf_tester_finds_nothing_to_blame(machine: Machine) -> None:
    tested = machine.tested_by(GUEST, **machine.parameters)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed all tests" in tested.stdout


def test_a_paused_guest_has_failed_and_is_forced_off_at_once(machine: Machine) -> None:
    assert machine("start") == RUNNING
    assert machine("monitor") == RUNNING
    machine.hypervisor.virsh("suspend", GUEST)
    assert machine("monitor") == FAILED
    assert "ocf-exit-reason:it is paused" in machine.said
    assert machine.reasons() == ["it is paused"]
    kept = {path.name for path in machine.evidence.rglob("*") if path.is_file()}
    assert {"reason.txt", "state.txt", "screen.ppm"} <= kept
    machine.hypervisor.virsh("resume", GUEST)
    machine.hypervisor.virsh("suspend", GUEST)
    assert machine("stop") == RUNNING
    assert "did not shut down" not in machine.said, "it was not asked to: it had failed"
    assert machine("monitor") == NOT_RUNNING
    assert machine.hypervisor.processes(GUEST) == []
    assert machine.noted() == ["started", "failed", "stopped"]


def test_a_guest_that_does_not_shut_down_loses_its_power_and_leaves_evidence(machine: Machine) -> None:
    assert machine("start") == RUNNING
    (before,) = machine.hypervisor.processes(GUEST)
    machine.hypervisor.virsh("suspend", GUEST)
    assert machine("start") == RUNNING, "one that is paused when it is to be started is started anew"
    assert machine.hypervisor.processes(GUEST) != [before]
    assert machine("stop") == RUNNING
    assert "did not shut down within 1 s" in machine.said
    assert "it did not shut down in time" in machine.reasons()
    assert machine("stop") == RUNNING, "stopping what is stopped is well"


def test_a_libvirt_that_hangs_is_not_the_vms_failure_and_keeps_nothing_from_stopping(machine: Machine) -> None:
    assert machine("start") == RUNNING
    machine.hypervisor.daemon.send_signal(signal.SIGSTOP)
    assert machine("monitor") == RUNNING
    assert machine("stop") == RUNNING
    assert machine.hypervisor.processes(GUEST) == []
    machine.hypervisor.daemon.send_signal(signal.SIGCONT)
    wait_for("libvirt to see it", lambda: machine("monitor") == NOT_RUNNING, within_s=60)


def test_a_definition_that_is_missing_or_refused_is_said(machine: Machine) -> None:
    definition = Path(str(machine.parameters["definition"]))
    text = definition.read_text()
    definition.write_text(text.replace("<vcpu>1", "<vcpu>none"))
    assert machine("start") == FAILED
    assert "libvirt does not start it" in machine.said
    definition.unlink()
    assert machine("start") == 5
    assert machine("monitor", interval="0") == NOT_RUNNING
    assert machine("stop") == RUNNING


def test_a_move_to_nowhere_leaves_it_running(machine: Machine) -> None:
    assert machine("start") == RUNNING
    assert machine("migrate_to") == 2
    machine.environment["OCF_RESKEY_migration_uri"] = "qemu+tcp://%s:1/system"
    assert machine("migrate_to", migrate_target="127.0.0.1") == FAILED
    assert "libvirt does not move it to 127.0.0.1" in machine.said
    assert machine("monitor") == RUNNING
    assert machine("migrate_from") == RUNNING


class Service(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Service.status = 200
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/live"
        server.shutdown()


def test_an_application_that_does_not_live_fails_the_vm(agents: Path, hypervisor: Hypervisor, service: str) -> None:
    machine = Machine(agents, hypervisor, APP, health=service, health_timeout=30)
    assert machine("start") == RUNNING
    assert [machine("monitor") for _ in range(3)] == [RUNNING] * 3
    Service.status = 503
    assert machine("monitor", interval="0") == RUNNING, "a probe does not judge"
    machine.environment["OCF_RESKEY_health_timeout"] = "1"
    assert machine("monitor") == FAILED
    (reason,) = machine.reasons()
    assert reason in machine.said
    assert reason.startswith(service), "503, or on a busy machine no answer in time"
    assert machine("stop") == RUNNING
    assert "did not shut down" not in machine.said, "a hung guest is forced off at once"


def test_an_application_that_is_started_again_in_its_guest_is_left_to_it(
    agents: Path, hypervisor: Hypervisor, service: str
) -> None:
    machine = Machine(agents, hypervisor, AGAIN, health=service, health_timeout=30, restart_timeout=900)
    assert machine("start") == RUNNING
    assert [machine("monitor") for _ in range(3)] == [RUNNING] * 3
    machine.environment["OCF_RESKEY_health_timeout"] = "1"
    machine.environment["OCF_RESKEY_health"] = f"http://127.0.0.1:{free_port()}/health/live"
    assert [machine("monitor") for _ in range(2)] == [RUNNING] * 2
    assert "Connection refused" in machine.said
    machine.environment.update({"OCF_RESKEY_health": service, "OCF_RESKEY_health_timeout": "30"})
    assert [machine("monitor") for _ in range(3)] == [RUNNING] * 3
    machine.environment["OCF_RESKEY_health_timeout"] = "1"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine.environment["OCF_RESKEY_health"] = f"http://127.0.0.1:{silent.getsockname()[1]}/health/live"
        assert machine("monitor") == FAILED, "one that hangs is not"
    assert machine("stop") == RUNNING


def test_an_application_has_the_time_of_a_start_for_its_first_answer(
    agents: Path, hypervisor: Hypervisor, service: str
) -> None:
    machine = Machine(agents, hypervisor, SLOW, health=service, health_timeout=30, start_grace=900)
    Service.status = 503
    assert machine("start") == RUNNING, "a start does not wait for the service"
    assert [machine("monitor") for _ in range(3)] == [RUNNING] * 3
    assert "answers 503" in machine.said
    machine.environment["OCF_RESKEY_start_grace"] = "0"
    machine.environment["OCF_RESKEY_health_timeout"] = "1"
    assert machine("migrate_from") == RUNNING
    assert machine("monitor") == FAILED
    assert machine("stop") == RUNNING
    assert machine("start") == RUNNING
    assert machine("monitor") == FAILED
    machine.environment["OCF_RESKEY_start_grace"] = "900"
    assert machine("migrate_from") == RUNNING
    assert machine("monitor") == RUNNING, "one that has come may have been starting"
    Service.status = 200
    assert machine("migrate_from") == RUNNING
    Service.status = 503
    assert machine("monitor") == FAILED, "not one that answered when it came"
    assert machine("stop") == RUNNING

"""Two hosts on one machine: each has a libvirt, a copy and the agents of its own; the cluster's word is a file.

In place of Pacemaker's `crm_attribute` and `crm_node` stand two programs that keep that file, or say that there is no
majority. All else is real: QEMU, its mirror, qemu-nbd, TLS, the keeper, a guest that writes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from everprint.cluster.mirror.certificates import make_certificates
from everprint.cluster.ocf.mirror.truth import Truth, read_truth
from rig.ports import free_port
from rig.waiting import wait_for
from tests.cluster.hypervisor import NOBODY, Hypervisor, give_away
from tests.cluster.ocf.installed import Resource, installed_agents

HOSTS = ("alpha", "beta")
ADDRESS = "127.0.0.1"
SIZE_MIB = 64
RUNNING, FAILED, NOT_INSTALLED, NOT_RUNNING = 0, 1, 5, 7
# A copy whose server does not get round to an answer for so long on a busy machine is rightly declared lost, and what
# a test then finds is another world than it meant to make.
LOST_AFTER_MS = 10_000

DOMAIN = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>96</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>{kernel}</kernel><initrd>{initrd}</initrd>
<cmdline>console=ttyS0 quiet no_timer_check panic=-1</cmdline></os>
<features><acpi/></features><cpu mode='maximum'/>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>
<source file='{disk}'/><target dev='vda' bus='virtio'/></disk>
<serial type='file'><source path='{folder}/serial.log'/></serial>
<serial type='unix'><source mode='bind' path='{folder}/said'/></serial>
<memballoon model='none'/></devices></domain>
"""

CRM_ATTRIBUTE = """#!/bin/sh
while [ $# -gt 0 ]; do
    case "$1" in
        --query) if [ -e {folder}/word ]; then cat {folder}/word; exit 0; fi; exit 105 ;;
        --update)
            echo "$2" >>{folder}/history
            echo "$2" >{folder}/word.new; mv {folder}/word.new {folder}/word; exit 0 ;;
    esac
    shift
done
"""
CRM_RESOURCE = """#!/bin/sh
echo "$*" >>{folder}/cleaned
"""
CRM_NODE = """#!/bin/sh
if [ -e {folder}/no-majority ]; then echo 0; else echo 1; fi
"""


class Host:
    """One of the two, and both resources there."""

    def __init__(self, world: MirrorWorld, name: str) -> None:
        self.world, self.name = world, name
        self.folder = world.folder / name
        (self.folder / "virt").mkdir(parents=True)
        give_away(self.folder)
        self.hypervisor = Hypervisor(self.folder / "virt")
        self.disk = self.folder / "disk.qcow2"
        self.state = self.folder / "state"
        self.state.mkdir()
        self.certificates = self.folder / "certificates"
        self.certificates.mkdir()
        self.write_certificates(world.certificates[name])
        definition = self.folder / "domain.xml"
        definition.write_text(
            DOMAIN.format(name=world.vm, disk=self.disk, folder=self.folder, kernel=world.kernel, initrd=world.initrd)
        )
        both = {
            "disk": self.disk,
            "copies": " ".join(f"{host}={ADDRESS}" for host in HOSTS),
            "certificates": self.certificates,
        }
        environment = {
            **self.hypervisor.environment,
            "PATH": f"{world.folder}/bin:{os.environ['PATH']}",
            "OCF_RESKEY_CRM_meta_on_node": name,
        }
        agents = world.agents / "resource.d" / "everprint"
        other = next(host for host in HOSTS if host != name)
        self.vm = Resource(
            agents / "MirroredMachine", self.state, environment, NOBODY,
            domain=world.vm, definition=definition, hypervisor="qemu:///session", shutdown_timeout=1,
            evidence=self.folder / "evidence", port=world.ports[other], lost_after=LOST_AFTER_MS, **both,
        )  # fmt: skip
        self.target = Resource(
            agents / "MirrorTarget", self.state, environment, NOBODY,
            vm=world.vm, size=SIZE_MIB, port=world.ports[name], **both,
        )  # fmt: skip
        give_away(self.folder)

    def write_certificates(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (self.certificates / name).write_bytes(content)
        give_away(self.certificates)

    @property
    def status(self) -> dict[str, object]:
        """What the keeper there tells."""
        try:
            found = json.loads((self.state / f"everprint-mirror-{self.world.vm}.json").read_text())
        except (OSError, ValueError):
            return {}
        assert isinstance(found, dict)
        return found

    @property
    def phase(self) -> object:
        return self.status.get("phase")

    def server(self) -> int:
        """qemu-nbd's process."""
        return int((self.state / f"everprint-mirror-{self.world.vm}.pid").read_text())

    def keeper(self) -> int:
        return int((self.state / f"everprint-mirror-{self.world.vm}.lock").read_text())

    def lose_power(self) -> None:
        """All of it ends at once: first who would notice that the rest does."""
        with suppress(OSError, ValueError):
            os.killpg(self.keeper(), signal.SIGKILL)  # with who listens for it
        killed = [*self.qemus(), self.hypervisor.daemon.pid]
        with suppress(OSError, ValueError):
            killed.append(self.server())
        for process in killed:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.hypervisor.daemon.wait(60)
        wait_for("QEMU to be gone", lambda: not self.qemus(), within_s=60)

    def return_power(self) -> None:
        """Its libvirt runs again, and what ended with the power is forgotten."""
        self.hypervisor.end()
        for name in ("libvirt", "config", "cache"):
            shutil.rmtree(self.folder / "virt" / name, ignore_errors=True)
        self.hypervisor = Hypervisor(self.folder / "virt")
        self.hypervisor.wait()

    def qemus(self) -> list[int]:
        """QEMU processes that run from this host's copy."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    words = (entry / "cmdline").read_bytes()
                    if words.startswith(b"/usr/bin/qemu-system") and os.fsencode(self.disk) in words:
                        found.append(int(entry.name))
        return found

    def connect(self) -> socket.socket:
        """To the writer in the guest."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(180)
        connection.connect(str(self.folder / "said"))
        return connection


class MirrorWorld:
    """Both hosts, and what they have in common."""

    def __init__(self, folder: Path, agents: Path, kernel: Path, initrd: Path, vm: str) -> None:
        self.folder, self.agents, self.kernel, self.initrd, self.vm = folder, agents, kernel, initrd, vm
        self.ports = {host: free_port() for host in HOSTS}
        self.certificates = make_certificates("test", dict.fromkeys(HOSTS, (ADDRESS,)))
        (folder / "bin").mkdir()
        for name, text in (("crm_attribute", CRM_ATTRIBUTE), ("crm_node", CRM_NODE), ("crm_resource", CRM_RESOURCE)):
            program = folder / "bin" / name
            program.write_text(text.format(folder=folder))
            program.chmod(0o755)
        give_away(folder)
        self.alpha, self.beta = (Host(self, host) for host in HOSTS)
        for host in (self.alpha, self.beta):
            host.hypervisor.wait()

    @property
    def word(self) -> Truth | None:
        """What the cluster says."""
        path = self.folder / "word"
        return read_truth(path.read_text()) if path.exists() else None

    def say(self, truth: Truth) -> None:
        """As an administrator who forces it."""
        (self.folder / "word").write_text(truth.written() + "\n")

    def current(self) -> tuple[str, ...]:
        word = self.word
        return word.current if word else ()

    def have_majority(self, *, so: bool) -> None:
        path = self.folder / "no-majority"
        path.unlink(missing_ok=True) if so else path.touch()

    def in_sync(self, host: Host) -> None:
        wait_for("the mirror to be in sync", lambda: host.phase == "in-sync", within_s=120)
        wait_for("the cluster to know it", lambda: self.current() == HOSTS, within_s=60)

    def end(self) -> None:
        for host in (self.alpha, self.beta):
            host.lose_power()
            host.hypervisor.end()


@contextmanager
def mirror_world(kernel: Path, initrd: Path, vm: str) -> Iterator[MirrorWorld]:
    """A socket's path has at most 107 octets: not below pytest's own folder."""
    folder = Path(tempfile.mkdtemp(prefix="everprint-mirror-"))
    folder.chmod(0o755)
    with installed_agents() as agents:
        world = None
        try:
            world = MirrorWorld(folder, agents, kernel, initrd, vm)
            yield world
        finally:
            if world:
                for host in (world.alpha, world.beta):
                    for log in host.state.glob("*.log"):
                        print(f"--- keeper of {host.name}:\n{log.read_text()}")
                world.end()
            shutil.rmtree(folder, ignore_errors=True)


def same(one: Path, other: Path) -> bool:
    """Have both copies the same content?"""
    compared = subprocess.run(
        ["qemu-img", "compare", "-U", "-q", one, other], capture_output=True, text=True, check=False
    )
    return compared.returncode == 0

"""A host with a libvirt of its own, a tiny guest that runs there, and a repository for its restore points."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.cluster.topology.reader import read_topology
from rig.tiny_guest import make_data_disk, make_tiny_guest
from rig.waiting import wait_for
from tests.cluster.hypervisor import NOBODY, Hypervisor, give_away

ADDRESS, PORT = "10.9.0.50", 8080
LEDGER = "".join(f"entry {number}\n" for number in range(500))

TOPOLOGY = """
name = "print"
modes = [2]
accelerator = "tcg"
[[hosts]]
name = "alpha"
address = "192.0.2.11"
memory = "8 GiB"
cores = 4
[[hosts.fencing]]
agent = "watchdog"
[[networks]]
name = "people"
bridge = "br0"
addresses = "10.9.0.0/24"
gateway = "10.9.0.1"
[[storage]]
name = "images"
kind = "shared-folder"
path = "{folder}/images"
[[vms]]
name = "{name}"
role = "application-server"
memory = "96 MiB"
cores = 1
disk = "1 GiB"
storage = "images"
network = "people"
address = "10.9.0.50"
health = "http://10.9.0.50:8080/health/live"
[backup]
target = "{folder}/target"
password_file = "{folder}/password"
scratch = "{folder}/scratch"
incrementals = 3
within = "4 min"
"""

DOMAIN = """<domain type='qemu'><name>{name}</name>
<uuid>5c1a9a52-7a0f-5ad4-8a52-6a3e1b1f0d11</uuid><memory unit='MiB'>96</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>{folder}/images/vmlinuz</kernel>
<initrd>{folder}/images/initrd</initrd><cmdline>console=ttyS0 quiet no_timer_check panic=-1</cmdline></os>
<features><acpi/></features><cpu mode='maximum'/>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>
<source file='{folder}/images/{name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
<serial type='file'><source path='{folder}/serial.log'/></serial>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
<memballoon model='none'/></devices></domain>
"""

# A target that is slow, when the file `slow` is there; else restic.
RESTIC = """#!/bin/sh
case "$*" in *" backup "*) [ -e {folder}/slow ] && touch {folder}/slow-now && exec sleep 300 ;; esac
exec /usr/bin/restic "$@"
"""

# The hosts' program: all hosts are this machine, as the user whose libvirt it is.
VIA = """#!/bin/sh
shift
cd /
exec {become} env {environment} PATH="{folder}/bin:$PATH" "$@"
"""


class GuestWorld:
    """The VM is an application server as far as it can be: it answers its readiness, and has a ledger to audit."""

    def __init__(self, hypervisor: Hypervisor, name: str, disk: str = "64M") -> None:
        self.hypervisor, self.name, self.folder = hypervisor, name, hypervisor.folder
        images = self.folder / "images"
        for path in (images, self.folder / "bin"):
            path.mkdir()
        make_tiny_guest(images, f"{ADDRESS}/24", PORT)
        make_data_disk(images / f"{name}.qcow2", {"ledger": LEDGER, "lines": "500\n"}, disk)
        (self.folder / "password").write_text("correct horse\n")
        self.file = self.folder / "print.toml"
        self.file.write_text(TOPOLOGY.format(name=name, folder=self.folder))
        environment = {**hypervisor.environment, "LIBVIRT_DEFAULT_URI": "qemu:///session"}
        become = "" if NOBODY is None else f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
        self.via = self.folder / "via"
        words = " ".join(f"{key}={value}" for key, value in environment.items())
        self.via.write_text(VIA.format(become=become, environment=words, folder=self.folder))
        self.via.chmod(0o755)
        restic = self.folder / "bin" / "restic"
        restic.write_text(RESTIC.format(folder=self.folder))
        restic.chmod(0o755)
        give_away(images)
        if NOBODY is not None:
            os.chown(self.folder / "password", NOBODY, NOBODY)
        self.hosts = HostsVia([str(self.via)])

    @property
    def topology(self) -> Topology:
        return read_topology(self.file)

    @property
    def vm(self) -> VirtualMachine:
        return self.topology.vms[0]

    @property
    def disk(self) -> Path:
        return self.folder / "images" / f"{self.name}.qcow2"

    def start(self, *, agent: bool = True) -> None:
        """Starts it as the engine does: not defined, only there while it runs."""
        file = self.folder / "domain.xml"
        text = DOMAIN.format(name=self.name, folder=self.folder)
        file.write_text(text if agent else re.sub("<channel.*</channel>", "", text))
        started = self.hypervisor.virsh("create", str(file))
        assert started.returncode == 0, started.stderr
        if agent:
            wait_for("the guest's agent to answer", lambda: self.agent("guest-ping") is not None, within_s=240)

    def power_cut(self) -> None:
        for process in self.hypervisor.processes(self.name):
            os.kill(process, 9)
        wait_for("libvirt to see it", lambda: self.name not in self.running(), within_s=30)

    def running(self) -> list[str]:
        return self.hypervisor.virsh("list", "--name").stdout.split()

    def checkpoints(self) -> list[str]:
        return self.hypervisor.virsh("checkpoint-list", self.name, "--name").stdout.split()

    def agent(self, command: str, **arguments: object) -> object:
        """What the guest's agent returns; None if it does not answer."""
        asked = json.dumps({"execute": command, "arguments": arguments})
        said = self.hypervisor.virsh("qemu-agent-command", self.name, asked, "--timeout", "20")
        return None if said.returncode else json.loads(said.stdout)["return"]

    def in_guest(self, script: str) -> str:
        """What a shell in the guest says."""
        began = self.agent("guest-exec", path="/bin/sh", arg=["-c", script], **{"capture-output": True})
        assert isinstance(began, dict), "the guest's agent does not answer"

        def ended() -> dict[str, object] | None:
            said = self.agent("guest-exec-status", pid=began["pid"])
            return said if isinstance(said, dict) and said["exited"] else None

        status = wait_for("the guest's shell to end", ended, within_s=120)
        assert status is not None
        assert status["exitcode"] == 0, status
        return base64.b64decode(str(status.get("out-data", ""))).decode()

    def is_frozen(self) -> bool:
        return self.agent("guest-fsfreeze-status") == "frozen"

    def left_in_scratch(self) -> list[str]:
        return [path.name for path in (self.folder / "scratch" / "vms" / self.name).iterdir()]

    def fresh_target(self) -> None:
        """An empty repository; the VM keeps no checkpoint of another one's points."""
        empty, target = self.folder / "empty-target", self.folder / "target"
        if not empty.exists():
            self.must("init")
            shutil.copytree(target, empty)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(empty, target)
        give_away(target)

    def everprint(self, command: str, *words: str) -> Result:
        """`everprint cluster backup ...` as it is called."""
        argv = ["cluster", "backup", command, str(self.file), *words, "--via", str(self.via)]
        return CliRunner().invoke(everprint_command, argv)

    def must(self, command: str, *words: str) -> str:
        done = self.everprint(command, *words)
        assert done.exit_code == 0, done.output
        return done.output

    def take(self, *words: str) -> dict[str, object]:
        """A point, as the command's JSON tells of it."""
        (report,) = json.loads(self.must("take", "--json", *words))
        assert isinstance(report, dict)
        return report


def files_of(disk: Path, folder: Path, *paths: str) -> dict[str, str]:
    """Texts of files in the file system of a disk that nobody has open."""
    raw = folder / "look.raw"
    subprocess.run(["qemu-img", "convert", "-O", "raw", disk, raw], check=True)
    subprocess.run(["e2fsck", "-fy", raw], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    texts = {}
    for path in paths:
        said = subprocess.run(["debugfs", "-R", f"cat {path}", raw], capture_output=True, text=True, check=True)
        texts[path] = said.stdout
    return texts

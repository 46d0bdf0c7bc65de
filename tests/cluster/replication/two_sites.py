"""Two sites: each with a libvirt of its own. At the main site runs the Application Server's VM, at the other one a
print server's, which outlives the main site.
"""

from __future__ import annotations

import json
import os
import re
import signal
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.replication.in_guest import agent_answers, run_in_guest
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import read_topology
from rig.ports import free_port
from rig.tiny_guest import make_data_disk, make_tiny_guest
from rig.waiting import wait_for
from tests.cluster.hypervisor import NOBODY, Hypervisor, give_away

ADDRESS = "10.9.0.50"

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
agent = "fence_test"
address = "203.0.113.11"
[[networks]]
name = "people"
bridge = "br0"
addresses = "10.9.0.0/24"
[[storage]]
name = "images"
kind = "shared-folder"
path = "{folder}/main/images"
[[vms]]
name = "{server}"
role = "application-server"
memory = "96 MiB"
cores = 1
disk = "1 GiB"
storage = "images"
network = "people"
address = "10.9.0.50"
health = "http://127.0.0.1:{port}/health/live"
[replication]
site = "north"
every = "5 s"
late_after = "10 min"
keep = 2
folder = "{folder}/north/replicas"
scratch = "{folder}/main/scratch"
move_addresses = "{folder}/move"
[[replication.hosts]]
name = "gamma"
address = "198.51.100.21"
memory = "8 GiB"
cores = 4
[[replication.print_servers]]
name = "print9"
host = "gamma"
vm = "{print9}"
"""

DOMAIN = """<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>{name}</name>
<memory unit='MiB'>96</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>{images}/vmlinuz</kernel>
<initrd>{images}/initrd</initrd><cmdline>console=ttyS0 quiet no_timer_check panic=-1</cmdline></os>
<features><acpi/></features><cpu mode='maximum'/>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/>
<source file='{images}/{name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
<memballoon model='none'/></devices>{network}</domain>
"""
NETWORK = """<qemu:commandline><qemu:arg value='-netdev'/>
<qemu:arg value='user,id=n0,net=10.9.0.0/24,hostfwd=tcp:127.0.0.1:{port}-10.9.0.50:{port}'/>
<qemu:arg value='-device'/><qemu:arg value='virtio-net-pci,netdev=n0,addr=0x10'/></qemu:commandline>"""

# All hosts are this machine, each with a libvirt of its own. A host that is lost is not reached.
VIA = """#!/bin/sh
host=$1; shift
cd /
case $host in alpha) site=main ;; gamma) site=north ;; esac
[ -e {folder}/$site-is-lost ] && exit 255
exec {become} env HOME={folder}/$site XDG_RUNTIME_DIR={folder}/$site XDG_CONFIG_HOME={folder}/$site/config \\
  XDG_CACHE_HOME={folder}/$site/cache LIBVIRT_DEFAULT_URI=qemu:///session LIBVIRT_AUTOSTART=0 \\
  PATH="{folder}/bin:$PATH" "$@"
"""
# As whom a print server's command runs is of the image; here the same user has all.
RUNUSER = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""
# The main site's power device: nobody hears it, until the site has power devices that outlive it.
FENCE = """#!/bin/sh
[ -e {folder}/fence-answers ] || {{ echo "Connection timed out" >&2; exit 1; }}
read -r action
[ "$action" = action=status ] && exit 2
exit 0
"""
MOVE = """#!/bin/sh
echo "$@ $EVERPRINT_CLUSTER" >>{folder}/moved
"""


class TwoSites:
    """The world of a test module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server, self.print9 = f"as{os.getpid()}", f"ps{os.getpid()}"
        self.port = free_port()
        for site in ("main", "north"):
            (folder / site).mkdir()
        (folder / "bin").mkdir()
        folder.chmod(0o777)
        self.main = Hypervisor(folder / "main")
        self.north = Hypervisor(folder / "north")
        become = "" if NOBODY is None else f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"
        for name, text in (("via", VIA), ("bin/fence_test", FENCE), ("bin/runuser", RUNUSER), ("move", MOVE)):
            path = folder / name
            path.write_text(text.replace("{become}", become).format(folder=folder) if name != "bin/runuser" else text)
            path.chmod(0o755)
        self.hosts = HostsVia([str(folder / "via")])
        self.file = folder / "print.toml"
        words = {"folder": folder, "server": self.server, "print9": self.print9, "port": self.port}
        self.file.write_text(TOPOLOGY.format(**words))

    def start(self) -> None:
        """Boots both VMs, at the same time."""
        for hypervisor, name, files in (
            (self.main, self.server, {"ledger": "entry 1\n", "lines": "1\n", "jobs": ""}),
            (self.north, self.print9, {"ledger": "a spool\n", "lines": "1\n", "jobs": ""}),
        ):
            hypervisor.wait()
            images = hypervisor.folder / "images"
            images.mkdir()
            make_tiny_guest(images, f"{ADDRESS}/24", self.port)
            make_data_disk(images / f"{name}.qcow2", files)
            give_away(images)
            self.boot(hypervisor, name)
        self.wait("alpha", self.server)
        self.wait("gamma", self.print9)

    def boot(self, hypervisor: Hypervisor, name: str) -> None:
        """Starts a VM as the engine does: not defined, only there while it runs."""
        network = NETWORK.format(port=self.port) if name == self.server else ""
        xml = hypervisor.folder / f"{name}.xml"
        xml.write_text(DOMAIN.format(name=name, images=hypervisor.folder / "images", network=network))
        started = hypervisor.virsh("create", str(xml))
        assert started.returncode == 0, started.stderr

    def wait(self, host: str, name: str) -> None:
        wait_for(f"the agent in {name}", lambda: agent_answers(self.hosts, host, name), within_s=240)

    @property
    def topology(self) -> Topology:
        return read_topology(self.file)

    def in_guest(self, host: str, name: str, script: str) -> str:
        return run_in_guest(self.hosts, host, name, ["/bin/sh", "-c", script], 120)

    def charge(self, host: str, number: int) -> None:
        """An entry in the Application Server's ledger."""
        script = f"echo entry {number} >>/data/ledger; wc -l </data/ledger >/data/lines; sync"
        self.in_guest(host, self.server, script)

    def ledger(self, host: str) -> list[int]:
        text = self.in_guest(host, self.server, "cat /data/ledger")
        return [int(number) for number in re.findall(r"entry (\d+)", text)]

    def accept(self, number: int) -> None:
        """The print server journals a job, and answers; the Application Server charges it."""
        row = {
            "job_id": number,
            "uuid": f"0192f000-0000-7000-8000-{number:012}",
            "queue": "office",
            "user_name": "ada",
            "job_name": f"letter {number}",
            "state": "completed",
            "sheets": 1,
            "created_at": datetime.now(UTC).isoformat(),
            "completed_at": None,
        }
        self.in_guest("gamma", self.print9, f"echo '{json.dumps(row)}' >>/data/jobs; sync")

    def main_is_lost(self) -> None:
        """Everything at the main site dies at once, its hypervisor too."""
        (self.folder / "main-is-lost").touch()
        for process in [self.main.daemon.pid, *self.main.processes(self.server)]:
            os.kill(process, signal.SIGKILL)
        self.main.daemon.wait(60)
        wait_for("its VM to be gone", lambda: not self.main.processes(self.server), within_s=60)

    def main_is_back(self) -> None:
        """Its host and hypervisor; its VMs do not run."""
        self.main.daemon = self.main.started()
        self.main.wait()
        (self.folder / "main-is-lost").unlink()

    def everprint(self, *words: str) -> Result:
        """`everprint cluster ...` as it is called."""
        return CliRunner().invoke(everprint_command, ["cluster", *words, "--via", str(self.folder / "via")])

    def monitor(self) -> Result:
        """The plugin for Nagios."""
        words = ["monitor", "replicas", str(self.file), "--via", str(self.folder / "via")]
        return CliRunner().invoke(everprint_command, words)

    def replicate(self) -> dict[str, object]:
        """A point, as the command's JSON tells of it."""
        done = self.everprint("replicate", "now", str(self.file), "--json")
        assert done.exit_code == 0, done.output
        (report,) = json.loads(done.output)
        assert isinstance(report, dict)
        return report

    def end(self) -> None:
        for hypervisor in (self.main, self.north):
            if hypervisor.daemon.poll() is None:
                hypervisor.end()

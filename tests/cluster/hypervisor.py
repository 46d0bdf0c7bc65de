"""A libvirt of the test's own, with QEMU guests that are processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from rig.waiting import wait_for

# libvirt has no session for root: as root all of this is nobody's.
NOBODY = 65534 if os.geteuid() == 0 else None


def give_away(folder: Path) -> None:
    """The folder and what is in it belongs to whom libvirt runs as."""
    if NOBODY is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


class Hypervisor:
    """A libvirtd of its own (`qemu:///session` of folders of its own)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            # Nobody who asks one that has ended may start another, which outlives the test.
            "LIBVIRT_AUTOSTART": "0",
        }
        config = folder / "config" / "libvirt"
        config.mkdir(parents=True)
        (config / "qemu.conf").write_text(
            'security_driver = "none"\nstdio_handler = "file"\nnamespaces = [ ]\ncgroup_controllers = [ ]\n'
            "seccomp_sandbox = 0\n"
        )
        give_away(folder)
        self.daemon = self.started()

    def started(self) -> subprocess.Popen[bytes]:
        """Its daemon, begun anew."""
        return subprocess.Popen(
            ["libvirtd"],
            env={**os.environ, **self.environment},
            user=NOBODY,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "libvirtd.log").open("ab"),
        )

    def wait(self) -> None:
        wait_for("libvirtd to answer", lambda: self.virsh("list").returncode == 0, within_s=120)

    def virsh(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["virsh", "-q", "-c", "qemu:///session", *words],
            env={**os.environ, **self.environment},
            user=NOBODY,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def processes(self, name: str) -> list[int]:
        found = subprocess.run(["pgrep", "-f", f"guest={name},"], capture_output=True, text=True, check=False)
        return [int(word) for word in found.stdout.split()]

    def end(self) -> None:
        self.daemon.send_signal(signal.SIGCONT)
        for name in self.virsh("list", "--name").stdout.split():
            self.virsh("destroy", name)
        self.daemon.kill()
        self.daemon.wait(60)

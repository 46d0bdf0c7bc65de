"""The server of a copy: qemu-nbd, which lets nobody in but the hosts of this cluster.

*directsync*: a write is answered when it is on the disk. Without that, a server that dies would lose what the other
host believes to be here, for the mirror passes no flush on.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from everprint.cluster.ocf.domain_control import wait_until

_SPARE_MIB = 64
_MOST_COMMAND_LINE = 64 << 10


class CannotServe(Exception):
    """There is no copy to serve, or no room for it. Says why."""


def make_copy(disk: Path, size_mib: int) -> None:
    """An empty copy with all its room taken at once: it cannot run full later. Raises CannotServe."""
    try:
        free_mib = os.statvfs(disk.parent).f_bavail * os.statvfs(disk.parent).f_frsize >> 20
    except OSError as error:
        raise CannotServe(f"{disk.parent}: {error.strerror}") from error
    if free_mib < size_mib + _SPARE_MIB:
        raise CannotServe(f"{disk} needs {size_mib} MiB, and {disk.parent} has {free_mib} MiB")
    new = disk.with_name(f"{disk.name}.new")
    _run(["qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=falloc", str(new), f"{size_mib}M"], 600)
    new.replace(disk)


def size_of(disk: Path) -> int:
    """Of the disk that the guest sees, in octets. Raises CannotServe."""
    said = json.loads(_run(["qemu-img", "info", "--force-share", "--output=json", str(disk)], 30))
    return int(said["virtual-size"])


def serve(state: Path, vm: str, disk: Path, address: str, port: int, certificates: str) -> None:
    """Begins; it serves when this returns. Raises CannotServe."""
    credentials = f"tls-creds-x509,id=hosts,endpoint=server,dir={certificates},verify-peer=on"
    argv = ["qemu-nbd", "--fork", "--persistent", "--shared=8", f"--pid-file={_pid_file(state, vm)}"]
    argv += ["--object", credentials, "--tls-creds=hosts", f"--bind={address}", f"--port={port}"]
    _run([*argv, "--format=qcow2", "--cache=directsync", f"--export-name={vm}", str(disk)], 30)


def process_of(state: Path, vm: str) -> int | None:
    """The server's process, if it runs."""
    with suppress(OSError, ValueError):
        process = int(_pid_file(state, vm).read_text("utf-8"))
        with Path(f"/proc/{process}/cmdline").open("rb") as stream:
            words = stream.read(_MOST_COMMAND_LINE).split(b"\0")
        if f"--export-name={vm}".encode() in words:
            return process
    return None


def end(state: Path, vm: str, until: float) -> bool:
    """Ends the server. True if none is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        process = process_of(state, vm)
        if process is None:
            return True
        with suppress(ProcessLookupError):
            os.kill(process, number)
        if wait_until(lambda: process_of(state, vm) is None, min(until, time.monotonic() + 3), every_s=0.05):
            return True
    return wait_until(lambda: process_of(state, vm) is None, until)


def _pid_file(state: Path, vm: str) -> Path:
    return state / f"everprint-mirror-{vm}.pid"


def _run(argv: list[str], within_s: float) -> str:
    try:
        ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=within_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotServe(f"{argv[0]}: {error}") from error
    if ended.returncode != 0:
        raise CannotServe(f"{argv[0]}: {ended.stderr.decode('utf-8', 'replace').strip()}")
    return ended.stdout.decode("utf-8", "replace")

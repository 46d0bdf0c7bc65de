"""The first process of the lab's namespaces. It does nothing but wait for others' ends; when it ends, all of them do.

Started as `python -m everprint.cluster.lab.anchor FOLDER`, by which it is found again, whoever started it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from everprint.cluster.lab.errors import LabError

_MODULE = "everprint.cluster.lab.anchor"
_PATIENCE_S = 30.0
NAMESPACES = ("--mount", "--pid", "--net", "--ipc", "--uts")


def start_anchor(folder: Path) -> int:
    """Starts it and returns its process number on this machine. Raises LabError."""
    argv = ["unshare", *NAMESPACES, "--fork", "--kill-child", "--mount-proc", "--propagation=private"]
    with (folder / "anchor.log").open("wb") as log:
        # In a session of its own: it outlives the terminal, and Ctrl-C there.
        process = subprocess.Popen(
            [*argv, sys.executable, "-m", _MODULE, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if (found := find_anchor(folder)) is not None:
            return found
        if process.poll() is not None:
            said = (folder / "anchor.log").read_text("utf-8", "replace").strip()
            raise LabError(
                f"the lab's namespaces cannot be made: {said or f'unshare ended with {process.returncode}'}"
            )
        time.sleep(0.05)
    raise LabError(f"the lab's first process did not come up within {_PATIENCE_S:g} s")


def find_anchor(folder: Path) -> int | None:
    """The number of the running anchor of that folder, if there is one."""
    wanted = [os.fsencode(part) for part in ("-m", _MODULE, str(folder))]
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")[:-1]
            if words[-3:] == wanted and _is_first(process):
                return int(process.name)
        except OSError:
            continue  # it ended meanwhile
    return None


def stop_anchor(folder: Path) -> None:
    """Ends it and everything in its namespaces, and waits until they are gone. Raises LabError."""
    deadline = time.monotonic() + _PATIENCE_S
    while (found := find_anchor(folder)) is not None:
        if time.monotonic() > deadline:
            raise LabError(f"process {found} does not end; look at it with ps")
        try:
            os.kill(found, signal.SIGKILL)
        except ProcessLookupError:
            break
        time.sleep(0.05)


def _is_first(process: Path) -> bool:
    for line in (process / "status").read_text("utf-8").splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == "1"
    return False


def _wait_for_others() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigtimedwait({signal.SIGCHLD}, 60.0)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass


if __name__ == "__main__":
    _wait_for_others()

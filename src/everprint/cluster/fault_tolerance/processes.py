"""QEMU and what keeps watch over it, as processes that outlive the agent's action which started them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_MOST_COMMAND_LINE = 64 << 10
_MOST_WORDS = 500
_END_WITHIN_S = 10.0


class NoStart(Exception):
    """The program ended at once, or is not there. Says what it said."""


def start(argv: Sequence[str], messages: Path, ready: Path, within_s: float) -> None:
    """Starts it and waits until it has made that file. Raises NoStart."""
    ready.unlink(missing_ok=True)
    messages.parent.mkdir(parents=True, exist_ok=True)
    with messages.open("wb") as log:
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
            )
        except OSError as error:
            raise NoStart(f"{argv[0]}: {error.strerror}") from error
    deadline = time.monotonic() + within_s
    while not ready.exists():
        if process.poll() is not None:
            said = " ".join(messages.read_text("utf-8", "replace")[-_MOST_WORDS:].split())
            raise NoStart(f"{argv[0]} ended at once: {said or f'with {process.returncode}, without a word'}")
        if time.monotonic() > deadline:
            process.kill()
            raise NoStart(f"{argv[0]} did not get ready within {within_s:.0f} s")
        time.sleep(0.05)


def running(*words: str) -> list[int]:
    """The processes with all these words on their command lines."""
    wanted = {os.fsencode(word) for word in words}
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            with suppress(OSError), (entry / "cmdline").open("rb") as stream:
                if wanted <= set(stream.read(_MOST_COMMAND_LINE).split(b"\0")):
                    found.append(int(entry.name))
    return found


def kill(*words: str) -> bool:
    """Ends them at once, each with what it has started itself. True if none is left."""
    deadline = time.monotonic() + _END_WITHIN_S
    while processes := running(*words):
        for process in processes:
            with suppress(ProcessLookupError):
                # What was started by `start` leads a group of its own; who called us is in none of these.
                leads = os.getpgid(process) == process
                (os.killpg if leads else os.kill)(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

"""Domains as `virsh` tells of them, and as the processes of the machine do when libvirt itself is in trouble.

A libvirtd that hangs says nothing of the VM: QEMU goes on. So whether it runs is then asked of the kernel, and a VM
that must stop is stopped without libvirt.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path

_ANSWER_S = 5.0
_MOST_COMMAND_LINE = 64 << 10


class State(Enum):
    """What a domain does."""

    RUNNING = "running"
    PAUSED = "paused"
    CRASHED = "crashed"
    OFF = "shut off"


class NoAnswer(Exception):
    """libvirt does not answer, or refuses. Says why."""


class Silent(NoAnswer):
    """libvirt did not answer in time: what it was asked to do it may still do."""


class DomainControl:
    """One domain of one hypervisor."""

    def __init__(self, name: str, uri: str) -> None:
        self.name = name
        self._uri = uri
        self._is_silent = False

    def state(self) -> State:
        """What it does; what the processes say if libvirt does not answer."""
        try:
            return self._state_by_libvirt()
        except NoAnswer:
            return State.RUNNING if self.processes() else State.OFF

    def processes(self) -> list[int]:
        """The QEMU processes that are this domain, however they were started."""
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [number for number in numbers if self.is_process(number)]

    def is_process(self, number: int) -> bool:
        """Is that process this domain's QEMU?"""
        with suppress(OSError), Path(f"/proc/{number}/cmdline").open("rb") as stream:
            words = stream.read(_MOST_COMMAND_LINE).split(b"\0")
            return b"-name" in words[:-1] and self._is_name(words[words.index(b"-name") + 1])
        return False

    def create(self, definition: str) -> None:
        """Starts it from its XML. Raises NoAnswer."""
        self.virsh("create", definition, within_s=120)

    def shut_down(self) -> None:
        """Asks the guest to end; returns at once. Raises NoAnswer."""
        self.virsh("shutdown", self.name)

    def force_off(self, until: float) -> bool:
        """Cuts its power, by libvirt or without. True if nothing of it is left."""
        with suppress(NoAnswer):
            self.virsh("destroy", self.name, within_s=20)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self.processes():
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            if wait_until(lambda: not self.processes(), min(until, time.monotonic() + 5)):
                return True
        return wait_until(lambda: not self.processes(), until)

    def virsh(self, *words: str, within_s: float = _ANSWER_S) -> str:
        """What virsh says. Raises NoAnswer; once it was silent for its whole time, at once."""
        if self._is_silent:
            raise NoAnswer("libvirt did not answer before")
        try:
            ended = subprocess.run(
                ["virsh", "--quiet", "--connect", self._uri, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=within_s,
                check=False,
                env={**os.environ, "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired as error:
            self._is_silent = True
            raise Silent(f"libvirt did not answer within {within_s:g} s") from error
        except OSError as error:
            raise NoAnswer(str(error)) from error
        said = ended.stdout.decode("utf-8", "replace").strip()
        if ended.returncode != 0:
            complaint = ended.stderr.decode("utf-8", "replace").strip()
            raise NoAnswer(complaint or said or f"virsh ended with {ended.returncode}")
        return said

    def _state_by_libvirt(self) -> State:
        try:
            said = self.virsh("domstate", self.name, "--reason")
        except NoAnswer as error:
            if "failed to get domain" in str(error) or "no domain with matching name" in str(error):
                return State.OFF
            raise
        word, _, reason = said.partition(" (")
        match word:
            case "shut off":
                return State.OFF
            case "crashed":
                return State.CRASHED
            case "pmsuspended":
                return State.PAUSED
            case "paused":
                # The engine's own migration pauses it for a moment; that is no trouble.
                return State.RUNNING if reason.rstrip(")") == "migrating" else State.PAUSED
            case _:
                return State.RUNNING

    def _is_name(self, word: bytes) -> bool:
        return f"guest={self.name}".encode() in word.split(b",")


def wait_until(is_so: Callable[[], bool], until: float, every_s: float = 0.2) -> bool:
    """True once it is so, False when the time is over."""
    while not is_so():
        if time.monotonic() >= until:
            return False
        time.sleep(every_s)
    return True

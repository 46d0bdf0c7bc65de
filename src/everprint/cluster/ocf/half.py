"""One host's half of a fault-tolerant VM: its QEMU, and what the host remembers of it until it is restarted.

All that is so is asked anew at each call: of the processes, of the record, of QEMU. What is remembered is only what
nobody else knows: that the engine started this half, and that it is the primary.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from everprint.cluster.fault_tolerance import command_line, processes
from everprint.cluster.fault_tolerance.definition import BadDefinition, Definition, read_definition
from everprint.cluster.fault_tolerance.engine import Engine
from everprint.cluster.fault_tolerance.keeping import forget_progress
from everprint.cluster.fault_tolerance.machine import Place
from everprint.cluster.fault_tolerance.monitor import Monitor, connected
from everprint.cluster.fault_tolerance.protection import offer
from everprint.cluster.fault_tolerance.record import DISKS, Record
from everprint.cluster.ocf.agent import Call, Code, Refusal

_READY_WITHIN_S = 30.0
_CONNECT_WITHIN_S = 15.0
_LIBRARY = str(Path(__file__).parents[3])
_KEEPING = (
    "import sys; sys.path[:0] = sys.argv[1:2]; "
    "from everprint.cluster.fault_tolerance.keeping import main; main(sys.argv[2:])"
)

_Answer = TypeVar("_Answer")


class Half:
    """The half on this host."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.folder = call.state / f"everprint-ft-{call.instance}"
        self.host = call.host
        self.engine = Engine(self.definition.machine.name, self.host)

    @cached_property
    def definition(self) -> Definition:
        """The VM. Raises Refusal if it cannot be read, or this host is none of its own."""
        try:
            read = read_definition(Path(self._call.parameters["definition"]))
        except BadDefinition as error:
            raise Refusal(Code.ERR_INSTALLED, str(error)) from error
        if self.host not in read.hosts:
            # The engine looks at every host once: by the other code it would be forbidden everywhere.
            code = Code.NOT_RUNNING if self._call.is_probe else Code.ERR_CONFIGURED
            raise Refusal(code, f"{self.host or 'a host without a name'} is none of its hosts")
        return read

    # What it is.

    @property
    def is_started(self) -> bool:
        """By the engine, in whichever role."""
        return self._mark("started").exists()

    @property
    def is_primary(self) -> bool:
        """The VM runs here, or did until its QEMU ended."""
        return self._mark("primary").exists()

    @property
    def lives(self) -> bool:
        """Has it a QEMU, as primary or twin?"""
        return bool(processes.running(*self._qemu_words))

    @property
    def is_kept(self) -> bool:
        """Does the process beside the primary run?"""
        return bool(processes.running(*self._keeping_words))

    @property
    def may_be_twin(self) -> bool:
        """Has it a QEMU that does not run the VM? If the record names this host, that one is in lock-step.

        It is not asked: one that is slow to answer is a twin all the same.
        """
        return not self.is_primary and self.lives

    def place(self, disk: str) -> Place:
        """Where its QEMU is, with that disk."""
        return self.definition.place(self.host, disk, self.folder)

    def disk_is_here(self, disk: str) -> bool:
        """Can it be started from that disk?"""
        return self.place(disk).disk.exists()

    @property
    def has_run(self) -> bool:
        """Did it ever run from a disk that is here? What tells that is beside the disks, and not the cluster's."""
        return any(self._ran(disk).exists() for disk in DISKS)

    # What is done to it.

    def begin(self) -> None:
        """The engine has started it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._mark("started").touch()

    def run_alone(self, disk: str) -> None:
        """Starts the VM from the disk. Raises Refusal."""
        place = self.place(disk)
        self._start(command_line.alone(self.definition.machine, place), place)
        self.be_primary()

    def note_run(self, disk: str) -> None:
        """From now on it has run from the disk."""
        # The record decides; this only guards against a cluster that has forgotten it.
        with suppress(OSError):
            self._ran(disk).touch()

    def be_primary(self) -> None:
        """The VM runs here from now on, and people can reach it. Raises Refusal."""
        self._mark("primary").touch()
        self._run("ip", "link", "set", self.place("a").tap, "master", self.definition.bridge)

    def make_twin(self, record: Record) -> None:
        """Starts a QEMU that waits for the primary's memory, over a new disk. Raises Refusal and MonitorError."""
        here = self.place(record.other_disk)
        primary = self.definition.place(record.host, record.disk, self.folder)
        shutil.rmtree(here.memory, ignore_errors=True)
        here.memory.mkdir(parents=True)
        for path in (here.disk, here.active, here.hidden):
            path.unlink(missing_ok=True)
            self._run("qemu-img", "create", "-q", "-f", "qcow2", str(path), f"{self.definition.disk_mib}M")
        self._start(command_line.secondary(self.definition.machine, here, primary), here)
        self.ask(lambda twin: offer(twin, here))

    def keep(self, peer: str) -> None:
        """Has the twin that waits on the other host made as far; a process does it, which this does not wait for."""
        forget_progress(self.folder)
        with (self.folder / "keeping.log").open("wb") as log:
            subprocess.Popen(
                [*self._keeping_words, self.host, peer],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )

    def end_keeping(self) -> None:
        """Nothing more is done by itself."""
        processes.kill(*self._keeping_words)
        forget_progress(self.folder)

    def cut(self) -> None:
        """Ends its QEMU at once, whatever it is. Raises Refusal."""
        self.end_keeping()
        if not processes.kill(*self._qemu_words):
            raise Refusal(Code.ERR_GENERIC, "its process does not end")
        self._mark("primary").unlink(missing_ok=True)
        place = self.place("a")
        shutil.rmtree(place.memory, ignore_errors=True)
        with suppress(Refusal):
            self._run("ip", "link", "delete", place.tap)

    def forget(self) -> None:
        """It is stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, what: Callable[[Monitor], Awaitable[_Answer]]) -> _Answer:
        """Raises MonitorError."""

        async def asked() -> _Answer:
            async with connected(self.folder / "qmp", f"QEMU on {self.host}", _CONNECT_WITHIN_S) as monitor:
                return await what(monitor)

        return asyncio.run(asked())

    # What is remembered between two calls.

    def note(self, name: str, text: str) -> None:
        """Keeps a word."""
        self._mark(name).write_text(text, "utf-8")

    def noted(self, name: str) -> str:
        """The word; empty: none."""
        try:
            return self._mark(name).read_text("utf-8")
        except OSError:
            return ""

    def drop(self, name: str) -> None:
        """Forgets the word."""
        self._mark(name).unlink(missing_ok=True)

    @property
    def _qemu_words(self) -> tuple[str, str]:
        return "-qmp", f"unix:{self.folder / 'qmp'},server=on,wait=off"

    @property
    def _keeping_words(self) -> tuple[str, ...]:
        definition = self._call.parameters["definition"]
        return sys.executable, "-IB", "-c", _KEEPING, _LIBRARY, definition, str(self.folder)

    def _mark(self, name: str) -> Path:
        return self.folder / name

    def _ran(self, disk: str) -> Path:
        path = self.place(disk).disk
        return path.with_name(f"{path.name}.ran")

    def _start(self, argv: list[str], place: Place) -> None:
        with suppress(Refusal):
            self._run("ip", "link", "delete", place.tap)
        self._run("ip", "tuntap", "add", place.tap, "mode", "tap", "vnet_hdr")
        # On no bridge yet. A twin that lost its primary would answer people by itself, before anybody decided that.
        self._run("ip", "link", "set", place.tap, "up")
        self._mark("watch").unlink(missing_ok=True)
        try:
            processes.start(argv, self.folder / "messages", place.qmp, _READY_WITHIN_S)
        except processes.NoStart as error:
            raise Refusal(Code.ERR_GENERIC, f"QEMU does not start: {error}") from error

    def _run(self, *argv: str) -> None:
        try:
            ended = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refusal(Code.ERR_INSTALLED, f"{argv[0]}: {error}") from error
        if ended.returncode != 0:
            raise Refusal(Code.ERR_GENERIC, f"{' '.join(argv)}: {ended.stderr.strip()}")

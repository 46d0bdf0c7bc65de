"""The trial: a guest is protected, its host dies, its twin goes on with the same connection; then it is protected
again on the first host, which dies as the secondary. What a cluster would have to live through.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import BinaryIO

from everprint.cluster.fault_tolerance import command_line
from everprint.cluster.fault_tolerance.keeping import pauses_of
from everprint.cluster.fault_tolerance.machine import Machine, Place
from everprint.cluster.fault_tolerance.monitor import Monitor, MonitorError, connected
from everprint.cluster.fault_tolerance.protection import go_on_alone, listen, offer, protect, take_over
from everprint.cluster.fault_tolerance.self_test import guest
from everprint.cluster.fault_tolerance.self_test.client import Client, NoAnswer
from everprint.cluster.fault_tolerance.self_test.network import TAP, Namespace, Network, TrialNotPossible, network
from everprint.cluster.fault_tolerance.verdict import NotProven, installed_version, version_of

_DISK_OCTETS = 16 << 20
_FIRST_PORT = 9003
_BOOT_S = 240.0
_CHECKPOINT_MS = 500
_MOST_WORDS = 600
_STEADY = 20  # answers that are waited for between two steps


class TrialFailed(Exception):
    """This QEMU does not do it. Says at which step, and what happened."""

    def __init__(self, reason: str, qemu: str) -> None:
        super().__init__(reason)
        self.qemu = qemu
        """Which, as `verdict.version_of` says it."""


@dataclass
class Report:
    """What was measured, in seconds."""

    qemu: str
    protected_s: float = 0.0
    """From the decision to lock-step."""
    gap_s: float = 0.0
    """Of the open connection, at the take-over."""
    protected_again_s: float = 0.0
    alone_gap_s: float = 0.0
    """Of the open connection, when the secondary was lost."""
    answers: int = 0
    checkpoint_ms: list[float] = field(default_factory=list)
    """How long the guest stood still, for each checkpoint."""

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "qemu": self.qemu,
            "protected_s": round(self.protected_s, 2),
            "gap_s": round(self.gap_s, 2),
            "protected_again_s": round(self.protected_again_s, 2),
            "alone_gap_s": round(self.alone_gap_s, 2),
            "answers": self.answers,
            "checkpoints": len(self.checkpoint_ms),
            "checkpoint_median_ms": round(median(self.checkpoint_ms or [0.0]), 1),
        }


@dataclass
class _Twin:
    host: Namespace
    place: Place
    process: asyncio.subprocess.Process
    monitor: Monitor


async def try_take_over(
    image: Path,
    say: Callable[[str], None],
    *,
    qemu: tuple[str, ...] = ("qemu-system-x86_64",),
    accelerator: str = "tcg,thread=multi",
    within_s: float = 60.0,
) -> Report:
    """Tries it with the image's kernel; `within_s` is how long a step may leave the client without an answer.

    Raises TrialFailed if this QEMU does not do it, TrialNotPossible if it cannot be tried here.
    """
    for part in ("vmlinux", "initrd"):
        if not (image / part).is_file():
            raise TrialNotPossible(
                f"{image / part} is missing: build the image (everprint cluster image build), or name its folder"
            )
    if os.geteuid() != 0:
        raise TrialNotPossible("the trial makes networks of its own: run it as root")
    try:
        version = installed_version(qemu)
    except NotProven as error:
        raise TrialNotPossible(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="everprint-ft-") as name, network() as net:
        folder = Path(name)
        initrd = folder / "initrd"
        guest.make_initrd(image, initrd)
        machine = Machine(
            name="everprint-ft-trial",
            memory_mib=128,
            kernel=image / "vmlinux",
            initrd=initrd,
            append="console=ttyS0 quiet mitigations=off net.ifnames=0 random.trust_cpu=on",
            mac=guest.MAC,
            accelerator=accelerator,
            qemu=qemu,
        )
        places = [_place(host, folder) for host in net.hosts]
        async with AsyncExitStack() as stack:
            trial = _Trial(machine, net, places, say, within_s, stack)
            try:
                return await trial.run()
            except (MonitorError, NoAnswer) as error:
                said = "".join(f"; host {place.folder.name}: {_last_words(place)}" for place in places)
                raise TrialFailed(f"{trial.step}: {error}{said}", version) from None


class _Trial:
    def __init__(
        self,
        machine: Machine,
        net: Network,
        places: list[Place],
        say: Callable[[str], None],
        within_s: float,
        stack: AsyncExitStack,
    ) -> None:
        self._machine, self._net, self._places, self._say = machine, net, places, say
        self._within_s, self._stack = within_s, stack
        self.step = ""

    async def run(self) -> Report:
        first, second = self._net.hosts
        here, there = self._places
        self._begin("the guest boots")
        _make_disk(here.disk)
        primary = await self._start(first, here, command_line.alone(self._machine, here))
        await primary.monitor.do("cont")
        first.admit(is_primary=True)
        client = await self._connect()
        await self._answers(client, _BOOT_S)
        answered = await primary.monitor.do("query-version")
        report = Report(qemu=version_of(answered))

        self._begin("its protection")
        secondary, report.protected_s = await self._protect(primary, second, there)
        await self._answers(client, self._within_s)

        self._begin("the take-over by the secondary")
        before = [pause for _, pause in pauses_of(primary.monitor)]
        lost_at = await self._lose(primary)
        second.admit(is_primary=True)
        await take_over(secondary.monitor)
        await self._answers(client, self._within_s)
        report.gap_s = client.longest_gap_s(lost_at)

        self._begin("its protection on the first host again")
        first.admit(is_primary=False)
        first.join()
        new, report.protected_again_s = await self._protect(secondary, first, here)
        await self._answers(client, self._within_s)

        self._begin("going on without its secondary")
        report.checkpoint_ms = before + [pause for _, pause in pauses_of(secondary.monitor)]
        lost_at = await self._lose(new)
        await go_on_alone(secondary.monitor)
        await self._answers(client, self._within_s)
        report.alone_gap_s = client.longest_gap_s(lost_at)

        self._begin("what is on its disk")
        await secondary.monitor.do("quit")
        await secondary.process.wait()
        report.answers = len(client.answers)
        _require_all_kept(client, there, report.qemu)
        return report

    def _begin(self, step: str) -> None:
        self.step = step
        self._say(step)

    async def _answers(self, client: Client, within_s: float) -> None:
        await client.more(_STEADY, within_s)

    async def _protect(self, primary: _Twin, host: Namespace, place: Place) -> tuple[_Twin, float]:
        for path in (place.disk, place.active, place.hidden):
            path.unlink(missing_ok=True)
            _make_disk(path)
        begun = time.monotonic()
        await listen(primary.monitor, primary.place)
        argv = command_line.secondary(self._machine, place, primary.place)
        twin = await self._start(host, place, argv)
        await offer(twin.monitor, place)
        await protect(primary.monitor, place, checkpoint_delay_ms=_CHECKPOINT_MS)
        return twin, time.monotonic() - begun

    async def _lose(self, twin: _Twin) -> float:
        """Its host dies without a word."""
        twin.host.cut()
        twin.process.send_signal(signal.SIGKILL)
        lost_at = time.monotonic()
        await twin.process.wait()
        return lost_at

    async def _start(self, host: Namespace, place: Place, argv: list[str]) -> _Twin:
        place.qmp.unlink(missing_ok=True)
        # To a file: nobody reads a pipe meanwhile, and QEMU would stop at a full one.
        messages = self._stack.enter_context((place.folder / "messages").open("ab"))
        process = await self._stack.enter_async_context(_running(host.inside(argv), messages))
        monitor = await self._stack.enter_async_context(connected(place.qmp, f"QEMU on host {host.name[-1]}"))
        return _Twin(host, place, process, monitor)

    async def _connect(self) -> Client:
        argv = [sys.executable, "-m", "everprint.cluster.fault_tolerance.self_test.connection"]
        argv += [guest.ADDRESS, str(guest.PORT), str(_BOOT_S + 10 * self._within_s)]
        process = await self._stack.enter_async_context(_running(self._net.client.inside(argv)))
        client = Client(process)
        reading = asyncio.create_task(client.read())
        self._stack.callback(reading.cancel)
        return client


@asynccontextmanager
async def _running(argv: list[str], messages: BinaryIO | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdout=messages or PIPE, stderr=messages or PIPE, stdin=DEVNULL
        )
    except FileNotFoundError:
        raise TrialNotPossible(f"there is no program {argv[0]} here") from None
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _place(host: Namespace, folder: Path) -> Place:
    own = folder / host.name[-1]
    memory = own / "memory"
    memory.mkdir(parents=True)
    return Place(host.address, _FIRST_PORT, folder=own, memory=memory, tap=TAP, disk=own / "disk.qcow2")


def _last_words(place: Place) -> str:
    words = (place.folder / "messages").read_text("utf-8", errors="replace") if place.folder.exists() else ""
    return " ".join(words[-_MOST_WORDS:].split()) or "said nothing"


def _make_disk(path: Path) -> None:
    command = ["qemu-img", "create", "-q", "-f", "qcow2", str(path), str(_DISK_OCTETS)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise TrialNotPossible("there is no program qemu-img here: install qemu-utils") from None
    except subprocess.CalledProcessError as error:
        raise TrialNotPossible(f"qemu-img: {error.stderr.strip()}") from None


def _require_all_kept(client: Client, place: Place, qemu: str) -> None:
    """Raises TrialFailed if a number was answered twice or left out, or is not on the disk."""
    numbers = [number for _, number in client.answers]
    if numbers != list(range(1, len(numbers) + 1)):
        raise TrialFailed("the guest did not count on: it lost what it had answered", qemu)
    raw = place.folder / "disk.raw"
    subprocess.run(
        ["qemu-img", "convert", "-f", "qcow2", "-O", "raw", str(place.disk), str(raw)], check=True, timeout=120
    )
    if guest.last_number(raw.read_bytes()) < numbers[-1]:
        raise TrialFailed("a number that was answered is missing on the surviving disk", qemu)

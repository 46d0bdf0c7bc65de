"""Keeps the mirror of a running VM: one process beside each VM, from its start to its end.

It copies to the other host when that is there, has the cluster note that both copies are current, and when the other
one is lost has the cluster note that *before* the guest goes on alone. Until it is noted, the guest's writes wait. It
is started by the agent, and again by its monitor should it end; between any two of its steps it may be killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TextIO

from everprint.cluster.ocf.domain_control import DomainControl, NoAnswer
from everprint.cluster.ocf.mirror.heartbeat import Heartbeat, NoTarget, Target
from everprint.cluster.ocf.mirror.places import AUTHORITY, CERTIFICATES, KEYS, lock_of, record_of, status_of
from everprint.cluster.ocf.mirror.qemu import CopyPlace, JobEvents, MirroredDisk
from everprint.cluster.ocf.mirror.record import note, utc_now
from everprint.cluster.ocf.mirror.shared import NoWord, SharedTruth
from everprint.cluster.ocf.mirror.truth import Damaged, Truth, alone, as_source, in_sync, may_declare

_TICK_S = 0.25
_LOOK_EVERY_S = 2.0
_AGAIN_S = 0.5
_CONNECT_S = 5.0
_ASKED_S = 1.0


class Phase(Enum):
    """What the mirror is doing."""

    ALONE = "alone"
    """Writes go here only; the other copy counts no more."""
    COPYING = "copying"
    """The other copy gets everything; it does not count yet."""
    IN_SYNC = "in-sync"
    DECLARING = "declaring"
    """The other copy is lost, and the cluster does not know it yet: the guest's writes wait."""


@dataclass(frozen=True, slots=True)
class KeptMirror:
    """Which VM, between which hosts."""

    vm: str
    hypervisor: str
    disk: str
    host: str
    """This one."""
    place: CopyPlace
    lost_after_s: float
    state: Path

    @classmethod
    def read(cls, text: str) -> KeptMirror:
        """From the words of the command line."""
        found = json.loads(text)
        place = CopyPlace(**found.pop("place"))
        return cls(**{**found, "state": Path(found["state"])}, place=place)

    def written(self) -> str:
        """For the command line."""
        place = {name: getattr(self.place, name) for name in CopyPlace.__slots__}
        own = {name: getattr(self, name) for name in ("vm", "hypervisor", "disk", "host", "lost_after_s")}
        return json.dumps({**own, "state": str(self.state), "place": place})


class Keeper:
    """The process's whole life."""

    def __init__(self, mirror: KeptMirror, log: TextIO) -> None:
        self._mirror = mirror
        self._log = log
        self._disk = MirroredDisk(mirror.vm, mirror.hypervisor, mirror.disk)
        self._shared = SharedTruth(mirror.vm)
        self._events = JobEvents(mirror.vm, mirror.hypervisor)
        self._heart: Heartbeat | None = None
        self._phase = Phase.ALONE
        self._truth: Truth | None = None
        self._is_paused = False
        self._next_look = 0.0
        self._cause = self._reason = ""
        self._is_noted = True

    def run(self) -> None:
        """Until the VM ends."""
        try:
            self._take_up()
            while self._disk.runs():
                if not self._events.are_heard():
                    self._events.end()
                    self._events = JobEvents(self._mirror.vm, self._mirror.hypervisor)
                    self._next_look = 0.0
                self._step()
        finally:
            self._events.end()
            if self._heart:
                self._heart.end()

    def _take_up(self) -> None:
        """What is so already: another keeper may have been here."""
        while self._truth is None and self._disk.runs():
            try:
                self._truth = self._shared.read()
                said = "it knows nothing of this mirror"
            except (NoWord, Damaged) as error:
                said = str(error)
            if self._truth is None:
                if self._phase is not Phase.DECLARING:
                    self._enter(Phase.DECLARING)
                self._tell_cause(f"the cluster does not say which copies are good: {said}")
                time.sleep(_AGAIN_S)
        if self._truth and self._mirror.place.host in self._truth.current:
            self._heart = self._listening()
            self._enter(Phase.IN_SYNC)
        elif self._job_is_there():
            self._heart = self._listening()
            self._enter(Phase.COPYING)
        else:
            self._enter(Phase.ALONE)

    def _step(self) -> None:
        told = self._events.wait(_TICK_S)
        match self._phase:
            case Phase.ALONE:
                if self._is_time():
                    self._begin()
            case Phase.COPYING:
                self._copy(told=told)
            case _:
                self._guard(told=told)

    def _begin(self) -> None:
        """Is the other host there again? Then it gets everything."""
        mirror = self._mirror
        try:
            self._connect().close()
            self._let_qemu_read_certificates()
            self._events.forget()
            self._disk.begin(mirror.place)
        except (NoTarget, NoAnswer, OSError) as error:
            self._tell_cause(str(error))
            return
        self._heart = self._listening()
        self._enter(Phase.COPYING)

    def _copy(self, *, told: bool) -> None:
        if self._heart is None or self._heart.is_lost():
            self._give_up(f"{self._mirror.place.host} was lost while it was copied to: {self._complaint()}")
            return
        if not told and not self._is_time():
            return
        try:
            job = self._disk.job()
        except NoAnswer as error:
            self._tell_cause(str(error))
            return
        if job is None or job.is_failing:
            self._give_up(f"{self._mirror.place.host} does not take the copy: its disk may be full or damaged")
        elif job.is_ready and self._truth:
            self._is_noted = False
            self._note_in_sync()
            self._enter(Phase.IN_SYNC)
        else:
            self._show(job.done_octets, job.all_octets)

    def _note_in_sync(self) -> None:
        """Every write is in both now, and the cluster may know it. Tried until it is clear that it does."""
        try:
            known = self._word()
            if known and self._mirror.place.host not in known.current:
                known = in_sync(self._mirror.host, self._mirror.place.host, known, utc_now())
                self._shared.note(known)
                with suppress(NoWord):
                    self._shared.let_start_at(self._mirror.place.host)
        except (NoWord, Damaged) as error:
            self._tell_cause(f"the cluster does not know that both are in sync: {error}")
            return
        if known:
            self._truth, self._is_noted = known, True
            self._note_here(known)

    def _word(self) -> Truth | None:
        """The cluster's, if this host may change it. Raises NoWord, Damaged."""
        known = self._shared.read()
        if not may_declare(self._mirror.host, known):
            raise NoWord("it holds another copy for good: this VM must not go on here")
        return known

    def _guard(self, *, told: bool) -> None:
        """In sync: is everything still so? If not, that is noted first, and only then the guest goes on."""
        if self._is_paused:
            self._declare()
            return
        if told or self._is_time():
            try:
                job = self._disk.job()
            except NoAnswer as error:
                self._tell_cause(str(error))
                return
            if job is None or job.is_failing:
                self._enter(Phase.DECLARING, f"{self._mirror.place.host}'s disk did not take a write")
                if job is None:
                    # QEMU has acknowledged the write that failed: no further one until that is noted.
                    self._stand_still()
                self._declare()
                return
            if not self._is_noted:
                self._note_in_sync()
        if self._heart is not None and self._heart.is_lost():
            if self._phase is not Phase.DECLARING:
                self._enter(Phase.DECLARING, f"{self._mirror.place.host} does not answer: {self._complaint()}")
            self._declare()
        elif self._phase is Phase.DECLARING:
            self._enter(Phase.IN_SYNC)  # it answers again, and nothing was acknowledged meanwhile

    def _declare(self) -> None:
        """One try to have it noted; the next step tries again, unless the other host is there again."""
        self._is_noted = False
        try:
            # What the cluster says now, not what it said to us: an earlier try may have gone through.
            known = self._word() or self._truth
            if known is None or known.current != (self._mirror.host,):
                known = alone(self._mirror.host, known, utc_now())
                self._shared.note(known)
        except (NoWord, Damaged) as error:
            self._tell_cause(f"{self._reason}. The guest's writes wait: {error}")
            return
        self._truth = known
        self._note_here(known)
        self._give_up(self._reason)

    def _give_up(self, cause: str) -> None:
        """Ends the mirror. Called only when the cluster knows that the other copy does not count."""
        while self._disk.runs():
            try:
                self._disk.release()
                if self._is_paused:
                    self._disk.go_on()
                break
            except NoAnswer as error:
                self._tell_cause(f"{cause}. The guest's writes wait: {error}")
                time.sleep(_AGAIN_S)
        self._is_paused = False
        if self._heart:
            self._heart.end()
            self._heart = None
        self._enter(Phase.ALONE, cause)

    def _stand_still(self) -> None:
        if not self._is_paused:
            self._is_paused = True
            self._show()
            with suppress(NoAnswer):
                self._disk.pause()

    def _note_here(self, truth: Truth) -> None:
        try:
            note(record_of(self._mirror.disk), as_source(truth))
        except OSError as error:
            # The cluster's word decides; the record only guards against a cluster that has forgotten.
            self._say(f"the record beside the disk cannot be written: {error}")

    def _job_is_there(self) -> bool:
        with suppress(NoAnswer):
            return self._disk.job() is not None
        return False

    def _connect(self) -> Target:
        place, mirror = self._mirror.place, self._mirror
        within_s = min(_CONNECT_S, mirror.lost_after_s)
        certificates = Path(place.certificates)
        return Target(place.address, place.port, place.host, place.export, certificates, within_s)

    def _listening(self) -> Heartbeat:
        return Heartbeat(self._connect, self._mirror.lost_after_s)

    def _let_qemu_read_certificates(self) -> None:
        """QEMU is not root; its group may read the keys."""
        folder = Path(self._mirror.place.certificates)
        if os.geteuid() == 0:
            for process in DomainControl(self._mirror.vm, self._mirror.hypervisor).processes():
                group = Path(f"/proc/{process}").stat().st_gid
                for name in (AUTHORITY, *CERTIFICATES, *KEYS):
                    os.chown(folder / name, -1, group)
                    (folder / name).chmod(0o640)

    def _is_time(self) -> bool:
        if time.monotonic() < self._next_look:
            return False
        self._next_look = time.monotonic() + _LOOK_EVERY_S
        return True

    def _complaint(self) -> str:
        return (self._heart.complaint if self._heart else "") or "no answer in time"

    def _enter(self, phase: Phase, cause: str = "") -> None:
        self._phase, self._cause, self._reason = phase, cause, cause
        self._next_look = 0.0
        self._show()
        self._say(f"{phase.value}{': ' if cause else ''}{cause}")

    def _tell_cause(self, cause: str) -> None:
        if cause != self._cause:
            self._cause = cause
            self._show()
            self._say(cause)

    def _say(self, text: str) -> None:
        print(f"{utc_now()} {self._mirror.vm}: {text}", file=self._log, flush=True)

    def _show(self, done: int = 0, of: int = 0) -> None:
        status: dict[str, object] = {
            "host": self._mirror.host,
            "peer": self._mirror.place.host,
            "phase": self._phase.value,
            "cause": self._cause,
            "paused": self._is_paused,
            "at": utc_now(),
            "done_octets": done,
            "all_octets": of,
        }
        path = status_of(self._mirror.state, self._mirror.vm)
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(status) + "\n", "utf-8")
        new.replace(path)


def status_here(state: Path, vm: str) -> Mapping[str, object]:
    """What the keeper told last; empty if it told nothing."""
    try:
        found = json.loads(status_of(state, vm).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def process_of(state: Path, vm: str) -> int | None:
    """The keeper's process, if one runs: who holds the lock."""
    try:
        with lock_of(state, vm).open("r", encoding="utf-8") as stream:
            try:
                # Shared: another one who asks just now must not look like a keeper.
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(stream.read() or 0) or None
    except FileNotFoundError:
        return None
    return None


def end(state: Path, vm: str) -> None:
    """Ends the keeper, if one runs, and waits until it has."""
    deadline = time.monotonic() + 10
    while (process := process_of(state, vm)) and time.monotonic() < deadline:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)  # with who listens for it
        time.sleep(0.05)
    status_of(state, vm).unlink(missing_ok=True)


def main() -> None:
    """The program: `python3 -c ... MIRROR`."""
    mirror = KeptMirror.read(sys.argv[1])
    lock = os.open(lock_of(mirror.state, mirror.vm), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if not _is_locked(lock):
        return
    os.pwrite(lock, f"{os.getpid():<10}\n".encode(), 0)  # in one go: nobody reads half of it
    Keeper(mirror, sys.stderr).run()


def _is_locked(lock: int) -> bool:
    """False if another keeper has it. Who only asks for a keeper has it for a moment."""
    deadline = time.monotonic() + _ASKED_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True

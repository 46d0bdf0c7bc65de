"""One process of a real part: started, waited for until it answers, and stopped with all that it started.

Invariant: it never outlives us. It is asked to stop on leaving the context, its whole process tree is killed if it
does not, and the kernel kills it when the thread that started it dies (PR_SET_PDEATHSIG goes by thread: start parts
from the main one).
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from rig.process_tree import Member, descendants, read_member


class StartFailed(Exception):
    """A part that ended, or did not answer in time; the text holds the end of its log."""


def part_environment(added: Mapping[str, str]) -> dict[str, str]:
    """Our environment and what is added; Python parts may keep their bytecode, as installed ones do."""
    environment = {**os.environ, **added}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


class Process:
    """A part's process; use it as a context manager, or call start and stop."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        ready_within_s: float = 90.0,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        folder: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_within_s: float = 30.0,
    ) -> None:
        """`environment` is added to ours; `user` needs root; `folder` is where it works (default: beside its log)."""
        self.argv = [str(argument) for argument in argv]
        self.log = log
        self._ready = ready
        self._ready_within_s = ready_within_s
        self._environment = dict(environment or {})
        self._user = user
        self._folder = folder or log.parent
        self._stop_signal = stop_signal
        self._stop_within_s = stop_within_s
        self._child: subprocess.Popen[bytes] | None = None
        # Where it is started, and asked whether it is ready: on another machine of rig.network, if so set.
        self.inside: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._child is not None, f"{self.name} was never started"
        return self._child.pid

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return Path(self.argv[0]).name

    def is_running(self) -> bool:
        """True between its start and its end."""
        return self._child is not None and self._child.poll() is None

    def start(self, ready: Callable[[], bool] | None = None) -> Self:
        """Starts it and waits until it answers, or until that `ready` says so.

        Raises StartFailed, with nothing left running.
        """
        assert not self.is_running(), f"{self.name} is running already"
        with self.inside():
            self._start(ready or self._ready)
        return self

    def _start(self, ready: Callable[[], bool]) -> None:
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*self._keeper(), *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=part_environment(self._environment),
                start_new_session=True,
            )
        try:
            self._wait_until(ready, time.monotonic() + self._ready_within_s)
        except BaseException:
            self.stop()
            raise

    def is_ready(self) -> bool:
        """True if it runs and answers."""
        with self.inside():
            return self.is_running() and self._ready()

    def _wait_until(self, ready: Callable[[], bool], deadline: float) -> None:
        while not ready():
            if not self.is_running():
                raise StartFailed(f"{self.name} ended.\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} did not answer within {self._ready_within_s:g} s.\n{self.log_tail()}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends it and everything it started; does nothing if it has ended already."""
        if self._child is None:
            return
        family = self.descendants()
        if self.is_running():
            self._child.send_signal(self._stop_signal)
            try:
                self._child.wait(self._stop_within_s)
            except subprocess.TimeoutExpired:
                family = [*family, *self.descendants()]
                self._child.kill()
                self._child.wait()
        for member in family:
            member.kill()

    def kill(self, number: signal.Signals = signal.SIGKILL, *, with_orphans: bool = True) -> None:
        """Sends a signal to this process alone; a deadly one is waited for, and its orphans are ended too, unless
        they are to outlive it: then who asks for that sees to their end.
        """
        assert self._child is not None, f"{self.name} was never started"
        family = self.descendants() if number is signal.SIGKILL and with_orphans else []
        self._child.send_signal(number)
        if number is signal.SIGKILL:
            self._child.wait()
            for member in family:
                member.kill()

    def strike(self) -> None:
        """Ends it and all below it this moment, from any thread; kill() must follow, or stop()."""
        for member in (read_member(self.pid), *self.descendants()):
            if member is not None:
                member.kill()

    def descendants(self) -> list[Member]:
        """All processes below it, at this moment."""
        return descendants(self.pid) if self._child is not None else []

    def log_tail(self, lines: int = 40) -> str:
        """The end of what it wrote."""
        written = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return "\n".join([f"Its log ({self.log}) ends:", *written.splitlines()[-lines:]])

    def _keeper(self) -> list[str]:
        """The command that drops root where asked and ties the process to our life."""
        keeper = ["setpriv", "--pdeathsig", "KILL"]
        if self._user is not None:
            group = pwd.getpwnam(self._user).pw_gid
            keeper += ["--reuid", self._user, "--regid", str(group), "--init-groups"]
        return [*keeper, "--"]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

"""A platform by libvirt's connection URI, spoken to by `virsh`: one short program a question, within a time.

Nothing is asked of a person: a user name and password come from libvirt's own file (auth.conf).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everprint.cluster.hosts.port import Answer
from everprint.cluster.hosts.program import ProgramHangs, ProgramMissing, run_program

_NOT_SUPPORTED = "this function is not supported by the connection driver"
_MARK = "everprint-vm:"
_QUESTION_S = 30.0
_ACTION_S = 180.0


class HypervisorTrouble(Exception):
    """The platform does not answer, or refuses. Says what it said and what to do."""


@dataclass(frozen=True, slots=True)
class DomainState:
    """What a VM does, in libvirt's words."""

    word: str
    """*running*, *paused*, *shut off*, *crashed*, ...; *unknown*: the platform has none of that name."""
    reason: str


class Connection:
    """One platform."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def states(self, names: Sequence[str]) -> dict[str, DomainState]:
        """What each of these VMs does; all in one question. Raises HypervisorTrouble."""
        asked = "; ".join(f"echo {_MARK}{name}; domstate --reason {name}" for name in names)
        answer = self._virsh("--readonly", asked or "version")
        found: dict[str, DomainState] = {}
        name = ""
        for line in answer.output.splitlines():
            if line.startswith(_MARK):
                name = line.removeprefix(_MARK).strip()
            elif line.strip() and name:
                word, _, reason = line.strip().partition(" (")
                found.setdefault(name, DomainState(word, reason.rstrip(")")))
        if not found and not answer.is_well and "failed to get domain" not in answer.errors:
            raise HypervisorTrouble(_explained(self.uri, answer))
        return {name: found.get(name, DomainState("unknown", "it has no VM of that name")) for name in names}

    def start(self, name: str) -> DomainState:
        """Starts it, and says what it does then. Raises HypervisorTrouble."""
        return self._act(name, f"start {name}")

    def stop(self, name: str, *, by_force: bool) -> DomainState:
        """Asks the guest to shut down, or cuts its power. Raises HypervisorTrouble."""
        return self._act(name, f"destroy {name}" if by_force else f"shutdown {name}")

    def lacks(self, command: str) -> bool:
        """Has the platform's driver no word for this question? What it answers else does not matter."""
        answer = self._virsh("--readonly", command)
        return _NOT_SUPPORTED in answer.errors

    def take_screen(self, name: str, file: str) -> None:
        """Writes a picture of its screen. Raises HypervisorTrouble."""
        answer = self._virsh("--quiet", "screenshot", name, file)
        if not answer.is_well:
            raise HypervisorTrouble(_explained(self.uri, answer))

    def console_command(self, name: str) -> list[str]:
        """What joins a terminal to its console."""
        return ["virsh", "--connect", self.uri, "console", name]

    def _act(self, name: str, command: str) -> DomainState:
        # In one process: the state is that of after the command.
        answer = self._virsh(f"{command}; echo {_MARK}; domstate --reason {name}", within_s=_ACTION_S)
        if answer.errors.strip():
            raise HypervisorTrouble(_explained(self.uri, answer))
        word, _, reason = answer.output.rpartition(_MARK)[2].strip().partition(" (")
        return DomainState(word, reason.rstrip(")"))

    def _virsh(self, *words: str, within_s: float = _QUESTION_S) -> Answer:
        try:
            return run_program(["virsh", "--connect", self.uri, *words], timeout_s=within_s)
        except ProgramMissing as error:
            raise HypervisorTrouble(f"{error}: install libvirt-clients") from error
        except ProgramHangs as error:
            raise HypervisorTrouble(f"{self.uri} does not answer: {error}") from error


def _explained(uri: str, answer: Answer) -> str:
    said = " ".join(line.removeprefix("error: ") for line in answer.errors.strip().splitlines())[:400]
    advice = ""
    if "built without" in said:
        advice = ". This machine's libvirt has no driver for it: use one that has, or the platform's own tools"
    elif "authentication failed" in said or "Enter username" in answer.output:
        advice = ". Write user and password into libvirt's auth.conf; nothing is asked here"
    elif _NOT_SUPPORTED in said:
        advice = ". Its driver cannot do that: use the platform's own tools"
    return f"{uri}: {said or answer.complaint}{advice}"

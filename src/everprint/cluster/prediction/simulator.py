"""Runs `crm_simulate` (package pacemaker-cli-utils): offline, on text, starting and stopping nothing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from everprint.cluster.hosts.program import ProgramHangs, ProgramMissing, run_program

_PATIENCE_S = 60.0


class CannotPredict(Exception):
    """The simulator is not there or did not take the configuration. Says what to do."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to the cluster."""

    options: tuple[str, ...]
    """In the simulator's words (crm_simulate(8))."""

    @classmethod
    def joins(cls, host: str) -> Event:
        return cls((f"--node-up={host}",))

    @classmethod
    def fails(cls, host: str) -> Event:
        """It is not heard any more."""
        return cls((f"--node-fail={host}",))

    @classmethod
    def leaves(cls, host: str) -> Event:
        """It is shut down in order."""
        return cls((f"--node-down={host}",))

    @classmethod
    def monitor_fails(cls, resource: str, host: str, interval_ms: int) -> Event:
        """The engine's look at a resource finds it down (OCF_NOT_RUNNING)."""
        return cls((f"--op-inject={resource}_monitor_{interval_ms}@{host}=7",))

    @classmethod
    def start_fails(cls, resource: str, host: str) -> Event:
        return cls((f"--op-fail={resource}_start_0@{host}=1",))

    @classmethod
    def quorum_lost(cls) -> Event:
        return cls(("--quorum=false",))

    @classmethod
    def ticket_granted(cls, ticket: str) -> Event:
        return cls((f"--ticket-grant={ticket}",))

    @classmethod
    def ticket_revoked(cls, ticket: str) -> Event:
        return cls((f"--ticket-revoke={ticket}",))

    @classmethod
    def nothing(cls) -> Event:
        """Only what is due anyway."""
        return cls(())


@dataclass(frozen=True, slots=True)
class Action:
    """What the engine would do: to a resource, or to a host."""

    what: str
    """*start*, *stop*, *move*, *migrate*, *recover*, ...; *fence* for a host."""
    subject: str
    source: str
    target: str
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """What would happen, and how it would stand then."""

    actions: tuple[Action, ...]
    placed: dict[str, str]
    """Resource to host, for those that run."""
    stopped: tuple[str, ...]
    """Resources that run nowhere that is known."""
    failed: tuple[str, ...]
    """Resources whose last start or monitor failed, wherever they are."""
    online: tuple[str, ...]
    cib: str
    """The configuration and status afterwards, for the next event."""

    @property
    def fenced(self) -> tuple[str, ...]:
        return tuple(action.subject for action in self.actions if action.what == "fence")


def simulate(cib: str, *events: Event) -> Prediction:
    """What the engine would do about the events, all at once. Raises CannotPredict."""
    with tempfile.TemporaryDirectory(prefix="everprint-") as folder:
        before, after = Path(folder, "before.xml"), Path(folder, "after.xml")
        before.write_text(cib, "utf-8")
        options = [option for event in events for option in event.options]
        argv = [
            "crm_simulate",
            "--output-as=xml",
            "--simulate",
            f"--xml-file={before}",
            f"--save-output={after}",
            *options,
        ]
        try:
            answer = run_program(argv, timeout_s=_PATIENCE_S)
        except ProgramMissing as error:
            raise CannotPredict(f"{error}: install the package pacemaker-cli-utils") from error
        except ProgramHangs as error:
            raise CannotPredict(str(error)) from error
        # It also ends with an error when all that is due is blocked, as without a majority: then it has said so.
        if not after.exists() or "<revised_cluster_status>" not in answer.output:
            raise CannotPredict(f"crm_simulate refused the configuration: {answer.complaint}")
        return _read(answer.output, after.read_text("utf-8"))


def all_hosts_up(cib: str, hosts: tuple[str, ...]) -> Prediction:
    """The cluster after its first start, with a majority."""
    return simulate(cib, *(Event.joins(host) for host in hosts), Event(("--quorum=true",)))


def _read(report: str, after: str) -> Prediction:
    try:
        root = ET.fromstring(report)  # noqa: S314 (of the engine's own program on this machine)
    except ET.ParseError as error:
        raise CannotPredict(f"crm_simulate said what is no XML: {error}") from error
    status = root.find("revised_cluster_status")
    if status is None:
        raise CannotPredict("crm_simulate did not say how it would stand afterwards")
    online = tuple(node.get("name", "") for node in status.iterfind("nodes/node") if node.get("online") == "true")
    placed: dict[str, str] = {}
    stopped: list[str] = []
    for resource in status.iterfind("resources//resource"):
        on = [node.get("name", "") for node in resource.iterfind("node")]
        # The engine names a lost host for as long as it was not fenced; whether anything runs there nobody knows.
        if on and on[0] in online:
            placed[resource.get("id", "")] = on[0]
        else:
            stopped.append(resource.get("id", ""))
    failed = tuple(
        resource.get("id", "")
        for resource in status.iterfind("resources//resource")
        if resource.get("failed") == "true"
    )
    actions = tuple(map(_action, root.iterfind("actions/*")))
    return Prediction(actions, placed, tuple(stopped), failed, online, after)


def _action(found: ET.Element) -> Action:
    if found.tag == "node_action":
        what = "fence" if found.get("task", "").startswith("Fence") else found.get("task", "").lower()
        return Action(what, found.get("node", ""), "", "", is_blocked=False)
    return Action(
        what=found.get("action", "").lower(),
        subject=found.get("resource", ""),
        source=found.get("source", ""),
        target=found.get("dest", "") or found.get("node", ""),
        is_blocked=found.get("blocked") == "true",
    )

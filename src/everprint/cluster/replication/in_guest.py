"""Runs a program in a VM, by the agent in it (QEMU Guest Agent Protocol, guest-exec)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence

from everprint.cluster.hosts.port import Hosts
from everprint.cluster.replication.errors import ReplicationError

_POLL_S = 0.3
_ANSWER_S = "20"  # less than a host has for its answer


def agent_answers(hosts: Hosts, host: str, domain: str) -> bool:
    """Does the guest's agent answer? Raises HostUnreachable."""
    return hosts.run(host, _command(domain, "guest-ping")).is_well


def run_in_guest(hosts: Hosts, host: str, domain: str, argv: Sequence[str], within_s: float) -> str:
    """What it printed. Raises ReplicationError if it failed or did not end in time, or HostUnreachable."""
    arguments: dict[str, object] = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
    until = time.monotonic() + within_s
    _wait_for_agent(hosts, host, domain, until)
    begun = _asked(hosts, host, domain, "guest-exec", arguments)
    silence = ""
    while time.monotonic() < until:
        try:
            status = _asked(hosts, host, domain, "guest-exec-status", {"pid": begun["pid"]})
        except ReplicationError as error:  # a busy guest, which is asked once more
            silence, status = f" ({error})", {"exited": False}
        if status["exited"]:
            said, complaint = (base64.b64decode(str(status.get(key, ""))) for key in ("out-data", "err-data"))
            if status.get("exitcode") != 0:
                text = (complaint or said).decode("utf-8", "replace").strip()[-300:]
                raise ReplicationError(f"{argv[0]} in {domain} fails: {text}")
            return said.decode("utf-8", "replace")
        time.sleep(_POLL_S)
    raise ReplicationError(f"{argv[0]} in {domain} did not end within {within_s:.0f} s{silence}")


def _wait_for_agent(hosts: Hosts, host: str, domain: str, until: float) -> None:
    """In a guest that has just booted, the service may answer before the agent does."""
    while not (answer := hosts.run(host, _command(domain, "guest-ping"))).is_well:
        if "agent is not responding" not in answer.complaint or time.monotonic() > until:
            raise ReplicationError(f"the agent in {domain} on {host} does not answer: {answer.complaint}")
        time.sleep(_POLL_S)


def _asked(hosts: Hosts, host: str, domain: str, command: str, arguments: dict[str, object]) -> dict[str, object]:
    answer = hosts.run(host, _command(domain, command, arguments))
    try:
        said = json.loads(answer.output)["return"] if answer.is_well else None
    except (ValueError, KeyError, TypeError):
        said = None
    if not isinstance(said, dict):
        raise ReplicationError(f"the agent in {domain} on {host} does not answer: {answer.complaint}")
    return said


def _command(domain: str, command: str, arguments: dict[str, object] | None = None) -> list[str]:
    asked = json.dumps({"execute": command, **({"arguments": arguments} if arguments else {})})
    return ["virsh", "--quiet", "qemu-agent-command", domain, asked, "--timeout", _ANSWER_S]

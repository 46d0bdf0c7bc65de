"""Modules that run at a host: sent there as text, told their order, and asked for one JSON object."""

from __future__ import annotations

import json
from importlib import resources

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.hosts.port import Answer, Hosts

TAKE = "everprint.cluster.backup.at_host.take"
BOOT = "everprint.cluster.backup.at_host.boot"


def program_text(module: str, order: dict[str, object], call: str = "main") -> str:
    """The module and the call of one function of it with the order."""
    folder, _, name = module.rpartition(".")
    source = resources.files(folder).joinpath(f"{name}.py").read_text("utf-8")
    return f"{source}\n\n{call}({json.dumps(order)!r})\n"


def run_at_host(
    hosts: Hosts, host: str, module: str, order: dict[str, object], within_s: float, call: str = "main"
) -> dict[str, object]:
    """Runs a module there, with its order. Raises BackupError or HostUnreachable."""
    program = program_text(module, order, call).encode()
    return said_by(host, hosts.run(host, ["python3", "-I", "-"], stdin=program, timeout_s=within_s))


def said_by(host: str, answer: Answer) -> dict[str, object]:
    """What such a module said. Raises BackupError."""
    try:
        said = json.loads(answer.output)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise BackupError(f"{host} broke off: {answer.complaint}")
    return said

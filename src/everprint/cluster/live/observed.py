"""What is on the hosts now. Asks only; the fewest questions that tell."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.cluster.compilation.names import DOMAINS_FOLDER
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.live.desired import AUTHKEY, HostFile, are_active
from everprint.cluster.topology.model import Topology


class HostRefuses(Exception):
    """A host does not do or tell what it was asked. Says which and what."""


@dataclass(frozen=True, slots=True)
class HostObserved:
    """One host."""

    texts: dict[str, str]
    """Path to content of those of our files that are there and not empty."""
    further_domains: tuple[str, ...]
    """Domain files of ours that the topology no longer has."""
    has_authkey: bool
    runs: bool
    """Corosync and Pacemaker are active."""
    corosync_version: str
    """Which file the running Corosync has read (*totem.config_version*); empty if none runs."""


def observe_host(topology: Topology, hosts: Hosts, name: str, files: tuple[HostFile, ...]) -> HostObserved:
    """Looks at one host. Raises HostUnreachable."""
    # One question for all files: each line comes with its file's name. A file that is missing is only complained of.
    said = hosts.run(name, ["grep", "--with-filename", "--no-messages", "", "--", *(file.path for file in files)])
    texts: dict[str, str] = {}
    for line in said.output.splitlines():
        path, _, text = line.partition(":")
        texts[path] = texts.get(path, "") + text + "\n"
    listed = hosts.run(name, ["find", DOMAINS_FOLDER, "-maxdepth", "1", "-name", "*.xml", "-o", "-name", "*.json"])
    known = {file.path for file in files}
    further = tuple(sorted(path for path in listed.output.splitlines() if path not in known))
    has_key = hosts.run(name, ["test", "-s", AUTHKEY]).is_well
    runs = hosts.run(name, are_active(topology)).is_well
    version = ""
    if runs:
        said = hosts.run(name, ["corosync-cmapctl", "-g", "totem.config_version"])
        version = said.output.rpartition("=")[2].strip()
    return HostObserved(texts, further, has_key, runs, version)


def is_there(file: HostFile, observed: HostObserved) -> bool:
    """Has the host this file with this content?"""
    return observed.texts.get(file.path) == file.text


def live_configuration(hosts: Hosts, name: str) -> str | None:
    """The cluster's configuration as this host's engine has it; None if none runs."""
    answer = hosts.run(name, ["cibadmin", "--query", "--scope", "configuration"])
    return answer.output if answer.is_well else None

"""Keeps the other site up to date: each VM at its own interval, whatever becomes of the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.backup.whereabouts import host_of
from everprint.cluster.hosts.carrying import HostsByProgram
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.sending import Route, Sent, send
from everprint.cluster.topology.model import Topology, VirtualMachine
from everprint.cluster.topology.replication import ReplicationSettings, VmReplication

Tell = Callable[[str, Sent | str], None]
"""Is told of each point that arrived, and of each that did not, with why."""


@dataclass(frozen=True, slots=True)
class Task:
    """One VM and how it is replicated."""

    vm: VirtualMachine
    how: VmReplication


def settings_of(topology: Topology) -> ReplicationSettings:
    """The table `[replication]`. Raises ReplicationError."""
    if topology.replication is None:
        raise ReplicationError(f"{topology.file} has no table [replication], which says where replicas go")
    return topology.replication


def replicate(topology: Topology, hosts: HostsByProgram, task: Task) -> Sent:
    """One point of one VM. Raises BackupError or HostUnreachable."""
    settings = settings_of(topology)
    route = Route(
        source=host_of(topology, hosts, task.vm),
        target=task.how.host,
        folder=settings.folder,
        scratch=settings.scratch,
        keep=task.how.keep,
        limit_mib_s=settings.limit_mib_s,
        compression=settings.compression,
        freezes=settings.application_consistent,
        within_s=settings.within_ms / 1000,
    )
    return send(topology, hosts, task.vm, route)


def keep_on(
    topology: Topology,
    hosts: HostsByProgram,
    tasks: Sequence[Task],
    tell: Tell,
    ended: threading.Event,
    end_within_s: float,
) -> None:
    """Replicates each VM again and again until `ended` is set; what is on its way then is waited for so long.

    A point that takes longer than the interval is followed by the next at once, never by two.
    """
    threads = [
        threading.Thread(target=_again, args=(topology, hosts, task, tell, ended), daemon=True) for task in tasks
    ]
    for thread in threads:
        thread.start()
    ended.wait()
    until = time.monotonic() + end_within_s
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))


def _again(topology: Topology, hosts: HostsByProgram, task: Task, tell: Tell, ended: threading.Event) -> None:
    due = time.monotonic()
    while not ended.wait(max(due - time.monotonic(), 0)):
        due = time.monotonic() + task.how.every_ms / 1000
        try:
            tell(task.vm.name, replicate(topology, hosts, task))
        except (BackupError, HostUnreachable) as error:
            tell(task.vm.name, str(error))
        except Exception as error:  # whatever it stumbles over: the next time is due all the same
            tell(task.vm.name, f"{type(error).__name__}: {error}")

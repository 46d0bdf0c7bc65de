"""What the point of an Application Server does not know: jobs that print servers have in their journals since then.

Print servers that outlive the site are asked by their own command (`everprint provider jobs`), and so are the
replicas of print servers once they run. What a print server did after its own newest point, and lost with its disk,
nobody can tell: that is in its RPO.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.hosts.port import Hosts, HostUnreachable
from everprint.cluster.replication.errors import ReplicationError
from everprint.cluster.replication.failover import Started
from everprint.cluster.replication.in_guest import run_in_guest
from everprint.cluster.replication.replica import must
from everprint.cluster.topology.model import Role, Topology
from everprint.cluster.topology.replication import PrintServerElsewhere, ReplicationSettings

_ASK_S = 120.0
# Who may read the journal: the service's own user.
_JOBS = (
    *("/usr/sbin/runuser", "-u", "everprint-provider", "--"),
    *("/opt/everprint/bin/everprint", "provider", "jobs", "--json"),
)


@dataclass(frozen=True, slots=True)
class YoungerJob:
    """A job that was received or ended after the moment that the books are of."""

    print_server: str
    uuid: str
    job_id: int
    user_name: str
    job_name: str
    state: str
    sheets: int | None
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LostWork:
    """What the books do not know."""

    since: datetime | None
    """The moment that the books are of; None: no Application Server was started."""
    jobs: tuple[YoungerJob, ...]
    silent: tuple[str, ...]
    """Print servers that could not be asked, each with why."""

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "jobs": [
                {
                    **asdict(job),
                    "created_at": job.created_at.isoformat(),
                    "completed_at": job.completed_at.isoformat() if job.completed_at else None,
                }
                for job in self.jobs
            ],
            "silent": list(self.silent),
        }


def lost_work(
    topology: Topology, settings: ReplicationSettings, hosts: Hosts, started: Sequence[Started]
) -> LostWork:
    """Asks every print server that is left."""
    since = _books_of(topology, started)
    if since is None:
        return LostWork(None, (), ())
    servers = list(settings.print_servers)
    roles = {vm.name: vm.role for vm in topology.vms}
    servers += [
        PrintServerElsewhere(one.vm, one.host, one.vm, 0)
        for one in started
        if roles[one.vm] is Role.PRINT_SERVER and one.point
    ]
    jobs: list[YoungerJob] = []
    silent = []
    for server in servers:
        try:
            jobs += [job for job in _jobs_of(server, hosts) if _last_moment(job) > since]
        except (BackupError, HostUnreachable) as error:
            silent.append(f"{server.name}: {error}")
    return LostWork(since, tuple(sorted(jobs, key=lambda job: job.created_at)), tuple(silent))


def _books_of(topology: Topology, started: Sequence[Started]) -> datetime | None:
    """The books are as old as the oldest of what they are in: the server, or its databases."""
    keeping = {vm.name for vm in topology.vms if vm.role in (Role.APPLICATION_SERVER, Role.DATABASE)}
    return min((_moment(one.taken) for one in started if one.vm in keeping and one.taken), default=None)


def _last_moment(job: YoungerJob) -> datetime:
    return max(job.created_at, job.completed_at or job.created_at)


def _jobs_of(server: PrintServerElsewhere, hosts: Hosts) -> list[YoungerJob]:
    if server.vm:
        text = run_in_guest(hosts, server.host, server.vm, _JOBS, _ASK_S)
    else:
        text = must(hosts, server.host, *_JOBS, within_s=_ASK_S)
    try:
        return [_job(server.name, one) for one in json.loads(text)]
    except (ValueError, KeyError, TypeError) as error:
        raise ReplicationError(f"what {server.name} says of its jobs cannot be read: {error}") from error


def _job(server: str, said: dict[str, object]) -> YoungerJob:
    completed, sheets = said.get("completed_at"), said.get("sheets")
    return YoungerJob(
        print_server=server,
        uuid=str(said["uuid"]),
        job_id=int(str(said["job_id"])),
        user_name=str(said["user_name"]),
        job_name=str(said["job_name"]),
        state=str(said["state"]),
        sheets=None if sheets is None else int(str(sheets)),
        created_at=_moment(str(said["created_at"])),
        completed_at=_moment(str(completed)) if completed else None,
    )


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

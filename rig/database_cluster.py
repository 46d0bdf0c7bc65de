"""Three machines with PostgreSQL, Patroni and etcd, set up by Everprint's own configurations.

Each machine is a network namespace, and all of its database is in a process namespace of its own: killed, it leaves
nothing running, as a machine that lost its power. There is no watchdog: a namespace must never be able to reset the
real machine. PostgreSQL refuses to run as root, so Patroni is the user postgres, who may read what root may, for the
interpreter may be in root's home.
"""

from __future__ import annotations

import json
import pwd
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from everprint.cluster.database.etcd import etcd_configuration
from everprint.cluster.database.members import ETCD_PORT, PATRONI_PORT, DatabaseCluster, Member
from everprint.cluster.database.patroni import patroni_configuration
from everprint.cluster.database.places import Places
from rig.etcd import etcd_member
from rig.folder import private_folder
from rig.network import Machine
from rig.postgresql import program
from rig.process import Process
from rig.waiting import wait_for

PASSWORD = "only-for-this-world"  # of all users of the database


@dataclass(frozen=True, slots=True)
class DatabaseMachine:
    """One of the three."""

    machine: Machine
    etcd: Process
    patroni: Process

    def kill(self) -> None:
        """It loses its power."""
        self.patroni.kill()
        self.etcd.kill()

    def start(self) -> None:
        """It is switched on again."""
        self.etcd.start(ready=self.etcd.is_running)
        self.patroni.start(ready=self.patroni.is_running)


class RunningDatabaseCluster:
    """All machines; asked by whoever is on another one of the same network."""

    def __init__(self, cluster: DatabaseCluster, machines: dict[str, DatabaseMachine], asked_from: Machine) -> None:
        self.cluster = cluster
        self.machines = machines
        self._asked_from = asked_from

    def roles(self) -> dict[str, str]:
        """What each machine says that it is: *primary*, *replica*, or nothing if it does not answer."""
        with self._asked_from.inside():
            return {name: _role(one.machine.address) for name, one in self.machines.items()}

    def primary(self, *, within_s: float = 240.0) -> str:
        """The machine that can be written to, once exactly one says so and another one is its synchronous standby."""

        def look() -> str:
            roles = self.roles()
            primaries = [name for name, role in roles.items() if role == "primary"]
            return primaries[0] if len(primaries) == 1 and self._has_synchronous_standby(primaries[0]) else ""

        return wait_for("a primary with a synchronous standby", look, within_s=within_s, every_s=0.5)

    def url(self, database: str) -> str:
        """The Application Server's setting *database*."""
        user, _, rest = self.cluster.server_url("postgres", database).partition("@")
        return f"{user}:{PASSWORD}@{rest}"

    def _has_synchronous_standby(self, primary: str) -> bool:
        with self._asked_from.inside():
            said = _said(f"http://{self.machines[primary].machine.address}:{PATRONI_PORT}/cluster")
        members = cast("list[dict[str, object]]", said.get("members", []))
        streams = ("streaming", "running")
        return any(one.get("role") == "sync_standby" and one.get("state") in streams for one in members)


@contextmanager
def run_database_cluster(
    machines: Sequence[Machine],
    asked_from: Machine,
    *,
    patroni: Path | None = None,
    own_etcd_only: bool = False,
    lost_after_s: int = 20,
) -> Iterator[RunningDatabaseCluster]:
    """A cluster on these machines for as long as the context lasts.

    `patroni` is another program than ours. `own_etcd_only`: each Patroni asks the etcd of its own machine and no
    other, as some sites have it: cut off, it goes on believing what it was told last.
    """
    members = tuple(Member(machine.name, ip_address(machine.address)) for machine in machines)
    cluster = DatabaseCluster("everprint", members, certificates="", watchdog=False, lost_after_s=lost_after_s)
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("database"))
        made: dict[str, DatabaseMachine] = {}
        for machine, member in zip(machines, members, strict=True):
            own = folder / member.name
            own.mkdir()
            shutil.chown(own, "postgres", "postgres")
            configuration = etcd_configuration(cluster, member, str(folder / f"etcd-{member.name}"))
            etcd = etcd_member(member.name, configuration, folder, f"http://{member.at(ETCD_PORT)}")
            settings = own / "patroni.json"
            settings.write_text(_settings(cluster, member, own, own_etcd_only=own_etcd_only))
            process = _patroni(patroni or Path(sys.executable).with_name("patroni"), settings, str(member.address))
            etcd.inside = process.inside = machine.inside
            made[member.name] = DatabaseMachine(machine, etcd, process)
        for one in made.values():
            stack.callback(one.etcd.stop)
            one.etcd.start(ready=one.etcd.is_running)  # none is ready before a majority runs
        for one in made.values():
            wait_for(f"{one.etcd.name} at {one.machine.name}", one.etcd.is_ready, within_s=120)
        for one in made.values():
            stack.callback(one.patroni.stop)
            one.patroni.start(ready=one.patroni.is_running)
        running = RunningDatabaseCluster(cluster, made, asked_from)
        running.primary()
        yield running


def _settings(cluster: DatabaseCluster, member: Member, folder: Path, *, own_etcd_only: bool) -> str:
    places = Places(
        data=str(folder / "data"),
        programs=str(Path(program("postgres")).parent),
        socket=str(folder),
        passfile=str(folder / "pgpass"),
    )
    settings = json.loads(patroni_configuration(cluster, member, places))
    if own_etcd_only:
        settings["etcd3"] |= {"hosts": [member.at(ETCD_PORT)], "use_proxies": True}
    return json.dumps(settings)


def _patroni(patroni: Path, settings: Path, address: str) -> Process:
    alone = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    group = pwd.getpwnam("postgres").pw_gid
    # Who changes its user forgets whose death it shall follow: said again.
    as_postgres = ["setpriv", "--pdeathsig", "KILL", "--reuid", "postgres", "--regid", str(group), "--init-groups"]
    may_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    users = ("SUPERUSER", "REPLICATION", "REWIND")
    return Process(
        [*alone, *as_postgres, *may_read, "--", patroni, settings],
        log=settings.with_name("log"),
        ready=lambda: bool(_role(address)),
        environment={f"PATRONI_{user}_PASSWORD": PASSWORD for user in users},
    )


def _role(address: str) -> str:
    role = str(_said(f"http://{address}:{PATRONI_PORT}/patroni").get("role", ""))
    return {"master": "primary"}.get(role, role)  # the word of Patroni 3


def _said(url: str) -> dict[str, object]:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return cast("dict[str, object]", json.load(answer))
    except urllib.error.HTTPError as error:  # it says what it is with whatever status
        try:
            return cast("dict[str, object]", json.loads(error.read() or b"{}"))
        except ValueError:
            return {}
    except (urllib.error.URLError, OSError, ValueError):
        return {}

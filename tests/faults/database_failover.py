"""The database's primary dies, is cut off for a minute, and its successor dies, while jobs come in all the time.

Run it by hand: `python -m tests.faults.database_failover --jobs 2000`. With `--patroni PROGRAM` another Patroni keeps
the database. 3.0.2, which Debian 12 has, may give acknowledged commits away: an old primary that was cut off takes
its successor's claim when it is back. With `--own-etcd-only` it does so every time, for each Patroni asks the etcd of
its own machine alone and, cut off, goes on believing that it is the primary. Ours must not.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rig import ipptool
from rig.database_cluster import RunningDatabaseCluster, run_database_cluster
from rig.everprint import Provider, run_provider, run_server
from rig.network import Machine, Network, run_network
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for
from tests.faults.commit_witness import CommitWitness

ONE_PAGE = Path(__file__).parents[1] / "data" / "ipptool" / "onepage-a4.pdf"
PRICE = Decimal("0.10")
DATABASES = ("db1", "db2", "db3")
APPLICATION = "application"
_ON_SUCCESSOR = 20
_PLENTY = 1_000_000  # jobs that can be paid


@dataclass(slots=True)
class Failover:
    """What was done to the database, and what became of the jobs."""

    accepted: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    commits: int = 0
    """Of the witness, acknowledged by PostgreSQL."""
    wrong: list[str] = field(default_factory=list)
    """Ways in which the promise was broken; empty if it held."""

    def tell(self, event: str) -> None:
        """Notes and shows what happens."""
        self.events.append(event)
        print(f"{time.strftime('%H:%M:%S')} {event}", file=sys.stderr, flush=True)


class Submitter(threading.Thread):
    """Sends jobs from the application's machine until it is told to end, and at least so many."""

    def __init__(self, provider: Provider, machine: Machine, least: int, accepted: list[str]) -> None:
        super().__init__(daemon=True)
        self._uri = provider.uri("office")
        self._machine = machine
        self._least = least
        self._accepted = accepted
        self.enough = threading.Event()
        self.refused = 0

    def run(self) -> None:
        """Until both are true."""
        with self._machine.inside():
            number = 0
            while number < self._least or not self.enough.is_set():
                number += 1
                self._submit(f"job {number}")

    def _submit(self, name: str) -> None:
        lines = [
            "ATTR name requesting-user-name alice",
            f'ATTR name job-name "{name}"',
            "ATTR mimeMediaType document-format application/pdf",
        ]
        if ipptool.ask(self._uri, "Print-Job", lines, document=ONE_PAGE).status == "successful-ok":
            self._accepted.append(name)
        else:
            self.refused += 1


def run(
    jobs: int,
    *,
    cut_off_s: float,
    patroni: Path | None = None,
    own_etcd_only: bool = False,
    lost_after_s: int = 20,
) -> Failover:
    """Lives through it; `cut_off_s` 0: only the first primary dies."""
    done = Failover()
    with run_network([*DATABASES, APPLICATION]) as network:
        machines, application = [network[name] for name in DATABASES], network[APPLICATION]
        with (
            run_database_cluster(
                machines, application, patroni=patroni, own_etcd_only=own_etcd_only, lost_after_s=lost_after_s
            ) as database,
            application.inside(),
            run_virtual_printer("--pictures", "none") as printer,
            run_server(database.url("postgres")) as server,
            run_provider(server, server_time_out_s="5") as provider,
        ):
            server.add_user("alice", str(_PLENTY * PRICE))
            server.add_printer("office", provider.name, printer.uri, "--failure-mode", "hold")
            server.set_cost("office", str(PRICE), str(PRICE))
            provider.wait_for_queue("office")
            done.tell("jobs come in")
            submitter = Submitter(provider, application, jobs, done.accepted)
            witness = CommitWitness(database.url("postgres"), application)
            submitter.start()
            witness.start()
            try:
                _harm(database, network, printer, cut_off_s, done)
            finally:
                submitter.enough.set()
                witness.enough.set()
            submitter.join()
            witness.join()
            done.commits = len(witness.acknowledged)
            if submitter.refused:
                done.wrong.append(f"the queue refused {submitter.refused} jobs")
            done.tell(f"{len(done.accepted)} jobs were accepted; waiting until all are settled")
            try:
                settled = server.wait_for_settled(len(done.accepted), within_s=max(180, len(done.accepted)))
            except AssertionError as error:
                done.wrong.append(f"not calm: {str(error)[:500]}")
            else:
                states = Counter(str(job["state"]) for job in settled)
                if states != {"completed": len(done.accepted)}:
                    done.wrong.append(f"the log has {dict(states)}")
            _compare(done, printer, _PLENTY * PRICE - server.balance("alice"))
            if lost := witness.lost():
                done.wrong.append(f"PostgreSQL lost {len(lost)} of {len(witness.acknowledged)} acknowledged commits")
            server.command("audit")
    return done


def _harm(
    database: RunningDatabaseCluster, network: Network, printer: VirtualPrinter, cut_off_s: float, done: Failover
) -> None:
    time.sleep(3)
    first = database.primary()
    done.tell(f"{first}, the primary, loses its power")
    database.machines[first].kill()
    second = _successor(database, first, done)
    database.machines[first].start()
    if not cut_off_s:
        return
    database.primary()
    began = time.monotonic()
    others = [name for name in (*DATABASES, APPLICATION) if name != second]
    done.tell(f"{second}, the primary, is cut off from all for {cut_off_s:g} s")
    for other in others:
        network.part(second, other)
    # Long enough for the successor to have acknowledged what only it and its standby have.
    wait_for("a successor", lambda: _leads(database, others), within_s=240, every_s=0.5)
    printed = len(printer.jobs())
    wait_for("jobs on it", lambda: len(printer.jobs()) >= printed + _ON_SUCCESSOR, within_s=240, every_s=0.5)
    time.sleep(max(0.0, began + cut_off_s - time.monotonic()))
    for other in others:
        network.join(second, other)
    done.tell(f"{second} is back")
    time.sleep(5)
    third = database.primary()
    done.tell(f"{third}, the primary, loses its power")
    database.machines[third].kill()
    _successor(database, third, done)
    database.machines[third].start()
    database.primary()


def _leads(database: RunningDatabaseCluster, among: Sequence[str]) -> bool:
    roles = database.roles()
    return any(roles.get(name) == "primary" for name in among)


def _successor(database: RunningDatabaseCluster, dead: str, done: Failover) -> str:
    began = time.monotonic()
    name = database.primary()
    assert name != dead
    done.tell(f"{name} is the primary after {time.monotonic() - began:.1f} s")
    return name


def _compare(done: Failover, printer: VirtualPrinter, paid: Decimal) -> None:
    came_out = Counter(job.job_name for job in printer.jobs())
    lost = sorted(set(done.accepted) - set(came_out))
    twice = sorted(name for name, count in came_out.items() if count > 1)
    if lost:
        done.wrong.append(f"{len(lost)} accepted jobs were not printed: {lost[:5]}")
    if twice:
        done.wrong.append(f"{len(twice)} jobs came out more than once: {twice[:5]}")
    if paid != len(done.accepted) * PRICE:
        done.wrong.append(f"{len(done.accepted)} jobs cost {len(done.accepted) * PRICE}, and {paid} was paid")


def main() -> int:
    """The command; 1 if the promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000, help="at least so many")
    parser.add_argument("--cut-off", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--patroni", type=Path, help="this program instead of ours")
    parser.add_argument("--own-etcd-only", action="store_true", help="each Patroni asks the etcd beside it alone")
    chosen = parser.parse_args()
    patroni = chosen.patroni.absolute() if chosen.patroni else None  # it is started from a folder of its own
    done = run(chosen.jobs, cut_off_s=chosen.cut_off, patroni=patroni, own_etcd_only=chosen.own_etcd_only)
    for wrong in done.wrong:
        print(f"WRONG: {wrong}")
    print(f"{done.commits} commits of the witness were acknowledged")
    print(f"{len(done.accepted)} jobs: {'the promise was broken' if done.wrong else 'each printed once, paid once'}")
    return 1 if done.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""One drill, start to end: somebody prints, something fails, the engine mends it, every job is accounted for."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from everprint.cluster.compilation.names import resource_of
from everprint.cluster.drill.causing import Cause
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.meanwhile import Meanwhile
from everprint.cluster.drill.people import Beside, Client
from everprint.cluster.drill.report import Report
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.watching import Engine, Times, Watch
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.topology.model import Role, Service, Topology, VirtualMachine

_WHOLE_WITHIN_S = 60.0
_MISSED = ("lost", "offline", "joining")
_NOT_WELL = ("failed", "stopped", "stopping", "starting")


@dataclass(frozen=True, slots=True)
class Drill:
    """Everything that drills of one cluster share."""

    topology: Topology
    hosts: Hosts
    cause: Cause
    stage: Stage
    beside: Beside
    folder: Path
    """For what the programs that print write down."""
    where: str
    """*lab* or *live*."""
    within_s: float
    """How long any step may take."""
    tell: Callable[[str], None]
    look_on: Callable[[Client], None]
    """Called all the while, with who prints."""

    def run(self, kind: Kind, victim: VirtualMachine | Service) -> Report:
        """Lets it fail and watches. Raises DrillFailed, and HostUnreachable.

        Afterwards the host takes part again and the failure is forgotten, also if the drill failed.
        """
        engine = Engine(self.topology, self.hosts, resource_of(victim))
        host = self._home_in_a_whole_cluster(engine)
        with self.printing(kind) as people:
            at = datetime.now(UTC)
            try:
                times = self._let_fail(engine, kind, victim, host, people)
                people.wait_for_more()
            finally:
                self._mend(engine, kind, host, people)
        balance = people.settled()
        return Report(kind, self.topology.name, self.where, engine.resource, host, at, times, balance)

    @contextmanager
    def printing(self, why: str) -> Iterator[Meanwhile]:
        """Somebody prints while this is open, and their first jobs were accepted. Raises DrillFailed."""
        label = f"{why}-{secrets.token_hex(3)}"
        stage = self.stage
        client = Client(self.beside, self.folder, label, stage.user, stage.queues, stage.document, stage.pause_s)
        people = Meanwhile(stage, client, label, self.within_s, self.look_on)
        try:
            people.wait_for_first()
            yield people
        finally:
            client.stop()
        self.tell("nobody prints any more; the last jobs are printed and paid")

    def _home_in_a_whole_cluster(self, engine: Engine) -> str:
        """Where it runs. A second failure beside one that is there already is no drill."""
        found = [""]

        def is_whole() -> bool:
            found[0] = engine.home()
            return bool(found[0]) and len(engine.hosts_that_are("online")) == len(self.topology.hosts)

        # After a failure was forgotten the engine looks everywhere anew, and says for a moment that it knows nothing.
        Watch(min(_WHOLE_WITHIN_S, self.within_s), lambda: None).until(
            f"all hosts to be in the cluster and {engine.resource} to run", is_whole
        )
        return found[0]

    def _let_fail(
        self, engine: Engine, kind: Kind, victim: VirtualMachine | Service, host: str, people: Meanwhile
    ) -> Times:
        known, failures = engine.starts(), engine.failures()
        self.tell(f"{engine.resource} on {host}: {kind.words}")
        watch = people.watch()
        self.cause.fail(kind, victim, host)
        fenced = None
        if kind.takes_the_host:
            detected = watch.until(f"the engine to miss {host}", lambda: _is_missed(engine, host))
            self.tell(f"the engine misses {host}, {detected:.1f} s after")
            fenced = watch.until(f"{host} to be switched off", lambda: host in engine.hosts_that_are("offline"))
            self.tell(f"{host} is certainly off, {fenced:.1f} s after")
        else:
            detected = watch.until("the engine to count the failure", lambda: _is_counted(engine, failures))
            self.tell(f"the engine counts the failure, {detected:.1f} s after")
        started = watch.until(
            f"{engine.resource} to be started again",
            lambda: any(not kind.takes_the_host or one[0] != host for one in engine.starts() - known),
        )
        self.tell(f"{engine.resource} is started again, {started:.1f} s after")
        service = watch.until(f"{engine.resource} to serve again", lambda: self._serves(victim))
        self.tell(f"it serves people again, {service:.1f} s after")
        return Times(detected, fenced, started, service)

    def _serves(self, victim: VirtualMachine | Service) -> bool:
        if victim.role is Role.APPLICATION_SERVER:
            return self.stage.asker.is_answered()
        return not victim.health or self.stage.asker.lives(victim.health)

    def _mend(self, engine: Engine, kind: Kind, host: str, people: Meanwhile) -> None:
        if kind.takes_the_host:
            self.tell(f"{host} is switched on again")
            self.cause.mend(kind, host)
            people.watch().until(f"{host} to join again", lambda: host in engine.hosts_that_are("online"))
        engine.forget_failures()


def _is_missed(engine: Engine, host: str) -> bool:
    """The majority tells that it is not with them."""
    status = engine.status()
    return (
        status is not None
        and status.has_quorum
        and any(one.name == host and one.state in _MISSED for one in status.hosts)
    )


def _is_counted(engine: Engine, before: int) -> bool:
    seen = engine.seen()
    return seen is not None and (seen.failures > before or seen.state in _NOT_WELL)

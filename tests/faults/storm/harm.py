"""Does harm: each fault of the schedule, to its end. Parts die with the thread that started them: only the main one
may call this.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from rig.process import Process, StartFailed
from rig.waiting import wait_for
from tests.faults.storm.databases import OnPostgresql, OnSqlite
from tests.faults.storm.disk_layer import Disk
from tests.faults.storm.printers import Virtual
from tests.faults.storm.relay import Moment, Relay, Strike, Wire
from tests.faults.storm.schedule import Fault, Trouble
from tests.faults.storm.site import Site
from tests.faults.storm.world import World

# As the client of PostgreSQL sends it.
_COMMIT = b"COMMIT\0"
_END_OF_DOCUMENT = b"%%EOF"
# How long something that must strike in the midst of an exchange waits for one.
_EXCHANGE_WITHIN_S = 6.0
_SLOW_SYNC_MS = 200


Act = Callable[[Site, float, random.Random], None]


class Harm:
    """To one world. `done` counts what was done."""

    def __init__(self, world: World, seed: int) -> None:
        self.done: Counter[Fault] = Counter()
        self._world = world
        self._seed = seed
        self._acts: dict[Fault, Act] = {
            Fault.KILL_PROVIDER: lambda site, for_s, _: _kill(site.process, for_s),
            Fault.POWER_LOSS: lambda site, for_s, _: _lose_power(site.process, site.disk, for_s),
            Fault.FREEZE_PROVIDER: lambda site, for_s, _: _freeze(site.process, for_s),
            Fault.KILL_SERVER: lambda _, for_s, __: _kill(world.server.process, for_s),
            Fault.FREEZE_SERVER: lambda _, for_s, __: _freeze(world.server.process, for_s),
            Fault.KILL_PRINTER: self._kill_printer,
            Fault.PRINTER_DIES_WITH_JOB: self._kill_printer_with_job,
            Fault.FREEZE_PRINTER: lambda site, for_s, _: _freeze(site.printer.process, for_s),
            Fault.JAM: lambda site, for_s, _: _tell(site, "jam", "clear", for_s),
            Fault.PRINTER_BUSY: lambda site, for_s, _: _tell(site, "busy", "accept", for_s),
            Fault.CUT_FROM_SERVER: lambda site, for_s, _: _disturb(site.to_server, Wire.CUT, for_s),
            Fault.CUT_FROM_PRINTER: lambda site, for_s, _: _disturb(site.to_printer, Wire.CUT, for_s),
            Fault.SERVER_ANSWERS_LOST: lambda site, for_s, _: _disturb(site.to_server, Wire.LOSES_ANSWERS, for_s),
            Fault.PRINTER_ANSWERS_LOST: lambda site, for_s, _: _disturb(site.to_printer, Wire.LOSES_ANSWERS, for_s),
            Fault.PARTITION: self._part,
            Fault.DISK_FULL: lambda site, for_s, _: _fill_disk(site.disk, for_s),
            Fault.SLOW_SYNC: lambda site, for_s, dice: _sync_slowly(site.process, site.disk, for_s, dice),
            Fault.FAILING_SYNC: lambda site, for_s, dice: _fail_to_sync(site.process, site.disk, for_s, dice),
            Fault.CLOCK_STEP: _step_clock,
            Fault.KILL_CUPS: lambda _, for_s, __: self._kill_cups(for_s),
            Fault.RESTART_ALL: self._restart_all,
        } | (
            self._acts_on_postgresql(world.database)
            if isinstance(world.database, OnPostgresql)
            else self._acts_on_sqlite(world.database.disk)
        )

    def _acts_on_postgresql(self, database: OnPostgresql) -> dict[Fault, Act]:
        server = self._world.server.process

        def kill_in_commit(victim: Process, for_s: float, dice: random.Random) -> None:
            _strike(database.wire, Strike(_COMMIT, dice.choice(list(Moment)), victim.strike))
            _kill(victim, for_s)

        def lose_commit_answer() -> None:
            """The server asks for a commit, it is done, and the connection ends: it cannot know."""
            _strike(database.wire, Strike(_COMMIT, Moment.BEFORE_THE_ANSWER, lambda: None))

        return {
            Fault.KILL_DATABASE: lambda _, for_s, __: _kill(database.process, for_s),
            Fault.KILL_DATABASE_IN_COMMIT: lambda _, for_s, dice: kill_in_commit(database.process, for_s, dice),
            Fault.KILL_SERVER_IN_COMMIT: lambda _, for_s, dice: kill_in_commit(server, for_s, dice),
            Fault.COMMIT_ANSWER_LOST: lambda *_: lose_commit_answer(),
        }

    def _acts_on_sqlite(self, disk: Disk) -> dict[Fault, Act]:
        server = self._world.server.process

        def lose_power(_: Site, for_s: float, dice: random.Random) -> None:
            """Now, or while commits wait for a slow disk."""
            if dice.random() < 0.5:
                _misbehave(disk, for_s, sync_ms=_SLOW_SYNC_MS)
            _lose_power(server, disk, for_s)

        return {
            Fault.SERVER_POWER_LOSS: lose_power,
            Fault.SERVER_FAILING_SYNC: lambda _, for_s, dice: _fail_to_sync(server, disk, for_s, dice),
        }

    def do(self, trouble: Trouble) -> str:
        """Does it, and undoes what can be undone; where it was."""
        sites = self._world.sites
        if trouble.fault in (Fault.JAM, Fault.PRINTER_BUSY):  # ippeveprinter knows neither
            sites = [site for site in sites if isinstance(site.printer, Virtual)] or sites
        site = sites[trouble.where % len(sites)]
        dice = random.Random(f"{self._seed} {trouble.at_s}")
        self._acts[trouble.fault](site, trouble.for_s, dice)
        self.done[trouble.fault] += 1
        return site.provider.name

    def end_all(self) -> None:
        """Nothing goes wrong any more, and what ended by itself is started again, as systemd does it."""
        world = self._world
        for pair in world.pairs():
            world.join(pair)
            pair.wire.prepare(None)
            pair.wire.become(Wire.SOUND)
        for site in world.sites:
            site.disk.behave()
        if isinstance(world.database, OnSqlite):
            world.database.disk.behave()
        for process in (world.server.process, *(site.process for site in world.sites)):
            _start_if_ended(process)

    def _kill_printer(self, site: Site, for_s: float, _: random.Random) -> None:
        site.printer.process.kill()
        time.sleep(for_s)
        site.printer.start()

    def _kill_printer_with_job(self, site: Site, for_s: float, dice: random.Random) -> None:
        """It has the whole document, has said so or is about to, and dies."""
        moment = dice.choice((Moment.AS_IT_ARRIVES, Moment.BEFORE_THE_ANSWER, Moment.AFTER_THE_ANSWER))
        _strike(site.to_printer, Strike(_END_OF_DOCUMENT, moment, site.printer.process.strike))
        self._kill_printer(site, for_s, dice)

    def _part(self, _: Site, for_s: float, dice: random.Random) -> None:
        pair = dice.choice(self._world.pairs())
        self._world.part(pair)
        time.sleep(for_s)
        self._world.join(pair)

    def _kill_cups(self, for_s: float) -> None:
        if self._world.cups is not None:
            _kill(self._world.cups.process, for_s)

    def _restart_all(self, site: Site, for_s: float, dice: random.Random) -> None:
        """All parts but the other sites' end at once, and begin in any order."""
        parts = [self._world.server.process, site.process]
        if isinstance(self._world.database, OnPostgresql):
            parts.append(self._world.database.process)
        if self._world.cups is not None:
            parts.append(self._world.cups.process)
        for process in (*parts, site.printer.process):
            process.kill(dice.choice((signal.SIGKILL, signal.SIGTERM)))
        for process in (*parts, site.printer.process):
            process.stop()
        dice.shuffle(parts)
        for number, process in enumerate(parts):
            with suppress(StartFailed):
                process.start(ready=lambda: True)
            time.sleep(for_s / len(parts))
            if number == 1:
                site.printer.start()
        _wait_until_up(parts)


def _wait_until_up(parts: list[Process]) -> None:
    """One that ends because it came before what it needs is started again, as systemd does it."""

    def all_up() -> bool:
        for process in parts:
            if not process.is_running():
                with suppress(StartFailed):
                    process.start(ready=lambda: True)
        return all(process.is_ready() for process in parts)

    wait_for("all parts to be up again", all_up, within_s=120, every_s=0.2)


def _strike(wire: Relay, strike: Strike) -> None:
    """Waits for an exchange that fits; it is struck, or there was none."""
    wire.prepare(strike)
    strike.happened.wait(_EXCHANGE_WITHIN_S)
    wire.prepare(None)


def _kill(process: Process, for_s: float) -> None:
    process.kill()
    time.sleep(for_s)
    _start(process)


def _start(process: Process) -> None:
    """Starts it, again if something else that is wrong at the time keeps it from starting."""
    for _ in range(4):
        with suppress(StartFailed):
            process.start()
            return
    process.start()


def _start_if_ended(process: Process) -> None:
    if not process.is_running():
        _start(process)


def _lose_power(process: Process, disk: Disk, for_s: float) -> None:
    process.kill()
    disk.behave()
    disk.lose_power()
    time.sleep(for_s)
    _start(process)


def _freeze(process: Process, for_s: float) -> None:
    process.kill(signal.SIGSTOP)
    time.sleep(for_s)
    process.kill(signal.SIGCONT)


def _tell(site: Site, begin: str, end: str, for_s: float) -> None:
    if isinstance(site.printer, Virtual):
        site.printer.tell(begin)
        time.sleep(for_s)
        site.printer.tell(end)
    else:
        _freeze(site.printer.process, for_s)


def _disturb(relay: Relay, wire: Wire, for_s: float) -> None:
    relay.become(wire)
    time.sleep(for_s)
    relay.become(Wire.SOUND)


def _misbehave(disk: Disk, for_s: float, *, full: bool = False, sync_fails: bool = False, sync_ms: int = 0) -> None:
    disk.behave(full=full, sync_fails=sync_fails, sync_ms=sync_ms)
    time.sleep(for_s)


def _fill_disk(disk: Disk, for_s: float) -> None:
    _misbehave(disk, for_s, full=True)
    disk.behave()


def _sync_slowly(process: Process, disk: Disk, for_s: float, dice: random.Random) -> None:
    """The power may go while something waits for its sync."""
    _misbehave(disk, for_s, sync_ms=_SLOW_SYNC_MS)
    if dice.random() < 0.5:
        _lose_power(process, disk, 0.1)
    disk.behave()


def _fail_to_sync(process: Process, disk: Disk, for_s: float, dice: random.Random) -> None:
    """What was not synced is gone when the process starts again, or it is not, or it goes on as it is."""
    _misbehave(disk, for_s, sync_fails=True)
    match dice.choice(("power", "power", "kill", "on")):
        case "power":
            _lose_power(process, disk, 0.1)
        case "kill":
            process.kill()
            disk.behave()
            _start(process)
    disk.behave()
    _start_if_ended(process)


def _step_clock(site: Site, _: float, dice: random.Random) -> None:
    site.step_clock(dice.choice((-86_400, -3_600, -30, 30, 3_600, 86_400)))

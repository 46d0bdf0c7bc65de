"""Lives through a storm: prints, does harm, waits until all is calm, and collects what is true."""

from __future__ import annotations

import json
import logging
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from rig import ipptool
from rig.process import Process, StartFailed
from rig.waiting import wait_for
from tests.faults.storm.history import Answer, Evidence, Submission
from tests.faults.storm.relay import Relay, Wire
from tests.faults.storm.schedule import Fault, Print, Storm, Trouble
from tests.faults.storm.world import QUEUES, Site, World

log = logging.getLogger(__name__)

DOCUMENTS = {
    1: Path(__file__).parents[2] / "data/ipptool/onepage-a4.pdf",
    4: Path(__file__).parents[2] / "data/ipptool/document-a4.pdf",
}
_CLIENTS = 6
_CALM_WITHIN_S = 180.0


@dataclass
class Weather:
    """What happened, so far."""

    submissions: list[Submission] = field(default_factory=list)
    faults: Counter[Fault] = field(default_factory=Counter)
    left_to_people: set[str] = field(default_factory=set)


class StormRun:
    """One storm over one world."""

    def __init__(self, world: World, storm: Storm, say: Callable[[str], None] = log.info) -> None:
        self._world = world
        self._storm = storm
        self._say = say
        self._weather = Weather()
        self._lock = threading.Lock()

    def run(self) -> tuple[Weather, Evidence]:
        """All of it; then what is true."""
        began = time.monotonic()
        prints = [action for action in self._storm.actions if isinstance(action, Print)]
        troubles = [action for action in self._storm.actions if isinstance(action, Trouble)]
        with ThreadPoolExecutor(_CLIENTS) as clients:
            printing = [clients.submit(self._print, action, began + action.at_s) for action in prints]
            # Harm is done by the main thread: a part dies with the thread that started it.
            for trouble in troubles:
                _sleep_until(began + trouble.at_s)
                self._harm(trouble)
            for one in printing:
                one.result()
        self._calm()
        return self._weather, self._world.evidence(frozenset(self._weather.left_to_people))

    def _print(self, action: Print, at_s: float) -> None:
        _sleep_until(at_s)
        site = self._world.sites[action.provider]
        name, user = f"storm-{self._storm.seed}-{action.number}", self._world.users[action.user]
        queue = site.queue(QUEUES[action.queue])
        answer, job_id = self._submit(site, queue, name, user, action)
        with self._lock:
            self._weather.submissions.append(
                Submission(name, user, site.provider.name, queue, action.pages, action.copies, answer, job_id)
            )

    def _submit(self, site: Site, queue: str, name: str, user: str, action: Print) -> tuple[Answer, int]:
        lines = [
            f"ATTR name requesting-user-name {user}",
            f"ATTR name job-name {name}",
            "ATTR mimeMediaType document-format application/pdf",
            "GROUP job-attributes-tag",
            f"ATTR integer copies {action.copies}",
        ]
        try:
            said = ipptool.ask(site.provider.uri(queue), "Print-Job", lines, document=DOCUMENTS[action.pages])
        except ipptool.NoAnswer:
            return Answer.NONE, 0
        if not said.status.startswith("successful-ok"):
            return Answer.REFUSED, 0
        return Answer.ACCEPTED, int(str(said.first["job-id"]))

    def _harm(self, trouble: Trouble) -> None:
        site = self._world.sites[trouble.where % len(self._world.sites)]
        self._say(f"{trouble.at_s:7.1f} s  {trouble.fault} at {site.provider.name} for {trouble.for_s:.1f} s")
        self._weather.faults[trouble.fault] += 1
        match trouble.fault:
            case Fault.KILL_PROVIDER:
                _kill_and_start(site.process, trouble.for_s)
            case Fault.POWER_LOSS:
                site.process.kill()
                site.disk.lose_power()
                time.sleep(trouble.for_s)
                _start(site.process)
            case Fault.FREEZE_PROVIDER:
                _freeze(site.process, trouble.for_s)
            case Fault.KILL_SERVER:
                _kill_and_start(self._world.server.process, trouble.for_s)
            case Fault.FREEZE_SERVER:
                _freeze(self._world.server.process, trouble.for_s)
            case Fault.KILL_DATABASE:
                _kill_and_start(self._world.database.process, trouble.for_s)
            case Fault.KILL_PRINTER:
                site.printer.process.kill()
                time.sleep(trouble.for_s)
                site.printer.start()
            case Fault.FREEZE_PRINTER:
                _freeze(site.printer.process, trouble.for_s)
            case Fault.JAM:
                self._tell(site, "jam", "clear", trouble.for_s)
            case Fault.PRINTER_BUSY:
                self._tell(site, "busy", "accept", trouble.for_s)
            case Fault.CUT_FROM_SERVER:
                _disturb(site.to_server, Wire.CUT, trouble.for_s)
            case Fault.CUT_FROM_PRINTER:
                _disturb(site.to_printer, Wire.CUT, trouble.for_s)
            case Fault.SERVER_ANSWERS_LOST:
                _disturb(site.to_server, Wire.LOSES_ANSWERS, trouble.for_s)
            case Fault.PRINTER_ANSWERS_LOST:
                _disturb(site.to_printer, Wire.LOSES_ANSWERS, trouble.for_s)
            case Fault.DISK_FULL:
                site.disk.behave(full=True)
                time.sleep(trouble.for_s)
                site.disk.behave()
            case Fault.SLOW_SYNC:
                site.disk.behave(sync_ms=200)
                time.sleep(trouble.for_s)
                site.disk.behave()
            case Fault.CLOCK_STEP:
                dice = random.Random(f"{self._storm.seed} {trouble.at_s}")
                site.step_clock(dice.choice((-86_400, -3_600, -30, 30, 3_600, 86_400)))

    def _tell(self, site: Site, begin: str, end: str, for_s: float) -> None:
        site.printer.tell(begin)
        time.sleep(for_s)
        site.printer.tell(end)

    def _calm(self) -> None:
        """Nothing goes wrong any more: all jobs end, and all is told. A person decides what nobody can know."""
        for site in self._world.sites:
            site.disk.behave()
            site.to_server.become(Wire.SOUND)
            site.to_printer.become(Wire.SOUND)
        self._say("calm: waiting for every job to end")

        def all_ended() -> bool:
            for site in self._world.sites:
                for job in site.jobs():
                    if job.state is JobState.HELD:
                        self._decide(site, job)
                if any(not job.state.is_final for job in site.jobs()) or site.unreported():
                    return False
            return True

        with suppress(Exception):  # what is not calm by then is what the checker finds
            wait_for("calm", all_ended, within_s=_CALM_WITHIN_S, every_s=0.5)

    def _decide(self, site: Site, job: Job) -> None:
        """Somebody goes to the printer and looks: it was printed, then the job is cancelled; else it is released."""
        if not job.in_doubt:
            return
        came_out = any(printed.impressions for printed in site.printer.jobs() if printed.job_name == job.job_name)
        self._weather.left_to_people.add(job.job_name)
        operation = "Cancel-Job" if came_out else "Release-Job"
        with suppress(ipptool.NoAnswer):
            ipptool.ask(
                site.provider.uri(job.queue),
                operation,
                [f"ATTR integer job-id {job.job_id}", f"ATTR name requesting-user-name {job.owner.user_name}"],
            )


def _sleep_until(moment_s: float) -> None:
    time.sleep(max(0.0, moment_s - time.monotonic()))


def _kill_and_start(process: Process, after_s: float) -> None:
    process.kill()
    time.sleep(after_s)
    _start(process)


def _start(process: Process) -> None:
    """Starts it, again if something else that is wrong at the time keeps it from starting."""
    for _ in range(4):
        with suppress(StartFailed):
            process.start()
            return
    process.start()


def _freeze(process: Process, for_s: float) -> None:
    process.kill(signal.SIGSTOP)
    time.sleep(for_s)
    process.kill(signal.SIGCONT)


def _disturb(relay: Relay, wire: Wire, for_s: float) -> None:
    relay.become(wire)
    time.sleep(for_s)
    relay.become(Wire.SOUND)


def record(path: Path, storm: Storm, weather: Weather) -> None:
    """Keeps what happened, for people, as one JSON object a line."""
    with path.open("w") as file:
        for action in storm.actions:
            kind = "print" if isinstance(action, Print) else "trouble"
            file.write(json.dumps({"kind": kind} | {name: getattr(action, name) for name in action.__slots__}) + "\n")
        for submission in weather.submissions:
            told = {name: getattr(submission, name) for name in submission.__slots__}
            file.write(json.dumps({"kind": "told"} | told) + "\n")

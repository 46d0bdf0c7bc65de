"""Lives through a storm: prints, does harm, waits until all is calm, and collects what is true."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from rig import ipptool
from tests.faults.storm.clients import Clients
from tests.faults.storm.evidence import balances, collect
from tests.faults.storm.harm import Harm
from tests.faults.storm.history import Evidence, Submission
from tests.faults.storm.schedule import Fault, Print, Storm, Trouble
from tests.faults.storm.site import PRICE, Site
from tests.faults.storm.world import World

log = logging.getLogger(__name__)

_CLIENTS = 6
_LOOK_EVERY_S = 0.05
_LOOK_AGAIN_S = 0.5
# CUPS may hold a job for a moment that it tries again.
_CALM_FOR_S = 5.0
_TELL_EVERY_S, _TELL_MOST = 15.0, 8


@dataclass(frozen=True, slots=True)
class Weather:
    """What happened."""

    submissions: Sequence[Submission]
    faults: Counter[Fault]
    left_to_people: frozenset[str]
    given_up: frozenset[str]
    queues_started: int  # of CUPS, that had stopped
    never_ended: Sequence[str]  # what kept all from becoming calm


class StormRun:
    """One storm over one world."""

    def __init__(
        self,
        world: World,
        storm: Storm,
        say: Callable[[str], None] = log.info,
        occasion: Callable[[World, Sequence[Submission]], bool] | None = None,
        patience_s: float = 300.0,
    ) -> None:
        """`occasion`: each fault waits until that is so, for as long as somebody prints; else they come by the clock.
        It is told what was printed since the last fault. After the last fault it waits until all is calm, however
        long a busy machine takes, unless nothing comes to its end for `patience_s`.
        """
        self._world = world
        self._storm = storm
        self._say = say
        self._clients = Clients(world, storm.seed)
        self._harm = Harm(world, storm.seed)
        self._occasion = occasion
        self._patience_s = patience_s
        self._left_to_people: set[str] = set()
        self._given_up: set[str] = set()
        self._seen: list[Submission] = []

    def run(self) -> tuple[Weather, Evidence]:
        """All of it; then what is true."""
        began = time.monotonic()
        prints = [action for action in self._storm.actions if isinstance(action, Print)]
        troubles = [action for action in self._storm.actions if isinstance(action, Trouble)]
        with ThreadPoolExecutor(_CLIENTS) as threads:
            printing = [threads.submit(self._clients.print, action, began + action.at_s) for action in prints]
            for trouble in troubles:
                time.sleep(max(0.0, began + trouble.at_s - time.monotonic()))
                self._wait_for_occasion(printing)
                where = self._harm.do(trouble)
                now_s = time.monotonic() - began
                self._say(f"{now_s:7.1f} s  {trouble.fault} at {where} for {trouble.for_s:.1f} s")
            for one in printing:
                one.result()
        never_ended = self._calm()
        submissions = self._clients.submissions
        left_to_people, given_up = frozenset(self._left_to_people), frozenset(self._given_up)
        started = self._clients.queues_started
        weather = Weather(submissions, self._harm.done, left_to_people, given_up, started, never_ended)
        return weather, collect(self._world, submissions, left_to_people, given_up)

    def _wait_for_occasion(self, printing: Sequence[Future[None]]) -> None:
        if self._occasion is None:
            return
        before = len(self._seen)
        while not all(one.done() for one in printing):
            self._seen = list(self._clients.submissions)
            if self._occasion(self._world, self._seen[before:]):
                return
            time.sleep(_LOOK_EVERY_S)

    def _calm(self) -> Sequence[str]:
        """Nothing goes wrong any more: all jobs end, and all is told. A person decides what nobody can know. Returns
        what has not ended all the same.
        """
        self._harm.end_all()
        self._say("calm: waiting for every job to end")

        began = told = moved = disturbed = time.monotonic()
        fewest = inf
        while True:
            waiting, now = self._waiting(), time.monotonic()
            if waiting:
                disturbed = now
            elif now > disturbed + _CALM_FOR_S:
                return []
            if len(waiting) < fewest:
                fewest, moved = len(waiting), now
            if now > moved + self._patience_s:
                self._say("not calm: " + "; ".join(waiting))
                return waiting
            if waiting and now > told + _TELL_EVERY_S:
                told = now
                self._say(f"{now - began:7.1f} s  {len(waiting)} wait: {'; '.join(waiting[:_TELL_MOST])}")
            time.sleep(_LOOK_AGAIN_S)

    def _waiting(self) -> list[str]:
        """What has not come to its end."""
        found: list[str] = []
        held: list[tuple[Site, Job]] = []
        for site in self._world.sites:
            for job in site.jobs():
                if job.state is JobState.HELD:
                    held.append((site, job))
                elif not job.state.is_final:
                    found.append(f"{job.job_name} is {job.state} ({job.job_state_message})")
            if untold := site.unreported():
                found.append(f"{site.provider.name} has {untold} events to tell")
        left = balances(self._world) if held else {}
        prices = {one.name: one.impressions * PRICE for one in self._clients.submissions}
        for site, job in held:
            if job.in_doubt:
                self._look_at_paper(site, job)
            # What can be paid goes on by itself; what cannot, once nothing gives its owner credit back, is given up.
            elif not found and left[job.owner.user_name] < prices[job.job_name]:
                self._given_up.add(job.job_name)
                _ask(site, job, "Cancel-Job")
        found += [f"{job.job_name} is held ({job.job_state_message})" for _, job in held]
        return [*found, *self._clients.waiting_at_cups()]

    def _look_at_paper(self, site: Site, job: Job) -> None:
        """Somebody goes to the printer: it was printed, then the job is cancelled; else it is released."""
        came_out = any(impressions for name, impressions in site.printer.paper() if name == job.job_name)
        self._left_to_people.add(job.job_name)
        _ask(site, job, "Cancel-Job" if came_out else "Release-Job")


def _ask(site: Site, job: Job, operation: str) -> None:
    with suppress(ipptool.NoAnswer):
        ipptool.ask(
            site.uri(job.queue),
            operation,
            [f"ATTR integer job-id {job.job_id}", f"ATTR name requesting-user-name {job.owner.user_name}"],
        )


def record(path: Path, storm: Storm, weather: Weather) -> None:
    """Keeps what happened, for people, as one JSON object a line."""
    with path.open("w") as file:
        for action in storm.actions:
            kind = "print" if isinstance(action, Print) else "trouble"
            file.write(json.dumps({"kind": kind} | {name: getattr(action, name) for name in action.__slots__}) + "\n")
        for submission in weather.submissions:
            told = {name: getattr(submission, name) for name in submission.__slots__}
            file.write(json.dumps({"kind": "told"} | told) + "\n")

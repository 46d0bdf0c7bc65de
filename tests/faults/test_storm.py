"""A bounded storm in every test run, and broken builds that a storm must find out."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from tests.faults.storm.checker import Violation, check
from tests.faults.storm.history import Answer, Submission
from tests.faults.storm.printers import FOREIGN, VIRTUAL
from tests.faults.storm.schedule import Fault, Storm, make_storm
from tests.faults.storm.site import CLOCK, PRICE, QUEUES
from tests.faults.storm.storm import StormRun, Weather
from tests.faults.storm.world import World, run_world

BROKEN_BUILD = Path(__file__).with_name("broken_build.py")
SEED = 20261126


def _storm(
    jobs: int, faults: int, *, jobs_per_s: float, only: tuple[Fault, ...] = tuple(Fault), sites: int, by_cups: float
) -> Storm:
    return make_storm(
        SEED,
        jobs=jobs,
        faults=faults,
        jobs_per_s=jobs_per_s,
        providers=sites,
        queues=len(QUEUES),
        users=4,
        by_cups=by_cups,
        only=only,
    )


Occasion = Callable[[World, Sequence[Submission]], bool]


def _somebody_was_told_yes(_: World, since: Sequence[Submission]) -> bool:
    return any(one.answer is Answer.ACCEPTED for one in since)


def _a_printer_has_a_job(world: World, _: Sequence[Submission]) -> bool:
    return any(job.state is JobState.PRINTING for site in world.sites for job in site.jobs())


def _a_job_is_decided(world: World, _: Sequence[Submission]) -> bool:
    return any(job.state is JobState.ACCEPTED for site in world.sites for job in site.jobs())


def _live_through(
    storm: Storm, printers: Sequence[str], broken: str = "", occasion: Occasion | None = None
) -> tuple[Weather, list[Violation]]:
    command: list[str | Path] | None = [sys.executable, BROKEN_BUILD, broken] if broken else None
    with run_world(
        printers=printers,
        users=4,
        credit=("100", "100", "1.00", "0.00"),
        # A broken build meets slower printers: whatever goes wrong, jobs are under way.
        pages_per_minute=240 if broken else 2400,
        with_cups=not broken,
        provider_command=command,
    ) as world:
        if world.network is None:
            warnings.warn("all parts are on one machine: network namespaces need root", stacklevel=2)
        weather, evidence = StormRun(world, storm, print, occasion).run()  # shown if it fails
    return weather, check(weather.submissions, evidence, PRICE)


@pytest.fixture(autouse=True)
def _what_storms_need() -> None:
    for part, package in ((shutil.which("cc"), "gcc"), (CLOCK.exists(), "libfaketime")):
        assert part, f"Debian package {package} is not installed"


@pytest.mark.timeout(1800)
def test_the_promise_is_kept_in_a_storm() -> None:
    storm = _storm(jobs=100, faults=len(Fault), jobs_per_s=2.0, sites=2, by_cups=0.15)
    weather, violations = _live_through(storm, (VIRTUAL, FOREIGN))
    assert not violations, f"seed {storm.seed}:\n" + "\n".join(map(str, violations))
    assert set(weather.faults) == set(Fault)
    # Half of the people cannot pay for much, and some print while nobody answers: it was a storm all the same.
    assert sum(one.answer is Answer.ACCEPTED for one in weather.submissions) > storm.jobs // 4


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("broken", "fault", "faults", "occasion", "promise"),
    [
        ("no-fsync", Fault.POWER_LOSS, 3, _somebody_was_told_yes, "lost"),
        ("no-idempotency-key", Fault.SERVER_ANSWERS_LOST, 6, _a_job_is_decided, "doubled"),
        ("trust-failed-sync", Fault.FAILING_SYNC, 3, _somebody_was_told_yes, "lost"),
        ("resend-without-asking", Fault.KILL_PROVIDER, 3, _a_printer_has_a_job, "printed twice"),
    ],
)
def test_a_broken_build_is_found_out(
    broken: str, fault: Fault, faults: int, occasion: Occasion, promise: str
) -> None:
    # There is peace between the faults, and each comes when it can do harm, however slow the machine is.
    storm = _storm(jobs=30, faults=faults, jobs_per_s=1.0, only=(fault,), sites=1, by_cups=0.0)
    _, violations = _live_through(storm, (VIRTUAL,), broken, occasion)
    assert promise in {violation.promise for violation in violations}, violations

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
from tests.faults.storm.schedule import Fault, Print, Storm, kinds, make_storm
from tests.faults.storm.site import CLOCK, PRICE, QUEUES
from tests.faults.storm.storm import StormRun, Weather
from tests.faults.storm.world import World, run_world

BROKEN_BUILD = Path(__file__).with_name("broken_build.py")
SEED = 20261126


def _storm(
    jobs: int,
    faults: int,
    *,
    jobs_per_s: float,
    only: tuple[Fault, ...],
    sites: int = 1,
    by_cups: float = 0.0,
    seed: int = SEED,
) -> Storm:
    return make_storm(
        seed,
        jobs=jobs,
        faults=faults,
        jobs_per_s=jobs_per_s,
        providers=sites,
        queues=range(len(QUEUES)),
        users=4,
        by_cups=by_cups,
        only=only,
        longest_s=1.5,
    )


Occasion = Callable[[World, Sequence[Submission]], bool]


def _somebody_was_told_yes(_: World, since: Sequence[Submission]) -> bool:
    return any(one.answer is Answer.ACCEPTED for one in since)


def _a_printer_has_a_job(world: World, _: Sequence[Submission]) -> bool:
    return any(job.state is JobState.PRINTING for site in world.sites for job in site.jobs())


def _a_job_is_decided(world: World, _: Sequence[Submission]) -> bool:
    return any(job.state is JobState.ACCEPTED for site in world.sites for job in site.jobs())


def _live_through(
    storm: Storm,
    printers: Sequence[str] = (VIRTUAL,),
    *,
    broken: str = "",
    on_sqlite: bool = False,
    occasion: Occasion | None = None,
) -> tuple[Weather, list[Violation]]:
    command: list[str | Path] | None = [sys.executable, BROKEN_BUILD, broken] if broken else None
    with run_world(
        printers=printers,
        users=4,
        credit=("100", "100", "1.00", "0.00"),
        # A broken build meets slower printers: whatever goes wrong, jobs are under way.
        pages_per_minute=240 if broken else 2400,
        with_cups=any(isinstance(action, Print) and action.by_cups for action in storm.actions),
        on_sqlite=on_sqlite,
        # On SQLite it is the server whose disk fails.
        provider_command=None if on_sqlite else command,
        server_command=command if on_sqlite else None,
    ) as world:
        if world.network is None:
            warnings.warn("all parts are on one machine: network namespaces need root", stacklevel=2)
        # What a broken build has lost never ends.
        patience_s = 20.0 if broken else 300.0
        weather, evidence = StormRun(world, storm, print, occasion, patience_s).run()  # shown if it fails
    return weather, check(weather.submissions, evidence, PRICE)


@pytest.fixture(autouse=True)
def _what_storms_need() -> None:
    for part, package in ((shutil.which("cc"), "gcc"), (CLOCK.exists(), "libfaketime")):
        assert part, f"Debian package {package} is not installed"


@pytest.mark.timeout(1800)
def test_the_promise_is_kept_in_a_storm() -> None:
    kinds_here = kinds(on_sqlite=False)
    storm = _storm(60, len(kinds_here), jobs_per_s=1.5, only=kinds_here, sites=2, by_cups=0.15)
    weather, violations = _live_through(storm, (VIRTUAL, FOREIGN))
    assert not violations, f"seed {storm.seed}:\n" + "\n".join(map(str, violations))
    assert not weather.never_ended, f"seed {storm.seed}"
    assert set(weather.faults) == set(kinds_here)
    # Half of the people cannot pay for much, and some print while nobody answers: it was a storm all the same.
    assert sum(one.answer is Answer.ACCEPTED for one in weather.submissions) > storm.jobs // 4


@pytest.mark.timeout(1800)
def test_the_promise_is_kept_by_a_server_on_sqlite_whose_power_goes() -> None:
    storm = _storm(
        30, 6, jobs_per_s=2.0, only=(Fault.SERVER_POWER_LOSS, Fault.SERVER_FAILING_SYNC, Fault.KILL_SERVER)
    )
    weather, violations = _live_through(storm, on_sqlite=True)
    assert not violations, f"seed {storm.seed}:\n" + "\n".join(map(str, violations))
    assert not weather.never_ended, f"seed {storm.seed}"
    assert sum(weather.faults.values()) == storm.faults


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("broken", "fault", "faults", "occasion", "promise"),
    [
        ("no-fsync", Fault.POWER_LOSS, 3, _somebody_was_told_yes, "lost"),
        ("no-idempotency-key", Fault.SERVER_ANSWERS_LOST, 6, _a_job_is_decided, "doubled"),
        ("trust-failed-sync", Fault.FAILING_SYNC, 3, _somebody_was_told_yes, "lost"),
        ("resend-without-asking", Fault.KILL_PROVIDER, 3, _a_printer_has_a_job, "printed twice"),
        ("server-no-fsync", Fault.SERVER_POWER_LOSS, 2, _somebody_was_told_yes, "disagree"),
    ],
)
def test_a_broken_build_is_found_out(
    broken: str, fault: Fault, faults: int, occasion: Occasion, promise: str
) -> None:
    found: set[str] = set()
    on_sqlite = fault not in kinds(on_sqlite=False)
    # A fault that strikes between two jobs breaks nothing: a storm may miss what the next finds.
    for seed in range(SEED, SEED + 4):
        # There is peace between the faults, and each comes when it can do harm, however slow the machine is.
        storm = _storm(15, faults, jobs_per_s=1.0, only=(fault,), seed=seed)
        _, violations = _live_through(storm, broken=broken, on_sqlite=on_sqlite, occasion=occasion)
        found |= {violation.promise for violation in violations}
        if promise in found:
            return
    pytest.fail(f"four storms found only {found or 'nothing'}")

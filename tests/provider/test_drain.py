"""Draining a print server: nothing new comes in, what prints finishes, what waits stays, and the command says so."""

from __future__ import annotations

import json
import subprocess

from everprint.contract.job_life import JobState
from everprint.provider.drain import Unfinished, unfinished
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.jobs_for_tests import a_job
from tests.provider.submit import about, job_id, submit
from tests.provider.world import EVERPRINT, PrintServer


def provider(office: PrintServer, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [EVERPRINT, "provider", *command, "--config", office.config], capture_output=True, text=True, check=False
    )


def status(office: PrintServer) -> dict[str, object]:
    found: dict[str, object] = json.loads(provider(office, "status", "--json").stdout)
    return found


def test_what_waits_for_somebody_is_parked_and_what_moves_is_not() -> None:
    jobs = [
        a_job(1, state=JobState.PRINTING, job_state_message="The printer is out of paper."),
        a_job(2, state=JobState.ACCEPTED),
        a_job(3, state=JobState.HELD),
        a_job(4, state=JobState.ANALYSED, job_state_message="Waits for the Application Server: away"),
        a_job(5, state=JobState.COMPLETED),
    ]
    assert unfinished(jobs) == Unfinished(at_printer=1, going=1, parked=2)
    assert not unfinished(jobs).is_drained
    assert unfinished(jobs[2:]).is_drained


def test_a_drained_print_server_takes_no_jobs_until_it_is_undrained(
    office: PrintServer, server: ContractServer, printer: VirtualPrinter
) -> None:
    held = job_id(submit(office, template=['ATTR keyword job-hold-until "indefinite"']))
    office.wait_for_state(held, JobState.HELD)
    printer.tell("jam")
    stuck = job_id(submit(office))
    office.wait_for_state(stuck, JobState.DELIVERING, JobState.PRINTING)

    late = provider(office, "drain", "--wait", "1")
    assert late.returncode == 1
    assert "1 jobs are still at their printers" in late.stderr
    assert submit(office).status == "server-error-not-accepting-jobs"
    printer.tell("clear")
    done = provider(office, "drain", "--wait", "60")
    assert (done.returncode, done.stdout) == (0, "Safe to stop: no job is at a printer; 1 wait on disk.\n"), (
        done.stderr
    )
    assert office.job(stuck).state is JobState.COMPLETED

    office.process.stop()
    assert status(office)["running"] is False
    office.process.start()
    assert (status(office)["drained"], status(office)["unfinished"]) == (True, {"held": 1})
    assert submit(office).status == "server-error-not-accepting-jobs", "also after a restart"
    assert about(office, "Release-Job", held).status == "successful-ok"
    office.wait_for_state(held, JobState.COMPLETED)

    assert provider(office, "undrain").returncode == 0
    wait_for("jobs to be taken", lambda: submit(office).status == "successful-ok")
    assert "no" in provider(office, "status").stdout

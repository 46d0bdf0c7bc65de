"""Whatever is killed while a job of CUPS is on its way: it prints once, or a person is asked, and no queue stops."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import CancelJob, Hold, ReleaseJob
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.cups.world import PRINTS, CupsSite, ScriptedPrinter

# Reads some, waits until the test lets it go, and prints.
SLOWLY = f"head -c 200 > /dev/null; until [ -e $F/go ]; do sleep 0.05; done; {PRINTS}"
WAITS_FIRST = f"until [ -e $F/go ]; do sleep 0.05; done; {PRINTS}"


@pytest.fixture(scope="module")
def scripted(site: CupsSite) -> ScriptedPrinter:
    return site.scripted("cellar")


@pytest.fixture(autouse=True)
def fresh(site: CupsSite, scripted: ScriptedPrinter) -> Iterator[None]:
    site.lets_print()
    scripted.does(PRINTS)
    scripted.hold_back()
    yield
    assert "disabled" not in site.cups.lpstat("-p"), "a queue was stopped"


def test_the_provider_is_killed_while_it_prints(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    scripted.does(SLOWLY)
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.provider.process.kill()
    site.provider.process.start()
    scripted.let_go()
    assert site.cups.wait_for_end(number).state == "completed"
    assert site.wait_for_state(number, JobState.COMPLETED).attempt == 1
    assert scripted.log(number) == ["start", "printed"]


def test_the_provider_is_away_while_it_ends(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    scripted.does(SLOWLY)
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.provider.process.kill()
    scripted.let_go()
    scripted.wait_for(number, "start", "printed")
    site.provider.process.start()
    assert site.cups.wait_for_end(number).state == "completed"
    site.wait_for_state(number, JobState.COMPLETED)
    assert scripted.log(number) == ["start", "printed"]


def test_our_backend_is_killed_before_the_real_one_reads(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does(WAITS_FIRST)
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.kill_backend(number)
    # The real one goes on alone: nobody starts another one beside it.
    scripted.let_go()
    scripted.wait_for(number, "start", "printed")
    job = site.wait_for_state(number, JobState.HELD)
    assert job.in_doubt
    # To CUPS a killed backend is one that printed. Here a person looks, and it was printed indeed.
    site.server.order(CancelJob(job_id=job.uuid, by="desk"))
    site.wait_for_state(number, JobState.CANCELLED)
    assert scripted.log(number) == ["start", "printed"]


def test_both_backends_are_killed_before_anything_is_read(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does("echo $$ > $F/pid; until [ -e $F/go ]; do sleep 0.05; done; exit 0")
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    ours = site.pid_of_backend(number)
    os.kill(ours, signal.SIGSTOP)  # it cannot tell of the other's end
    os.kill(int((scripted.folder / "pid").read_text()), signal.SIGKILL)
    scripted.does(PRINTS)
    os.kill(ours, signal.SIGKILL)
    scripted.wait_for(number, "start", "start", "printed")
    site.wait_for_state(number, JobState.COMPLETED)


def test_provider_and_backends_are_killed_in_the_middle(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does(f"echo $$ > $F/pid; {SLOWLY}")
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.provider.process.kill()
    ours = site.pid_of_backend(number)
    os.kill(ours, signal.SIGSTOP)
    os.kill(int((scripted.folder / "pid").read_text()), signal.SIGKILL)
    os.kill(ours, signal.SIGKILL)
    site.provider.process.start()
    job = site.wait_for_state(number, JobState.HELD)
    assert job.in_doubt
    assert scripted.log(number) == ["start"]
    # A person looked: nothing is on paper.
    scripted.does(PRINTS)
    site.server.order(ReleaseJob(job_id=job.uuid, by="desk"))
    scripted.wait_for(number, "start", "start", "printed")
    site.wait_for_state(number, JobState.COMPLETED)


def test_backends_are_killed_that_print_a_file_of_cups(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    """How far the printer's read it nobody can say: copies of a raw file are its own to make."""
    scripted.does("echo $$ > $F/pid; echo printed $1 >> $F/log; while :; do sleep 0.1; done")
    number = site.cups.lp(report, "cellar", user="ann", options={"copies": "2", "raw": "true"})
    scripted.wait_for(number, "start", "printed")
    ours = site.pid_of_backend(number)
    os.kill(ours, signal.SIGSTOP)
    os.kill(int((scripted.folder / "pid").read_text()), signal.SIGKILL)
    os.kill(ours, signal.SIGKILL)
    job = site.wait_for_state(number, JobState.HELD)
    assert job.in_doubt
    assert scripted.log(number) == ["start", "printed"]
    site.server.order(CancelJob(job_id=job.uuid, by="desk"))
    site.wait_for_state(number, JobState.CANCELLED)


def test_cupsd_is_killed_while_it_prints(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    scripted.does(SLOWLY)
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.cups.process.kill(with_orphans=False)
    site.cups.process.start()
    scripted.let_go()
    assert site.cups.wait_for_end(number).state == "completed"
    site.wait_for_state(number, JobState.COMPLETED)
    assert scripted.log(number) == ["start", "printed"]


def test_a_held_job_outlives_cupsd_and_provider(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    site.server.decide = lambda message: Hold(reason="Waits for its owner.")
    number = site.cups.lp(report, "cellar", user="ann")
    site.wait_for_cups(number, "pending-held")
    site.provider.process.kill()
    site.cups.process.kill()
    site.cups.process.start()
    site.provider.process.start()
    assert site.cups.job_state(number) == "pending-held"
    site.lets_print()
    site.server.order(ReleaseJob(job_id=site.jobs_of(number)[-1].uuid, by="desk"))
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number) == ["start", "printed"]


def test_cupsd_stops_in_good_order_while_a_job_waits(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    scripted.does(f"if [ -e $F/go ]; then {PRINTS}; fi; exit 1")
    number = site.cups.lp(report, "cellar", user="ann")
    site.wait_for_state(number, JobState.AUTHORISED)
    site.cups.process.stop()
    site.cups.process.start()
    scripted.let_go()
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number).count("printed") == 1
    assert len(site.jobs_of(number)) == 1


def test_who_has_cups_print_a_finished_job_again_pays_again(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    number = site.cups.lp(report, "cellar", user="ann")
    site.wait_for_state(number, JobState.COMPLETED)
    wait_for(
        "CUPS's word to be heard",
        lambda: all(job.cups and job.cups.closed for job in site.jobs_of(number)),
        within_s=60,
    )
    site.cups.command("lp", "-i", str(number), "-H", "restart")
    scripted.wait_for(number, "start", "printed", "start", "printed")
    wait_for(
        "both to be paid",
        lambda: [job.state for job in site.jobs_of(number)] == [JobState.COMPLETED] * 2,
        within_s=60,
    )


def test_every_document_of_a_job_is_printed_once(site: CupsSite, printer: VirtualPrinter, report: Path) -> None:
    """With *cupsSingleFile* CUPS starts the backend once a document."""
    before = len(printer.jobs())
    site.cups.add_driverless_queue("single", printer.uri)
    ppd = site.cups.folder / "single.ppd"
    ppd.write_text((site.cups.server_root / "ppd/single.ppd").read_text() + "*cupsSingleFile: True\n")
    site.cups.command("lpadmin", "-p", "single", "-P", str(ppd))
    site.adopt("single")
    said = site.cups.command("lp", "-d", "single", "-U", "ann", str(report), str(report))
    number = int(said.split("single-")[1].split()[0])
    assert site.cups.wait_for_end(number).state == "completed"
    wait_for("both", lambda: [job.state for job in site.jobs_of(number)] == [JobState.COMPLETED] * 2, within_s=120)
    assert [job.impressions for job in printer.jobs()[before:]] == [3, 3]


def test_a_queue_is_let_go_and_the_provider_killed_while_it_prints(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    """Neither the backend nor CUPS waits for a queue that nobody has any more."""
    scripted.does(SLOWLY)
    number = site.cups.lp(report, "cellar", user="ann")
    scripted.wait_for(number, "start")
    site.provider.process.kill()
    queues = site.server.queues
    site.server.queues = [queue for queue in queues if queue.name != "cellar"]
    site.server.bump()
    try:
        site.provider.process.start()
        snapshot = site.provider.state / "snapshot.json"
        wait_for("the queue to be gone", lambda: '"cellar"' not in snapshot.read_text(), within_s=120)
        scripted.let_go()
        assert site.cups.wait_for_end(number).state == "completed"
        site.wait_for_state(number, JobState.COMPLETED)
        assert scripted.log(number) == ["start", "printed"]
    finally:
        site.server.queues = queues
        site.server.bump()

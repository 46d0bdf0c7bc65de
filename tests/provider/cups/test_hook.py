"""Jobs of CUPS queues that were adopted: decided about before they print, and printed by CUPS as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    CancelJob,
    FetchSnapshot,
    Hold,
    InDoubtPolicy,
    RefusalReason,
    Refuse,
    ReleaseJob,
)
from rig import ipptool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import run_contract_server
from tests.provider.cups.world import PRINTS, CupsSite, ScriptedPrinter, run_cups_site

TOO_DEAR = Refuse(reason=RefusalReason.ACCOUNT_LIMIT_REACHED, message="It costs too much.")


@pytest.fixture(scope="module")
def scripted(site: CupsSite) -> ScriptedPrinter:
    return site.scripted("lab")


@pytest.fixture(autouse=True)
def fresh(site: CupsSite, scripted: ScriptedPrinter) -> Iterator[None]:
    site.lets_print()
    scripted.does(PRINTS)
    scripted.hold_back()
    yield
    assert "disabled" not in site.cups.lpstat("-p"), "a queue was stopped"


def test_a_job_is_printed_with_its_options(site: CupsSite, printer: VirtualPrinter, report: Path) -> None:
    site.cups.add_driverless_queue("office", printer.uri)
    site.adopt("office")
    options = {"copies": "2", "sides": "two-sided-long-edge", "number-up": "1"}
    number = site.cups.lp(report, "office", user="ann", title="Report", options=options)
    assert site.cups.wait_for_end(number).state == "completed"
    job = site.wait_for_state(number, JobState.COMPLETED)
    assert (job.job_name, job.owner.user_name) == ("Report", "ann")
    printed = printer.jobs()[-1]
    assert job.output is not None
    assert (printed.impressions, printed.sheets) == (6, 4) == (job.output.impressions, job.output.sheets)
    # Two pages on a side: CUPS lays them out, and they are not laid out once more.
    number = site.cups.lp(report, "office", user="ann", options={"number-up": "2"})
    job = site.wait_for_state(number, JobState.COMPLETED)
    assert job.output is not None
    assert printer.jobs()[-1].impressions == 2 == job.output.impressions
    # What comes to the print server itself for this queue has no way to the printer.
    asked = ipptool.ask(site.provider.uri("office"), "Print-Job", document=report)
    assert asked.status in (
        "client-error-forbidden",
        "server-error-not-accepting-jobs",
        "client-error-not-authorized",
    )


def test_copies_of_a_file_that_cups_sends_as_it_is_are_paid(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    number = site.cups.lp(report, "lab", user="ann", options={"copies": "2", "raw": "true"})
    job = site.wait_for_state(number, JobState.COMPLETED)
    assert job.output is not None
    assert job.output.impressions == 6


def test_a_job_over_the_limit_is_held_in_cups_and_decided_anew_when_its_owner_has_it_go_on(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    site.server.decide = lambda message: TOO_DEAR
    number = site.cups.lp(report, "lab", user="ann")
    site.wait_for_cups(number, "pending-held")
    assert f"[Job {number}] Job held indefinitely - account limit has been reached." in site.cups.log()
    said = ipptool.ask(
        f"ipp://127.0.0.1:{site.cups.port}/",
        "Get-Job-Attributes",
        [f"ATTR integer job-id {number}", "ATTR keyword requested-attributes job-message-from-operator"],
    ).first
    assert said["job-message-from-operator"] == "It costs too much."
    assert scripted.log(number) == []
    site.lets_print()
    site.cups.command("lp", "-i", str(number), "-H", "resume")
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number) == ["start", "printed"]


def test_a_held_job_is_printed_when_the_server_releases_it_without_anybody_at_cups(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    site.server.decide = lambda message: Hold(reason="Waits for its owner.")
    number = site.cups.lp(report, "lab", user="ann")
    site.wait_for_cups(number, "pending-held")
    job = site.wait_for_state(number, JobState.HELD)
    # CUPS may start it anew: that is no release.
    site.cups.command("lp", "-i", str(number), "-H", "resume")
    wait_for(
        "CUPS to hold it again",
        lambda: site.cups.log().count(f"[Job {number}] Job held indefinitely") == 2,
        within_s=60,
    )
    assert scripted.log(number) == []
    site.lets_print()
    site.server.order(ReleaseJob(job_id=job.uuid, by="desk"))
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number) == ["start", "printed"]


def test_a_cancel_reaches_the_other_side(site: CupsSite, scripted: ScriptedPrinter, report: Path) -> None:
    site.server.decide = lambda message: Hold(reason="Waits for its owner.")
    in_cups, at_server = (site.cups.lp(report, "lab", user="ann") for _ in range(2))
    site.wait_for_cups(in_cups, "pending-held")
    site.wait_for_cups(at_server, "pending-held")
    site.cups.command("cancel", str(in_cups))
    site.wait_for_state(in_cups, JobState.CANCELLED)
    site.server.order(CancelJob(job_id=site.jobs_of(at_server)[-1].uuid, by="desk"))
    site.wait_for_cups(at_server, "canceled")


def test_a_job_cancelled_in_cups_while_it_prints_costs_the_share_that_the_printer_took(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does('trap "exit 0" TERM; head -c 200 > /dev/null; while :; do sleep 0.1; done')
    number = site.cups.lp(report, "lab", user="ann")
    scripted.wait_for(number, "start")
    site.cups.command("cancel", str(number))
    job = site.wait_for_state(number, JobState.CANCELLED)
    assert job.output is not None
    assert job.output.impressions < 3


def test_a_backend_that_would_stop_the_queue_before_it_reads_is_tried_again(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does(f"if [ -e $F/tried ]; then rm $F/tried; {PRINTS}; else touch $F/tried; exit 4; fi")
    number = site.cups.lp(report, "lab", user="ann")
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number) == ["start", "start", "printed"]


def test_a_backend_that_fails_in_the_middle_leaves_the_job_in_doubt(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    scripted.does("head -c 200 > /dev/null; exit 1")
    number = site.cups.lp(report, "lab", user="ann")
    site.wait_for_cups(number, "pending-held")
    job = site.wait_for_state(number, JobState.HELD)
    assert job.in_doubt
    # A person looked, and has it printed.
    scripted.does(PRINTS)
    site.server.order(ReleaseJob(job_id=job.uuid, by="desk"))
    assert site.cups.wait_for_end(number).state == "completed"
    assert scripted.log(number) == ["start", "start", "printed"]


def test_other_options_make_another_job_of_a_held_one(
    site: CupsSite, scripted: ScriptedPrinter, report: Path
) -> None:
    site.server.decide = lambda message: Hold(reason="Waits for its owner.")
    number = site.cups.lp(report, "lab", user="ann", options={"raw": "true"})
    site.wait_for_cups(number, "pending-held")
    site.lets_print()
    site.cups.command("lp", "-i", str(number), "-n", "3", "-H", "resume")
    assert site.cups.wait_for_end(number).state == "completed"
    first, second = site.jobs_of(number)
    assert first.state is JobState.CANCELLED
    assert second.output is not None
    assert second.output.impressions == 9


def test_a_queue_that_resends_prints_again_what_is_in_doubt(site: CupsSite, report: Path) -> None:
    printer = site.scripted("again")
    site.server.add_queue("again", "everprint:again-device:/there", in_doubt=InDoubtPolicy.RESEND)
    site.server.order(FetchSnapshot())
    snapshot = site.provider.state / "snapshot.json"
    wait_for("the policy", lambda: '"resend"' in snapshot.read_text(), within_s=120)
    printer.does(f"if [ -e $F/tried ]; then {PRINTS}; else touch $F/tried; head -c 200 > /dev/null; exit 1; fi")
    number = site.cups.lp(report, "again", user="ann")
    assert site.cups.wait_for_end(number).state == "completed"
    assert printer.log(number) == ["start", "start", "printed"]


def test_a_document_that_is_too_large_is_held_and_keeps_no_other_from_its_turn(tmp_path: Path, report: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(2 << 20))
    with run_contract_server() as server, run_cups_site(server, max_document_mib=1) as site:
        site.lets_print()
        printer = site.scripted("small")
        first = site.cups.lp(large, "small", user="ann", options={"raw": "true"})
        second = site.cups.lp(report, "small", user="ann")
        assert site.cups.wait_for_end(second).state == "completed"
        site.wait_for_cups(first, "pending-held")
        assert printer.log(first) == []

"""A queue of ours whose printer is a queue of CUPS: options are kept, and the job is followed to its end there."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import FetchSnapshot
from rig import ipptool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.cups.world import CupsSite


@pytest.fixture
def through(site: CupsSite, printer: VirtualPrinter) -> str:
    """The URI of our queue; behind it is CUPS, and behind that a printer."""
    site.lets_print()
    site.cups.add_driverless_queue("behind", printer.uri)
    site.server.add_queue("through", site.cups.uri("behind"))
    site.server.order(FetchSnapshot())
    uri = site.provider.uri("through")

    def is_ready() -> bool:
        answer = ipptool.ask(uri, "Get-Printer-Attributes")
        reasons = ipptool.strings(answer.first, "printer-state-reasons") if answer.groups else ["none yet"]
        return answer.status == "successful-ok" and "connecting-to-device" not in reasons

    wait_for("our queue", is_ready, within_s=120)
    return uri


def test_options_reach_the_printer_through_cups(
    site: CupsSite, printer: VirtualPrinter, through: str, report: Path
) -> None:
    asked = [
        "ATTR name requesting-user-name ann",
        "ATTR name job-name Through",
        "ATTR mimeMediaType document-format application/pdf",
        "GROUP job-attributes-tag",
        "ATTR keyword sides two-sided-long-edge",
        "ATTR integer copies 2",
    ]
    made = ipptool.ask(through, "Print-Job", asked, document=report)
    assert made.status == "successful-ok"
    job = site.provider.wait_for_state(int(str(made.first["job-id"])), JobState.COMPLETED, within_s=120)
    (printed,) = [one for one in printer.jobs() if one.job_name == "Through"]
    assert (printed.impressions, printed.sheets) == (6, 4)
    assert job.output is not None
    assert (job.output.impressions, job.output.sheets) == (6, 4)
    assert job.device_job_id is not None
    assert site.cups.job_state(job.device_job_id) == "completed"

"""Programs ask what the dashboard answers; the same trouble is told on both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, JobReceived, PrinterState, PrinterStatus
from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")


def test_a_program_is_told_whether_printing_is_well_and_what_came_out_today() -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.providers.models import Provider

    server, watcher = PrintServer(credit="10.00"), program("operator")
    printed, waiting = server.job(), server.job()
    for job in (printed, waiting):
        server.ask(job, pages(3))
    server.report(printed, JobReceived(job=printed), JobFinished(state=JobState.COMPLETED, output=pages(3)))
    soon = timezone.now() + timedelta(hours=1)  # of today, and just heard of, however late it is asked
    Job.objects.filter(finished_at__isnull=False).update(finished_at=soon)
    server.report(None, PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[]))
    Provider.objects.update(last_seen_at=soon)
    well = watcher.get("/dashboard")
    assert (well["is_well"], well["troubles"], well["jobs_waiting"], well["reserved"]) == (True, [], 1, "0.15")
    assert well["today"]["charged"] == "0.15"
    server.report(None, PrinterStatus(queue="office", state=PrinterState.STOPPED, reasons=["media-jam-error"]))
    Provider.objects.update(last_seen_at=soon)
    told = watcher.get("/dashboard")
    assert [(trouble["name"], trouble["stops_printing"]) for trouble in told["troubles"]] == [("office", True)]
    assert told["troubles"][0]["text"] in administrator().see("/dashboard")
    Provider.objects.update(last_seen_at=None)
    assert watcher.get("/dashboard")["troubles"][0]["name"] == "north"
    assert program("user").refused("GET", "/dashboard")[0] == 403

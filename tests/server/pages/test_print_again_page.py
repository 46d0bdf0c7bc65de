"""A job that is over has a button to print it again, as long as its document is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, JobNoted, JobReceived
from tests.server.world import PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")


def test_its_owner_presses_the_button_and_it_is_ordered_once() -> None:
    from django.test import Client

    from everprint.server.people.users import create_user
    from everprint.server.providers.models import Order

    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(1)))
    page = f"/jobs/{north.seen(job).number}"
    owner, stranger = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    owner.force_login(north.user)
    stranger.force_login(create_user("bob"))
    assert "print-again" not in owner.get(page).content.decode()
    until = datetime.now(UTC) + timedelta(hours=1)
    north.report(job, JobNoted(job_name="report.pdf", document_until=until))
    shown = owner.get(page).content.decode()
    assert f"{page}/print-again" in shown and "Document kept until" in shown
    assert stranger.post(f"{page}/print-again").status_code == 404
    assert owner.post(f"{page}/print-again").headers["Location"] == page
    assert [(order.by, str(order.job)) for order in Order.objects.filter(kind="resubmit-job")] == [
        ("alice", job.job_id)
    ]

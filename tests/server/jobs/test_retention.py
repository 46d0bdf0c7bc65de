"""Old jobs are forgotten in their details, and in nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import CancelJob, JobDescription, JobFinished, JobReceived
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

pytestmark = pytest.mark.usefixtures("database")


def printed(server: PrintServer, name: str, days_ago: int) -> JobDescription:
    from everprint.server.jobs.models import Job

    job = server.job(job_name=name, client_address="192.0.2.9", job_account_id="physics")
    server.report(job, JobReceived(job=job))
    server.ask(job, pages(3))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(3), reason="printed"))
    Job.objects.filter(uuid=job.job_id).update(finished_at=timezone.now() - timedelta(days=days_ago))
    return job


def names() -> list[str]:
    from everprint.server.jobs.models import Job

    return list(Job.objects.order_by("number").values_list("name", flat=True))


def test_details_go_after_their_days_and_figures_and_money_stay() -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.retention import forget_old_details

    server = PrintServer(credit="100")
    old = printed(server, "Diagnosis", 91)
    printed(server, "Menu", 89)
    waiting = server.job(job_name="Still here")
    server.report(waiting, JobReceived(job=waiting))
    balance = balance_of("alice")

    assert forget_old_details() == ""  # by default nothing is forgotten
    assert names() == ["Diagnosis", "Menu", "Still here"]

    change_settings({"job_details_days": 90})
    assert forget_old_details() == "details of 1 jobs forgotten"
    assert names() == ["", "Menu", "Still here"]
    job = Job.objects.get(uuid=old.job_id)
    assert (job.client_address, job.job_account_id, job.noted) == ("", "", None)
    assert not job.steps.exclude(text="").exists()
    assert (job.user_name, job.printed_impressions, job.state) == ("alice", 3, JobState.COMPLETED)
    assert balance_of("alice") == balance
    audit_is_clean()
    assert forget_old_details() == ""  # and not again


def test_many_are_forgotten_a_few_at_a_time_until_another_server_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.jobs import retention

    monkeypatch.setattr(retention, "AT_ONCE", 2)
    server = PrintServer(credit="100")
    for number in range(5):
        printed(server, f"Job {number}", 10 - number)
    change_settings({"job_details_days": 1})
    answers = iter([True, False])
    assert retention.forget_old_details(lambda: next(answers)).startswith("details of 2 jobs")
    assert names() == ["", "", "Job 2", "Job 3", "Job 4"]
    assert retention.forget_old_details() == "details of 3 jobs forgotten"


@pytest.mark.parametrize("days", [-1, 36_501, "soon"])
def test_days_that_cannot_be_are_refused(days: object) -> None:
    from everprint.server.installation.settings import BadSetting, change_settings

    with pytest.raises(BadSetting, match="job_details_days"):
        change_settings({"job_details_days": days})


def test_orders_go_when_they_were_carried_out_long_ago() -> None:
    from everprint.server.providers.models import Order, Provider
    from everprint.server.providers.orders import forget_old_orders, make_order

    server = PrintServer()
    provider = Provider.objects.get()
    Order.objects.all().delete()
    for _ in range(3):
        make_order(provider.pk, CancelJob(job_id=server.job().job_id, by="admin"))
    first, second, third = Order.objects.order_by("sequence")
    Order.objects.exclude(pk=third.pk).update(made_at=timezone.now() - timedelta(days=31))
    Provider.objects.update(orders_acknowledged=first.sequence)
    assert forget_old_orders() == "1 orders removed"
    assert list(Order.objects.order_by("sequence")) == [second, third]

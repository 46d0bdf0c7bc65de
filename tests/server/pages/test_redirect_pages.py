"""Operators send waiting jobs to another printer, from the job's page and from the printer's; nobody else can."""

from __future__ import annotations

import pytest

from everprint.contract.messages import JobAnalysed, JobReceived
from tests.server.world import PrintServer, new_printer, pages, summary

pytestmark = pytest.mark.usefixtures("database")


def test_a_job_and_all_jobs_of_a_printer_are_redirected() -> None:
    from django.test import Client

    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user
    from everprint.server.providers.models import Order

    north = PrintServer()
    hall = new_printer(north.provider, "hall")
    job = north.job()
    north.ask(job, pages(1))
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))))
    operator, owner = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    operator.force_login(create_user("olga", role=Role.OPERATOR))
    owner.force_login(north.user)
    number = north.seen(job).number
    of_job, of_printer = f"/jobs/{number}/redirect", f"/printers/{north.printer.pk}/redirect"
    for page, path in ((f"/jobs/{number}", of_job), (f"/printers/{north.printer.pk}", of_printer)):
        assert path in operator.get(page).content.decode()
        assert "hall" in operator.get(path).content.decode()
        assert owner.post(path, {"target": hall.pk}).status_code == 403
        assert operator.post(path, {"target": north.printer.pk}).status_code == 200  # the form again: not offered
        assert operator.post(path, {"target": hall.pk}).headers["Location"] == page
    assert of_job not in owner.get(f"/jobs/{number}").content.decode()
    assert [(order.by, order.queue) for order in Order.objects.filter(kind="redirect-job")] == [("olga", "hall")] * 2

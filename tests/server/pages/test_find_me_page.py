"""Somebody chooses in a browser at which printer a Find-Me job is printed, at a desk and by phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.server.pages.axe import violations
from tests.server.pages.pleasant import job_row
from tests.server.pages.site import DESKTOP, PHONE, Site
from tests.server.pages.test_every_page import FAULTS, TOO_FAINT
from tests.server.world import A4


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_owner_releases_at_a_printer(site: Site, width: int) -> None:
    from everprint.server.printers.queues import add_printer
    from everprint.server.providers.models import Order

    job = job_row(site.world.held)
    printer = job.printer
    printer.abilities = {"document_formats": [job.document_format], "media": [A4], "colour": True, "two_sided": True}
    printer.save()
    job.printer = add_printer(printer.provider, name="anywhere", device_uri="find-me:")
    job.save()
    page = site.tab("sara.lind", width=width)
    page.goto("/me")
    page.get_by_role("link", name=f"Release {job.name} at a printer").click()
    expect(page.get_by_role("heading", name="Where shall it be printed?")).to_be_visible()
    assert page.evaluate(FAULTS) == []
    assert page.evaluate(TOO_FAINT) == []
    assert violations(page) == []
    page.get_by_role("button", name=f"Release at {printer.name}", exact=True).click()
    expect(page.get_by_text(f"will be printed at {printer.name}")).to_be_visible()
    assert Order.objects.filter(kind="redirect-job", queue=printer.name, release=True).count() == 1

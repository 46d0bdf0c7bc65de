"""Shared accounts on the pages: made, filled, chosen for a job."""

from __future__ import annotations

from decimal import Decimal

import pytest

from everprint.contract.messages import Hold, JobHeld
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import PrintServer, balance_of, pages

pytestmark = pytest.mark.usefixtures("database")


def test_a_shared_account_is_made_filled_closed_and_read() -> None:
    from everprint.server.charging.models import SharedAccount

    PrintServer()
    admin = administrator()
    assert "Physics was made" in admin.fill("/accounts/new", name="Physics", users="alice", comment_option="required")
    assert "there is no user nobody" in admin.fill("/accounts/new", name="Chemistry", users="nobody")
    assert "make it first" in admin.fill("/accounts/new", name="Biology\\Lab")
    admin.fill("/accounts/new", name="physics\\Lab")
    physics = SharedAccount.objects.get(account__name="Physics")
    assert "now €20.00" in admin.fill(f"/accounts/{physics.pk}/adjust", amount="20", comment="budget 2027")
    page = admin.see(f"/accounts/{physics.pk}")
    for words in ("budget 2027", "May charge to it alice", "must be given", "Physics\\Lab"):
        assert words in page
    assert "budget 2027" in admin.download(f"/accounts/{physics.pk}/statement/csv")
    assert "PIN was set" in admin.fill(f"/accounts/{physics.pk}/pin", pin="2718")
    assert "2718" not in admin.see(f"/accounts/{physics.pk}/pin")
    assert "is closed" in admin.fill(f"/accounts/{physics.pk}/edit", is_active=None)
    listed = admin.download("/accounts/csv?text=lab")
    assert "Physics\\Lab" in listed
    assert balance_of("Physics") == 20


def test_the_owner_chooses_the_account_of_a_job_that_waits_for_it() -> None:
    server = PrintServer()
    admin, alice = administrator(), SignedIn(server.user)
    admin.fill("/accounts/new", name="Physics", for_everybody="on", restricted=None)
    admin.fill(f"/users/{server.user.pk}/selection", mode="choose")
    job = server.job()
    answer = server.ask(job, pages(10))
    assert isinstance(answer, Hold)
    server.report(job, JobHeld(reason=answer.reason))
    number = server.seen(job).number
    assert "Choose account" in alice.see(f"/jobs/{number}")
    assert "or the PIN is wrong" in alice.fill(f"/jobs/{number}/charge", other="Chemistry", pin="1")
    page = alice.fill(f"/jobs/{number}/charge", account="Physics", comment="experiment")
    assert "will be charged as you said" in page
    assert "experiment" in page
    server.ask(job, pages(10), attempt=2)
    assert balance_of("Physics") == Decimal("-0.50")
    assert "on Physics" in alice.see(f"/jobs/{number}")
    alice.see(f"/jobs/{number}/charge", 403)


def test_nobody_chooses_for_somebody_elses_job() -> None:
    from everprint.server.people.users import create_user

    server = PrintServer()
    job = server.job()
    server.ask(job, pages(1))
    SignedIn(create_user("mallory")).see(f"/jobs/{server.seen(job).number}/charge", 404)


def test_how_accounts_are_selected_is_set_for_a_group_and_a_printer() -> None:
    from everprint.server.people.models import Group

    server = PrintServer()
    group = Group.objects.create(name="staff")
    group.members.add(server.user)
    admin = administrator()
    admin.fill("/accounts/new", name="Physics", restricted=None)
    assert "There is no shared account" in admin.fill(f"/printers/{server.printer.pk}/selection", mode="shared")
    admin.fill(f"/printers/{server.printer.pk}/selection", mode="shared", account="physics")
    server.ask(server.job(), pages(10))
    assert balance_of("Physics") == Decimal("-0.50")
    admin.fill(f"/groups/{group.pk}/selection", mode="personal")
    server.ask(server.job(), pages(10))
    assert balance_of("Physics") == Decimal("-0.50")

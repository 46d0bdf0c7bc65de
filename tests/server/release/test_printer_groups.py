"""Whoever operates a printer steers everybody's jobs there, and nobody's elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived
from tests.server.api.program import Program
from tests.server.pages.signed_in import SignedIn, administrator, text_of
from tests.server.world import PrintServer, new_printer, pages, summary

if TYPE_CHECKING:
    from everprint.server.jobs.models import Job
    from everprint.server.people.models import User
    from everprint.server.printers.models import Printer
    from everprint.server.release.models import PrinterGroup

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def north() -> PrintServer:
    """*office* and *hall* hold every job; alice prints."""
    north = PrintServer(queue={"hold": True})
    new_printer(north.provider, "hall", hold=True)
    return north


@pytest.fixture
def bob(north: PrintServer) -> User:
    """He operates *office*, as a member of the group of librarians."""
    from everprint.server.people.groups import add_member, create_group
    from everprint.server.people.users import create_user

    bob = create_user("bob")
    librarians = create_group("Librarians")
    add_member(librarians, bob)
    grouped([north.printer], groups=[librarians.pk])
    return bob


def grouped(printers: list[Printer], name: str = "Library", **people: list[int]) -> PrinterGroup:
    from everprint.server.release.printer_groups import make_printer_group

    return make_printer_group({"name": name, "printers": [one.pk for one in printers], **people})  # type: ignore[typeddict-item]


def held(north: PrintServer, **changes: object) -> Job:
    job = north.job(**changes)
    north.ask(job, pages(4))
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))), JobHeld(reason="held"))
    return north.seen(job)


def orders() -> list[str]:
    from everprint.server.providers.models import Order

    return list(Order.objects.exclude(job=None).order_by("sequence").values_list("kind", flat=True))


def test_jobs_at_that_printer_are_seen_and_steered_and_no_others(north: PrintServer, bob: User) -> None:
    here, there = held(north), held(north, queue="hall", job_name="far.pdf")
    operator = SignedIn(bob)
    shown = operator.see("/operated")
    assert "report.pdf" in shown
    assert "far.pdf" not in shown
    assert "Printers I operate" in operator.see("/me")
    operator.see(f"/jobs/{here.number}")
    operator.see(f"/jobs/{there.number}", status=HTTPStatus.NOT_FOUND)
    operator.send(f"/jobs/{there.number}/cancel", status=HTTPStatus.NOT_FOUND)
    operator.see(f"/jobs/{there.number}/redirect", status=HTTPStatus.FORBIDDEN)
    operator.see(f"/jobs/{here.number}/pages/1", status=HTTPStatus.NOT_FOUND)
    assert "hall" in operator.see(f"/jobs/{here.number}/redirect")
    operator.send(f"/jobs/{here.number}/release")
    operator.send(f"/jobs/{here.number}/cancel")
    assert orders() == ["release-job", "cancel-job"]
    assert "far.pdf" not in operator.see("/me/jobs")
    SignedIn(north.user).see(f"/jobs/{there.number}")


def test_who_operates_nothing_sees_nothing_of_others(north: PrintServer, bob: User) -> None:
    from everprint.server.people.users import create_user
    from everprint.server.release.models import PrinterGroup

    number = held(north).number
    nobody = SignedIn(create_user("carol"))
    assert "You operate no printer." in nobody.see("/operated")
    nobody.see(f"/jobs/{number}", status=HTTPStatus.NOT_FOUND)
    assert "Printers I operate" not in nobody.see("/me")
    SignedIn(bob).see(f"/jobs/{number}")
    PrinterGroup.objects.all().delete()
    SignedIn(bob).see(f"/jobs/{number}", status=HTTPStatus.NOT_FOUND)


def test_everybodys_jobs_are_released_at_the_printers_station(north: PrintServer, bob: User) -> None:
    from everprint.server.people.cards import set_card
    from everprint.server.release.stations import make_station

    job = held(north)
    set_card(bob, 1, "04A2B3C4")
    made = make_station([north.printer], name="Hall", by_card=True, by_pin=True, by_password=True, idle_s=60)
    screen = Client(SERVER_NAME="localhost")
    answer = screen.post(f"/release/{made.key}/sign-in", {"card": "04A2B3C4"}, follow=True)
    assert "of alice" in text_of(answer.content.decode())
    screen.post(f"/release/{made.key}/jobs/{job.number}/release")
    assert orders() == ["release-job"]


def test_operators_of_a_printer_are_told_of_its_trouble_and_choose_whether_by_mail(
    north: PrintServer, bob: User
) -> None:
    from everprint.server.notifications.kinds import PRINTER_TROUBLE
    from everprint.server.notifications.wishes import kinds_for
    from everprint.server.release.operators import operators_of

    assert operators_of(north.printer) == [bob.pk]
    assert PRINTER_TROUBLE in kinds_for(bob)
    assert PRINTER_TROUBLE not in kinds_for(north.user)


def test_an_administrator_makes_changes_and_removes_them_on_pages(north: PrintServer) -> None:
    from everprint.server.release.models import PrinterGroup

    admin = administrator()
    new = {"name": "Library", "printers": "office\nhall", "users": "alice", "groups": ""}
    assert "Library was made." in admin.fill("/printer-groups/new", **new)
    group = PrinterGroup.objects.get()
    address = f"/printer-groups/{group.pk}"
    assert "already a printer group" in admin.fill("/printer-groups/new", **new)
    assert "There is no printer attic." in admin.fill(address, printers="attic")
    assert "Library was saved." in admin.fill(address, printers="north/hall")
    assert list(group.printers.values_list("name", flat=True)) == ["hall"]
    assert "alice" in admin.see("/printer-groups").lower()
    assert "was removed" in admin.send(f"{address}/remove")
    assert not PrinterGroup.objects.exists()


def test_programs_do_the_same_and_nobody_overwrites_another(north: PrintServer, bob: User) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.api.tokens import make_token
    from everprint.server.people.users import create_user

    root = create_user("root", role=Role.ADMINISTRATOR)
    admin = Program(root, make_token(root, "test", root.permissions).text)
    new = {"name": "Hall", "printers": [north.printer.pk], "users": [north.user.pk]}
    made = admin.done("POST", "/printer-groups", new)
    assert admin.refused("POST", "/printer-groups", new)[1] == "printer-group-exists"
    assert admin.refused("POST", "/printer-groups", {**new, "name": "A", "printers": [999]})[1] == "no-such-printer"
    assert admin.get(f"/printer-groups/{made['id']}")["users"] == [north.user.pk]
    admin.done("PATCH", f"/printer-groups/{made['id']}", {"users": []})
    assert admin.get(f"/printer-groups/{made['id']}")["users"] == []
    number = held(north).number
    operator = Program(bob, make_token(bob, "test", bob.permissions).text)
    assert [job["number"] for job in operator.get("/release/operated")] == [number]
    admin.done("DELETE", f"/printer-groups/{made['id']}")


def test_nobody_gives_it_who_may_not_manage_jobs(north: PrintServer) -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.audit_log.acting import Acting, Origin, acting_as
    from everprint.server.people.authority import BeyondOwn, check_may_change, check_may_join
    from everprint.server.people.groups import create_group
    from everprint.server.people.roles import create_role
    from everprint.server.people.users import create_user

    clerk, helper = create_user("clerk"), create_user("helper")
    create_role(
        {"name": "Clerk", "permissions": [Permission.MANAGE_ROLES, Permission.MANAGE_USERS], "users": [clerk.pk]}
    )
    staff = create_group("Staff")
    grouped([north.printer], users=[helper.pk], groups=[staff.pk])
    with acting_as(Acting(clerk, clerk.name, Origin.PAGE, "192.0.2.1")):
        with pytest.raises(BeyondOwn):
            grouped([north.printer], "Mine", users=[clerk.pk])
        with pytest.raises(BeyondOwn):
            check_may_join([staff])
        with pytest.raises(BeyondOwn):
            check_may_change(helper)


def test_when_two_people_become_one_the_other_operates_on(north: PrintServer) -> None:
    from everprint.server.people.merging import merge_users
    from everprint.server.people.users import create_user
    from everprint.server.release.operators import operated_by

    old, new = create_user("old"), create_user("new")
    grouped([north.printer], users=[old.pk])
    merge_users(old.pk, new.pk)
    assert operated_by(new) == [north.printer.pk]

"""Who may release whose jobs: the named users and groups, nobody else, and the owner pays."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived, JobReleased, Print
from tests.server.api.program import program
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages, summary

if TYPE_CHECKING:
    from everprint.contract.messages import JobDescription
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def north() -> PrintServer:
    return PrintServer(queue={"hold": True})


@pytest.fixture
def bob() -> User:
    from everprint.server.people.users import create_user

    return create_user("bob")


def held(north: PrintServer) -> JobDescription:
    job = north.job()
    north.ask(job, pages(4))
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))), JobHeld(reason="held"))
    return job


def may_release(north: PrintServer, job: JobDescription, user: User) -> bool:
    from everprint.server.jobs.orders import NotYours, order_release

    try:
        order_release(north.seen(job), user)
    except NotYours:
        return False
    return True


def test_only_who_was_named_releases_and_the_owner_pays(north: PrintServer, bob: User) -> None:
    from everprint.server.jobs.orders import NotYours, order_cancel
    from everprint.server.release.delegates import set_delegates

    job = held(north)
    assert not may_release(north, job, bob)
    set_delegates(north.user, ["Bob"], [])
    assert may_release(north, job, bob)
    with pytest.raises(NotYours):
        order_cancel(north.seen(job), bob)
    north.report(job, JobReleased(), JobAnalysed(document=summary(pages(4))))
    assert north.ask(job, pages(4), attempt=2) == Print(cost=Decimal("0.20"), account="alice")
    assert balance_of("bob") == 0
    audit_is_clean()


def test_a_group_that_was_named_is_whoever_is_in_it(north: PrintServer, bob: User) -> None:
    from everprint.server.people.groups import add_member, create_group, remove_member
    from everprint.server.release.delegates import set_delegates

    group, job = create_group("Office"), held(north)
    set_delegates(north.user, [], ["office"])
    assert not may_release(north, job, bob)
    add_member(group, bob)
    assert may_release(north, job, bob)
    remove_member(group, bob)
    assert not may_release(north, job, bob)
    group.delete()
    assert not may_release(north, job, bob)


@pytest.mark.parametrize(("users", "groups"), [(["nobody"], []), (["alice"], []), ([], ["None"]), (["b\x00b"], [])])
def test_what_cannot_be_changes_nothing(north: PrintServer, bob: User, users: list[str], groups: list[str]) -> None:
    from everprint.server.release.delegates import BadDelegate, delegates_of, set_delegates

    set_delegates(north.user, ["bob"], [])
    with pytest.raises(BadDelegate):
        set_delegates(north.user, users, groups)
    assert delegates_of(north.user).users == ("bob",)


def test_merging_and_redacting_take_delegates_along(north: PrintServer, bob: User) -> None:
    from everprint.server.people.merging import merge_users
    from everprint.server.people.redaction import redact_user
    from everprint.server.people.users import create_user
    from everprint.server.release.delegates import delegates_of, set_delegates

    carol, dora = create_user("carol"), create_user("dora")
    set_delegates(north.user, ["bob", "carol"], [])
    set_delegates(bob, ["alice", "dora"], [])
    set_delegates(carol, ["bob", "dora"], [])
    merge_users(bob.pk, carol.pk)
    assert delegates_of(north.user).users == ("carol",)
    carol.refresh_from_db()
    assert delegates_of(carol).users == ("alice", "dora")
    redact_user(dora.pk)
    assert delegates_of(carol).users == ("alice",)


def test_pages_say_who_and_release_from_ones_own_page(north: PrintServer, bob: User) -> None:
    from everprint.server.audit_log.models import AuditEntry
    from everprint.server.printers.queues import change_printer
    from everprint.server.release.delegates import delegates_of

    job = held(north)
    change_printer(north.printer, hold_hours=24)
    number = north.seen(job).number
    delegate = Client(SERVER_NAME="localhost")
    delegate.force_login(bob)
    address = f"/jobs/{number}/release"
    assert delegate.post(address).status_code == HTTPStatus.NOT_FOUND
    assert "Waiting for others" not in delegate.get("/me").content.decode()
    assert "There is no user nobody." in SignedIn(north.user).fill("/me/delegates", users="nobody")
    SignedIn(north.user).fill("/me/delegates", users="bob")
    assert delegates_of(north.user).users == ("bob",)
    assert "until" in SignedIn(north.user).see("/me")
    assert address in delegate.get("/me").content.decode()
    assert delegate.get(f"/jobs/{number}").status_code == HTTPStatus.NOT_FOUND
    assert delegate.post(f"/jobs/{number}/cancel").status_code == HTTPStatus.NOT_FOUND
    assert delegate.post(address, {"back": "/me"}).headers["Location"] == "/me"
    assert north.seen(job).steps.get(event="ordered").actor == bob
    assert AuditEntry.objects.filter(action="job.release", actor_name="bob").exists()
    administrator().fill(f"/users/{north.user.pk}/delegates", users="")
    assert delegates_of(north.user).users == ()


def test_the_api_lists_what_waits_and_sets_who_may(north: PrintServer, bob: User) -> None:
    from everprint.server.api.tokens import make_token
    from everprint.server.installation.settings import change_settings
    from everprint.server.providers.models import Order
    from tests.server.api.program import Program

    job, admin = held(north), program()
    told = Order.objects.filter(kind="fetch-snapshot").count()
    change_settings({"hold_hours": 48})
    assert Order.objects.filter(kind="fetch-snapshot").count() == told + 1
    delegates = f"/release/delegates-of/{north.user.pk}"
    assert admin.refused("PUT", delegates, {"users": ["nobody"], "groups": []})[1] == "bad-delegate"
    assert admin.done("PUT", delegates, {"users": ["bob"], "groups": []}) == {"users": ["bob"], "groups": []}
    as_bob = Program(bob, make_token(bob, "test", bob.permissions).text)
    (waiting,) = as_bob.get("/release/jobs")
    assert (waiting["own"], waiting["expected_cost"], waiting["expires_at"]) == (
        False,
        "0.20",
        "2026-11-24T12:00:00Z",
    )
    as_bob.done("POST", f"/jobs/{waiting['job']['number']}/release")
    assert north.seen(job).steps.filter(event="ordered", actor=bob).exists()
    assert as_bob.refused("GET", f"/jobs/{waiting['job']['number']}")[0] == HTTPStatus.NOT_FOUND
    assert as_bob.done("PUT", "/release/my-delegates", {"users": ["alice"], "groups": []})["users"] == ["alice"]
    assert as_bob.get("/release/my-delegates")["users"] == ["alice"]


def test_the_print_server_is_told_how_long_a_job_waits(north: PrintServer) -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.printers.queues import change_printer
    from everprint.server.providers.snapshot import snapshot_of
    from tests.server.world import terms

    def hours() -> float:
        return snapshot_of(north.provider.pk, "server", "EUR", terms().offline).queues[0].hold_hours

    assert hours() == 0
    change_settings({"hold_hours": 48})
    assert hours() == 48
    change_printer(north.printer, hold_hours=24)
    assert hours() == 24

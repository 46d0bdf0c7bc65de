"""Release with a PIN from a page: the PIN goes to the job's provider, hashed, and is kept nowhere for long."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from everprint.contract.messages import (
    JobAnalysed,
    JobDescription,
    JobHeld,
    JobReceived,
    JobReleased,
    Order,
    PasswordRefused,
    ReleaseJob,
)
from tests.server.pages.signed_in import SignedIn
from tests.server.world import PrintServer, pages, summary

pytestmark = pytest.mark.usefixtures("database")

PIN = "8314"


def waiting_for_its_pin(north: PrintServer, method: str = "sha2-256") -> JobDescription:
    job = north.job()
    held = JobHeld(reason="Held until it is released with its PIN.", password_encryption=method)
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))), held)
    return job


def orders(north: PrintServer) -> list[ReleaseJob]:
    from everprint.server.providers.orders import orders_after

    found = [order.do for order in orders_after(north.provider.pk, 0) if isinstance(order, Order)]
    return [do for do in found if isinstance(do, ReleaseJob)]


@pytest.mark.parametrize(("method", "hashing"), [("sha2-256", hashlib.sha256), ("sha2-512", hashlib.sha512)])
def test_the_owner_types_it_and_the_provider_gets_its_hash(method: str, hashing: type) -> None:
    north = PrintServer()
    job = waiting_for_its_pin(north, method)
    page = f"/jobs/{north.seen(job).number}"
    owner = SignedIn(north.user)
    assert "Release with its PIN" in owner.see(page)
    assert "Release" not in owner.see("/me")
    assert "will be released" in owner.send(f"{page}/release", pin=PIN)
    order = orders(north)[-1]
    assert (order.password, order.password_encryption) == (hashing(PIN.encode()).digest(), method)
    assert PIN not in owner.see(page)


def test_without_a_pin_or_with_one_that_cannot_be_nothing_is_ordered() -> None:
    north = PrintServer()
    job = waiting_for_its_pin(north)
    page = f"/jobs/{north.seen(job).number}/release"
    owner = SignedIn(north.user)
    for said in ({}, {"pin": ""}, {"pin": "831"}, {"pin": "8" * 256}):
        assert "Nothing was changed" in owner.send(page, **said)
    assert orders(north) == []


def test_somebody_elses_job_takes_no_pin_from_me() -> None:
    from everprint.server.people.users import create_user

    north = PrintServer()
    job = waiting_for_its_pin(north)
    other = SignedIn(create_user("mallory"))
    other.send(f"/jobs/{north.seen(job).number}/release", 404, pin=PIN)
    assert orders(north) == []


def test_a_wrong_one_is_told_on_the_page_and_a_right_one_ends_the_question() -> None:
    north = PrintServer()
    job = waiting_for_its_pin(north)
    page = f"/jobs/{north.seen(job).number}"
    owner = SignedIn(north.user)
    owner.send(f"{page}/release", pin="0000")
    north.report(job, PasswordRefused(reason="That is not the PIN of job 1; 4 more tries."))
    seen = owner.see(page)
    assert "4 more tries" in seen
    assert "Wrong PIN" in seen
    assert north.seen(job).state == "held"
    north.report(job, JobReleased())
    assert "Release with its PIN" not in owner.see(page)
    assert "Nothing was changed" in owner.send(f"{page}/release", pin=PIN)


def test_a_pin_is_gone_when_the_order_is_carried_out_or_a_minute_old(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.providers import orders as module
    from everprint.server.providers.credentials import caller_of
    from everprint.server.providers.models import Order as Row

    north = PrintServer()
    job = waiting_for_its_pin(north)
    page = f"/jobs/{north.seen(job).number}/release"
    owner = SignedIn(north.user)
    owner.send(page, pin=PIN)
    module.forget_old_passwords()
    row = Row.objects.filter(kind="release-job").latest("sequence")
    assert row.password is not None
    module.acknowledge(caller_of(north.credential, "192.0.2.1"), row.sequence)
    row.refresh_from_db()
    assert row.password is None

    owner.send(page, pin=PIN)
    monkeypatch.setattr(module, "PASSWORD_IS_GOOD_FOR", timedelta(0))
    assert orders(north)[-1].password_encryption == "", "a printer that is back an hour later prints it for nobody"
    module.forget_old_passwords()
    assert not Row.objects.filter(password__isnull=False).exists()

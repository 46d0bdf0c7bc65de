"""A quota is granted once a period, whoever does it, how often, and whatever happened before."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

if TYPE_CHECKING:
    from everprint.server.people.models import Group, User
    from everprint.server.quotas.models import Quota

pytestmark = pytest.mark.usefixtures("database")

MONDAY = date(2030, 1, 7)


def group(*names: str) -> Group:
    """A group of new users."""
    from everprint.server.people.models import Group
    from everprint.server.people.users import create_user

    made = Group.objects.create(name="-".join(names))
    made.members.set([create_user(name) for name in names])
    return made


def quota(whose: Any, amount: str = "2.00", period: str = "weekly", **terms: Any) -> Quota:
    from everprint.server.quotas.periods import Period
    from everprint.server.quotas.setting import QuotaTerms, add_quota

    terms.setdefault("starts_on", MONDAY)
    return add_quota(whose, QuotaTerms(amount=Decimal(amount), period=Period(period), **terms))


def grant(today: date) -> str:
    from everprint.server.quotas.granting import grant_what_is_due

    return grant_what_is_due(today=today)


def test_every_member_gets_it_once_a_period() -> None:
    quota(group("ann", "ben"))
    assert grant(MONDAY - timedelta(days=1)) == ""
    for day in range(7):
        grant(MONDAY + timedelta(days=day))
    assert (balance_of("ann"), balance_of("ben")) == (2, 2)
    grant(MONDAY + timedelta(days=7))
    assert (balance_of("ann"), balance_of("ben")) == (4, 4)
    audit_is_clean()


def test_two_servers_at_once_grant_once() -> None:
    from django.db import connection

    quota(group(*(f"user{number}" for number in range(12))))
    surprises: list[BaseException] = []

    def serve() -> None:
        try:
            grant(MONDAY)
        except BaseException as error:
            surprises.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert surprises == []
    assert [balance_of(f"user{number}") for number in range(12)] == [Decimal(2)] * 12
    audit_is_clean()


def test_what_a_stopped_server_left_is_made_up_for_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.quotas import granting

    quota(group("ann", "ben", "cora"))
    monkeypatch.setattr(granting, "AT_ONCE", 1)
    left = iter([True, True, False])
    assert "another server took over" in granting.grant_what_is_due(lambda: next(left), today=MONDAY)
    assert sum(balance_of(name) for name in ("ann", "ben", "cora")) == 4
    grant(MONDAY + timedelta(days=1))
    assert [balance_of(name) for name in ("ann", "ben", "cora")] == [2, 2, 2]


def test_periods_without_a_server_are_made_up_for_and_a_clock_that_went_astray_grants_nothing_twice() -> None:
    from everprint.server.people.models import User

    made = group("ann")
    User.objects.update(created_at="2029-01-01T00:00Z")
    quota(made)
    grant(MONDAY)
    grant(MONDAY + timedelta(days=22))  # two weeks without a server
    assert balance_of("ann") == 8
    for day in (8, 0, 21, 14):  # set back and forth
        grant(MONDAY + timedelta(days=day))
    assert balance_of("ann") == 8
    grant(MONDAY + timedelta(days=3650))  # set ten years ahead: no more than four weeks are made up for
    assert balance_of("ann") == 16
    grant(MONDAY + timedelta(days=29))
    assert balance_of("ann") <= 18


def test_who_comes_later_gets_the_period_that_is_now_and_missed_nothing() -> None:
    made = group("ann")
    quota(made)
    grant(MONDAY)
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user

    late = create_user("late")
    User.objects.filter(name="ann").update(created_at="2029-01-01T00:00Z")
    User.objects.filter(name="late").update(created_at="2030-01-20T00:00Z")
    made.members.add(late)
    grant(MONDAY + timedelta(days=15))
    assert (balance_of("ann"), balance_of("late")) == (6, 2)


def test_it_gathers_up_to_the_cap_and_not_beyond() -> None:
    from everprint.server.accounts.ledger import adjust

    quota(group("ann"), cap=Decimal("3.00"))
    grant(MONDAY)
    grant(MONDAY + timedelta(days=7))
    assert balance_of("ann") == 3
    from everprint.server.people.models import User

    adjust(User.objects.get(name="ann").account.pk, Decimal(7), "paid", None, "paid")
    grant(MONDAY + timedelta(days=14))
    assert balance_of("ann") == 10  # nothing is taken from what somebody paid


def test_what_is_left_in_a_purse_is_taken_away_when_the_quota_resets() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.purses import add_purse

    purse = add_purse("Free quota", 0)
    quota(group("ann"), purse=purse, resets=True)
    grant(MONDAY)
    account = Account.objects.get(name="ann: Free quota")
    adjust(account.pk, Decimal("-1.50"), "printed", None, "printed")
    grant(MONDAY + timedelta(days=7))
    assert (balance_of(account.pk), balance_of("ann")) == (2, 0)
    adjust(account.pk, Decimal("3"), "a gift", None, "gift")
    grant(MONDAY + timedelta(days=14))
    assert balance_of(account.pk) == 2
    audit_is_clean()


@pytest.mark.parametrize(
    ("terms", "held_then", "in_the_end"),
    [({"resets": True}, "1.60", "2.00"), ({"cap": Decimal("2.50")}, "2.10", "2.50"), ({}, "3.60", "4.00")],
)
def test_what_is_held_for_a_job_is_there_and_comes_back(
    terms: dict[str, Any], held_then: str, in_the_end: str
) -> None:
    """Else money that was held when a quota came round would be beyond it once the job is cancelled."""
    from everprint.server.accounts.ledger import release
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.purses import add_purse
    from everprint.server.jobs.models import Job
    from everprint.server.people.models import Group

    server = PrintServer(credit="0")
    made = Group.objects.create(name="7a")
    made.members.set([server.user])
    quota(made, purse=add_purse("Free quota", 0), **terms)
    grant(MONDAY)
    purse = Account.objects.get(name="alice: Free quota").pk
    server.ask(server.job(), pages(8))
    assert balance_of(purse) == Decimal("1.60")
    grant(MONDAY + timedelta(days=7))
    assert balance_of(purse) == Decimal(held_then)
    release(Job.objects.get().uuid)
    assert balance_of(purse) == Decimal(in_the_end)
    audit_is_clean()


def test_what_is_held_on_a_budget_counts_whoever_prints() -> None:
    from everprint.server.quotas.held import held_on

    server = PrintServer(credit="5.00")
    job = server.job()
    server.ask(job, pages(8))
    account = server.user.account.pk
    assert held_on(account, None) == held_on(account, server.user) == Decimal("0.40")
    assert held_on(account + 1, None) == 0


def test_somebody_may_have_an_amount_of_their_own_and_then_be_as_everybody_again() -> None:
    from everprint.server.people.models import User
    from everprint.server.quotas.setting import set_exception

    made = quota(group("ann", "ben"))
    ann: User = User.objects.get(name="ann")
    set_exception(made, ann, Decimal("0"))
    grant(MONDAY)
    set_exception(made, ann, Decimal("5"))
    grant(MONDAY + timedelta(days=7))
    set_exception(made, ann, None)
    grant(MONDAY + timedelta(days=14))
    assert (balance_of("ann"), balance_of("ben")) == (7, 6)


def test_initial_credit_comes_once_to_who_is_new() -> None:
    from everprint.server.people.models import User

    made = group("old", "new")
    User.objects.filter(name="old").update(created_at="2020-01-01T00:00Z")
    User.objects.filter(name="new").update(created_at="2030-02-01T00:00Z")
    quota(made, period="once")
    for day in (0, 40, 400):
        grant(MONDAY + timedelta(days=day))
    assert (balance_of("old"), balance_of("new")) == (0, 2)


def test_a_shared_account_gets_its_budget() -> None:
    from everprint.server.charging.shared import SharedTerms, add_shared_account

    shared = add_shared_account("Physics", SharedTerms())
    quota(shared, "100", resets=True)
    grant(MONDAY)
    from everprint.server.accounts.ledger import adjust

    adjust(shared.pk, Decimal(-30), "printed", None, "printed")
    grant(MONDAY)
    assert balance_of("Physics") == 70
    grant(MONDAY + timedelta(days=7))
    assert balance_of("Physics") == 100


def test_the_statement_says_that_it_was_a_quota() -> None:
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.statement import whole_statement

    quota(group("ann"))
    grant(MONDAY)
    (line,) = whole_statement(Account.objects.get(name="ann", kind="personal"))
    assert (line.kind, line.comment) == ("quota", "weekly quota of ann")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"resets": True}, "resets"),
        ({"amount": "-1"}, "amount"),
        ({"cap": Decimal("-1")}, "cap"),
        ({"period": "once", "resets": True, "purse": "Free quota"}, "resets"),
    ],
)
def test_a_quota_that_cannot_be_is_refused_by_name(terms: dict[str, Any], field: str) -> None:
    from everprint.server.accounts.purses import add_purse
    from everprint.server.quotas.setting import BadQuota

    if "purse" in terms:
        terms["purse"] = add_purse(terms["purse"], 0)
    with pytest.raises(BadQuota) as refused:
        quota(group("ann"), **terms)
    assert refused.value.field == field

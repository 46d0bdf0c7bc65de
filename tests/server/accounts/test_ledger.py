"""What the ledger promises (docs/explanation/ledger.md)."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from tests.server.world import account_with, audit_is_clean, balance_of

pytestmark = pytest.mark.usefixtures("database")


def job() -> uuid.UUID:
    return uuid.uuid4()


def test_a_reservation_leaves_the_account_at_once_and_a_settlement_returns_the_difference() -> None:
    from everprint.server.accounts.ledger import Settlement, reserve, settle

    account, printed = account_with("2.00"), job()
    assert reserve(printed, 1, account, Decimal("0.60")) == Decimal("0.60")
    assert balance_of(account) == Decimal("1.40")
    assert settle(printed, Decimal("0.25")) == Settlement(account, Decimal("0.25"), Decimal(0))
    assert balance_of(account) == Decimal("1.75")
    assert balance_of("system: revenue") == Decimal("0.25")
    assert balance_of("system: reserved") == 0
    audit_is_clean()


def test_a_job_settled_twice_is_charged_once_and_told_the_first_result() -> None:
    from everprint.server.accounts.ledger import reserve, settle

    account, printed = account_with("2.00"), job()
    reserve(printed, 1, account, Decimal("0.60"))
    first = settle(printed, Decimal("0.60"))
    assert settle(printed, Decimal("1.99")) == first
    assert balance_of(account) == Decimal("1.40")


def test_a_reservation_asked_for_twice_is_made_once() -> None:
    from everprint.server.accounts.ledger import reserve

    account, printed = account_with("2.00"), job()
    assert reserve(printed, 1, account, Decimal("0.60")) == reserve(printed, 1, account, Decimal("0.60"))
    assert balance_of(account) == Decimal("1.40")


def test_a_new_attempt_replaces_what_the_last_one_reserved() -> None:
    from everprint.server.accounts.ledger import reserve

    account, printed = account_with("1.00"), job()
    reserve(printed, 1, account, Decimal("0.80"))
    reserve(printed, 2, account, Decimal("0.90"))
    assert balance_of(account) == Decimal("0.10")
    assert balance_of("system: reserved") == Decimal("0.90")
    audit_is_clean()


def test_a_released_reservation_comes_back_whole_and_once() -> None:
    from everprint.server.accounts.ledger import release, reserve

    account, held = account_with("1.00"), job()
    reserve(held, 1, account, Decimal("0.80"))
    assert release(held) == Decimal("0.80")
    assert release(held) == 0
    assert balance_of(account) == Decimal("1.00")


def test_a_restricted_account_is_refused_at_its_floor_and_told_what_is_left() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.accounts.ledger import LimitReached, reserve

    account = account_with("1.00")
    set_limits(account, restricted=True, overdraft=Decimal("0.50"))
    reserve(job(), 1, account, Decimal("1.50"))
    with pytest.raises(LimitReached) as refused:
        reserve(job(), 1, account, Decimal("0.0001"))
    assert refused.value.available == 0
    assert balance_of(account) == Decimal("-0.50")


def test_an_unrestricted_account_may_owe() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.accounts.ledger import reserve, settle

    account, printed = account_with("0"), job()
    set_limits(account, restricted=False)
    reserve(printed, 1, account, Decimal(5))
    assert settle(printed, Decimal(7)).uncollected == 0
    assert balance_of(account) == Decimal(-7)


def test_what_came_out_beyond_the_credit_is_uncollected_and_shown() -> None:
    from everprint.server.accounts.ledger import Settlement, reserve, settle

    account, printed = account_with("1.00"), job()
    reserve(printed, 1, account, Decimal("0.60"))
    assert settle(printed, Decimal("1.75")) == Settlement(account, Decimal("1.00"), Decimal("0.75"))
    assert settle(printed, Decimal("1.75")) == Settlement(account, Decimal("1.00"), Decimal("0.75"))
    assert balance_of(account) == 0
    assert balance_of("system: revenue") == Decimal("1.75")
    assert balance_of("system: uncollected") == Decimal("-0.75")
    audit_is_clean()


def test_a_job_without_a_reservation_is_charged_to_the_account_that_is_named() -> None:
    from everprint.server.accounts.ledger import NothingToCharge, settle

    account = account_with("1.00")
    assert settle(job(), Decimal("0.30"), account).charged == Decimal("0.30")
    with pytest.raises(NothingToCharge):
        settle(job(), Decimal("0.30"))


def test_nothing_can_be_reserved_for_a_job_that_was_settled() -> None:
    from everprint.server.accounts.ledger import AlreadySettled, reserve, settle

    account, printed = account_with("1.00"), job()
    settle(printed, Decimal("0.30"), account)
    with pytest.raises(AlreadySettled):
        reserve(printed, 2, account, Decimal("0.30"))


def test_an_adjustment_happens_once_per_key_and_a_key_is_for_one_booking() -> None:
    from everprint.server.accounts.ledger import KeyReused, adjust, reserve

    account, other = account_with("0"), account_with("0")
    assert adjust(account, Decimal(5), "top-up", None, "receipt 1") == 5
    assert adjust(account, Decimal(5), "top-up", None, "receipt 1") == 5
    assert balance_of(account) == 5
    for wrong in (lambda: adjust(account, Decimal(6), "", None, "receipt 1"),
                  lambda: adjust(other, Decimal(5), "", None, "receipt 1"),
                  lambda: reserve(job(), 1, account, Decimal(1), "receipt 1")):  # fmt: skip
        with pytest.raises(KeyReused):
            wrong()


def test_an_adjustment_does_not_push_a_restricted_account_below_its_floor() -> None:
    from everprint.server.accounts.ledger import LimitReached, adjust

    account = account_with("1.00")
    with pytest.raises(LimitReached):
        adjust(account, Decimal("-1.01"), "fine", None, "fine 1")
    assert balance_of(account) == 1


def test_a_closed_account_reserves_nothing() -> None:
    from everprint.server.accounts.ledger import AccountClosed, reserve
    from everprint.server.accounts.models import Account

    account = account_with("1.00")
    Account.objects.filter(pk=account).update(is_active=False)
    with pytest.raises(AccountClosed):
        reserve(job(), 1, account, Decimal("0.10"))


def test_a_floor_above_the_balance_is_refused() -> None:
    from everprint.server.accounts.holders import BelowFloor, set_limits
    from everprint.server.accounts.ledger import reserve

    account = account_with("0")
    set_limits(account, restricted=False)
    reserve(job(), 1, account, Decimal(5))
    with pytest.raises(BelowFloor):
        set_limits(account, restricted=True, overdraft=Decimal("4.99"))


def test_what_was_booked_cannot_be_changed_or_removed_even_past_the_models() -> None:
    from django.db import DatabaseError, connection

    from everprint.server.accounts.models import AppendOnly, Entry, Transaction

    account_with("1.00")
    for model in (Entry, Transaction):
        row = model.objects.first()
        assert row is not None
        with pytest.raises(AppendOnly):
            row.save()
        with pytest.raises(AppendOnly):
            row.delete()
        for statement in (f"DELETE FROM {model._meta.db_table}", f"UPDATE {model._meta.db_table} SET id = id + 1000"):
            with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(statement)


def test_amounts_that_make_no_sense_are_refused() -> None:
    from everprint.server.accounts.ledger import BadAmount, adjust, reserve, settle

    account = account_with("1.00")
    for wrong in (
        lambda: reserve(job(), 1, account, Decimal("-0.01")),
        lambda: settle(job(), Decimal("-0.01"), account),
        lambda: adjust(account, Decimal(0), "", None, "nothing"),
        lambda: adjust(1, Decimal(1), "", None, "a system account"),
    ):
        with pytest.raises(BadAmount):
            wrong()


@pytest.mark.parametrize("amount", ["0.00001", "1e20", "NaN", "Infinity"])
def test_an_amount_that_the_ledger_cannot_hold_is_refused_and_never_rounded(amount: str) -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.money import NotExact

    with pytest.raises(NotExact):
        adjust(account_with("1.00"), Decimal(amount), "", None, "key")


def test_the_audit_names_an_account_whose_balance_is_not_its_entries() -> None:
    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.models import Account

    account = account_with("1.00")
    Account.objects.filter(pk=account).update(balance=Decimal("-1.01"))
    assert {finding.what for finding in audit().findings} == {"balance", "floor"}


def test_the_audit_names_a_transaction_that_does_not_balance() -> None:
    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.models import Account, Entry, Transaction

    account = Account.objects.get(pk=account_with("1.00"))
    transaction = Transaction(key="bad", kind="adjust", account=account)
    transaction.save()
    Entry(transaction=transaction, account=account, amount=Decimal(1), balance_after=Decimal(2)).save()
    assert [(finding.what, finding.where) for finding in audit().findings if finding.what == "transaction"] == [
        ("transaction", "bad")
    ]

"""Several accounts of one person, in the order of charging; one overdraft for all, or an own one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, Print, RefusalReason, Refuse
from tests.server.world import PrintServer, account_named, account_with, audit_is_clean, balance_of, pages

if TYPE_CHECKING:
    from everprint.server.accounts.models import Account

pytestmark = pytest.mark.usefixtures("database")


def filled(server: PrintServer, name: str, position: int, amount: str) -> Account:
    """A purse of alice's with something in it."""
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.purses import add_purse, open_purse

    account = open_purse(server.user, add_purse(name, position))
    adjust(account.pk, Decimal(amount), "quota", None, f"fill:{name}")
    return account


def test_a_job_is_charged_to_the_free_quota_first_then_to_the_balance_then_to_the_rest() -> None:
    server = PrintServer(credit="0.20")
    quota, bonus = filled(server, "Free quota", 0, "0.30"), filled(server, "Bonus", 200, "1.00")
    job = server.job()
    assert server.ask(job, pages(12)) == Print(cost=Decimal("0.60"), account="alice")
    assert [balance_of(account) for account in (quota.pk, "alice", bonus.pk)] == [0, 0, Decimal("0.90")]
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(8)))
    assert [balance_of(account) for account in (quota.pk, "alice", bonus.pk)] == [0, Decimal("0.10"), Decimal("1.00")]
    audit_is_clean()


def test_a_job_beyond_all_accounts_together_is_refused_and_told_what_they_hold() -> None:
    server = PrintServer(credit="0.20", queue={"over_limit": "refuse"})
    filled(server, "Free quota", 0, "0.30")
    answer = server.ask(server.job(), pages(11))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_LIMIT_REACHED
    assert "€0.50 can be spent" in answer.message


def test_what_was_more_than_reserved_is_taken_from_the_purses_too() -> None:
    server = PrintServer(credit="0.10")
    quota = filled(server, "Free quota", 0, "0.30")
    job = server.job()
    server.ask(job, pages(2))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(10)))
    assert (balance_of(quota.pk), balance_of("alice")) == (0, 0)
    assert server.seen(job).cost_uncollected == Decimal("0.10")
    audit_is_clean()


def test_a_purse_that_is_not_in_use_is_not_charged() -> None:
    from everprint.server.accounts.purses import change_purse

    server = PrintServer()
    quota = filled(server, "Free quota", 0, "0.30")
    assert quota.purse is not None
    change_purse(quota.purse, "Free quota", 0, is_active=False)
    server.ask(server.job(), pages(2))
    assert (balance_of(quota.pk), balance_of("alice")) == (Decimal("0.30"), Decimal("0.90"))


def test_a_purse_is_renamed_with_all_its_accounts() -> None:
    from everprint.server.accounts.purses import BadPurse, add_purse, change_purse

    server = PrintServer()
    quota = filled(server, "Free quota", 0, "0.30")
    assert quota.purse is not None
    change_purse(quota.purse, "Paper  money", 0, is_active=True)
    assert balance_of("alice: Paper money") == Decimal("0.30")
    with pytest.raises(BadPurse):
        add_purse("paper Money", 5)


def test_print_servers_are_told_what_is_in_the_purses_too_and_when_it_changes() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.providers.spendable import spendable_after

    server = PrintServer(credit="0.20")
    quota = filled(server, "Free quota", 0, "0.30")
    page = spendable_after("")
    assert [(row.user_name, row.amount) for row in page.users] == [("alice", Decimal("0.50"))]
    adjust(quota.pk, Decimal("0.40"), "more", None, "more")
    assert [row.amount for row in spendable_after(page.next).users] == [Decimal("0.90")]


def test_the_installations_overdraft_holds_for_all_who_have_none_of_their_own() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.accounts.models import Account
    from everprint.server.installation.settings import change_settings

    common, own = account_with("0"), account_with("0")
    set_limits(own, restricted=True, overdraft=Decimal("9.00"))
    change_settings({"overdraft": "2.50"})
    later = account_with("0")
    floors = {account.pk: account.floor for account in Account.objects.filter(kind="personal")}
    assert floors == {common: Decimal("-2.5"), own: Decimal(-9), later: Decimal("-2.5")}
    set_limits(own, restricted=True, overdraft=None)
    assert Account.objects.get(pk=own).floor == Decimal("-2.5")


def test_a_smaller_overdraft_moves_no_floor_above_a_balance() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.models import Account
    from everprint.server.installation.settings import change_settings

    change_settings({"overdraft": "5"})
    owing, even = account_with("0"), account_with("0")
    adjust(owing, Decimal(-4), "printed", None, "owes")
    change_settings({"overdraft": "1"})
    floors = {
        account.pk: (account.floor, account.overdraft_is_own) for account in Account.objects.filter(kind="personal")
    }
    assert floors == {owing: (Decimal(-5), True), even: (Decimal(-1), False)}
    audit_is_clean()


@pytest.mark.parametrize(
    ("said", "why"), [({"overdraft": "-1"}, "negative"), ({"overdraft": "lots"}, "overdraft"), ({"x": 1}, "no such")]
)
def test_a_setting_that_cannot_be_changes_nothing(said: dict[str, object], why: str) -> None:
    from everprint.server.installation.settings import BadSetting, change_settings, read_settings

    before = read_settings()
    with pytest.raises(BadSetting, match=why):
        change_settings({"overdraft": "3", **said})
    assert read_settings() == before


def test_the_audit_sees_a_job_that_left_money_reserved_and_one_that_gave_too_much_back() -> None:
    import uuid

    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.booking import book, lock
    from everprint.server.accounts.models import TransactionKind
    from everprint.server.database import transact

    account, job = account_with("1.00"), uuid.uuid4()

    def work() -> None:
        accounts = lock({1, 2, account})
        one = Decimal(1)
        book(accounts, TransactionKind.SETTLE, f"settle:{job}", account, {1: one, 2: -one}, job=job)
        book(accounts, TransactionKind.RELEASE, "x", account, {2: -one, account: one}, job=job)

    transact(work)
    assert {finding.what for finding in audit().findings} == {"reservation", "split"}


def test_the_audit_tells_accounts_of_one_name_from_each_other() -> None:
    import uuid

    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.booking import book, lock
    from everprint.server.accounts.models import TransactionKind
    from everprint.server.charging.shared import SharedTerms, add_shared_account
    from everprint.server.database import transact

    account, job = account_with("1.00"), uuid.uuid4()
    shared = add_shared_account(account_named(account).name, SharedTerms()).pk

    def work() -> None:
        accounts = lock({account, shared})
        one = Decimal(1)
        book(accounts, TransactionKind.SETTLE, f"settle:{job}", account, {account: -one, shared: one}, job=job)

    transact(work)
    assert [finding.what for finding in audit().findings] == ["split"]

"""Settings, purses and overdrafts on the pages."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import balance_of

pytestmark = pytest.mark.usefixtures("database")


def test_a_purse_is_made_filled_seen_by_its_owner_and_taken_out_of_use() -> None:
    from everprint.server.accounts.models import Account, Purse
    from everprint.server.accounts.purses import open_purse
    from everprint.server.people.users import create_user

    admin, alice = administrator(), create_user("alice", credit=Decimal(2))
    assert "every user has one now" in admin.fill("/purses/new", name="Free quota", position="0")
    assert "already a purse" in admin.fill("/purses/new", name="free quota", position="5")
    quota = open_purse(alice, Purse.objects.get())
    page = admin.fill(f"/users/{alice.pk}/adjust", account=str(quota.pk), amount="3.50", comment="spring")
    assert "The Free quota of alice is now €3.50" in page
    assert (balance_of("alice"), balance_of("alice: Free quota")) == (2, Decimal("3.50"))
    hers = SignedIn(alice)
    assert "Free quota €3.50 charged before the balance" in hers.see("/me")
    purse = Account.objects.get(name="alice: Free quota")
    assert "spring" in hers.see(f"/me/statement?account={purse.pk}")
    assert "spring" not in hers.see("/me/statement")
    admin.fill(f"/purses/{Purse.objects.get().pk}/edit", is_active=None)
    assert "not charged any more" in hers.see("/me")


def test_credit_goes_to_the_purse_that_was_chosen_whatever_became_of_the_others_meanwhile() -> None:
    from everprint.server.accounts.holders import new_key
    from everprint.server.accounts.purses import add_purse, change_purse, open_purse
    from everprint.server.pages.forms.users import AdjustForm
    from everprint.server.people.users import create_user

    alice = create_user("alice")
    first, second = add_purse("Free quota", 0), add_purse("Thesis", 1)
    accounts = [alice.account, open_purse(alice, first), open_purse(alice, second)]
    thesis = next(key for key, title in AdjustForm(accounts=accounts).fields["account"].choices if "Thesis" in title)
    change_purse(first, "Free quota", 0, is_active=False)
    said = {"account": thesis, "amount": "3.50", "comment": "spring", "key": new_key("page-adjust")}
    form = AdjustForm(said, accounts=[accounts[0], accounts[2]])
    assert form.is_valid(), form.errors
    form.book(create_user("admin"))
    assert (balance_of("alice"), balance_of("alice: Thesis")) == (0, Decimal("3.50"))


def test_nobody_reads_the_statement_of_an_account_that_is_not_theirs() -> None:
    from everprint.server.people.users import create_user

    alice, bob = create_user("alice", credit=Decimal(2)), create_user("bob", credit=Decimal(7))
    page = SignedIn(alice).see(f"/me/statement?account={bob.account.pk}")
    assert "€2.00" in page
    assert "€7.00" not in page


def test_the_overdraft_is_the_installations_until_a_user_has_an_own_one() -> None:
    from everprint.server.people.users import create_user

    admin, alice = administrator(), create_user("alice")
    assert "were saved" in admin.fill("/settings", overdraft="2.50")
    assert "may fall to \N{MINUS SIGN}€2.50" in SignedIn(alice).see("/me")
    admin.fill(f"/users/{alice.pk}/edit", overdraft="0")
    admin.fill("/settings", overdraft="4")
    assert "free to spend" in SignedIn(alice).see("/me")
    admin.fill(f"/users/{alice.pk}/edit", overdraft="")
    assert "may fall to \N{MINUS SIGN}€4.00" in SignedIn(alice).see("/me")


def test_the_second_of_two_who_change_the_settings_is_told() -> None:
    from everprint.server.installation.settings import change_settings, read_settings

    admin = administrator()
    assert "were saved" in admin.fill("/settings", overdraft="3")
    change_settings({"overdraft": "9"})
    page = admin.fill("/settings", overdraft="5", seen="what it was when the form was opened")
    assert "Somebody else changed this" in page
    assert "Somebody else's value is: 9" in page
    assert read_settings().overdraft == 9


def test_every_setting_of_the_installation_is_documented() -> None:
    from everprint.server.installation.settings import InstallationSettings

    page = (Path(__file__).parents[3] / "docs" / "reference" / "server-settings.md").read_text("utf-8")
    for field in msgspec.structs.fields(InstallationSettings):
        assert f"| `{field.name}` |" in page


def test_the_ledger_is_proved_on_a_page_and_what_is_wrong_is_named() -> None:
    from everprint.server.accounts.models import Account
    from everprint.server.people.users import create_user

    admin, alice = administrator(), create_user("alice", credit=Decimal(2))
    assert "all is right" in admin.send("/ledger-audit")
    Account.objects.filter(owner=alice).update(balance=Decimal(3))
    page = admin.send("/ledger-audit")
    assert "not all is right" in page
    assert "alice balance the balance is 3.0000, the sum of its entries 2.0000" in page
    assert "not all is right" not in admin.see("/ledger-audit")

"""GET /contract/spendable: everybody once, then what changed, and everything anew after a restore."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from everprint.contract.failure_modes import Spendable
from tests.server.world import PrintServer, account_named, pages

pytestmark = pytest.mark.usefixtures("database")


def users(*names: str) -> None:
    from everprint.server.people.users import create_user

    for name in names:
        create_user(name, credit=Decimal("2.00"))


def names(rows: list[Spendable]) -> list[str]:
    return [row.user_name for row in rows]


@pytest.fixture
def no_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a test would see again all that it did in the last minute."""
    from everprint.server.providers import spendable

    monkeypatch.setattr(spendable, "OVERLAP", timedelta(0))


@pytest.mark.usefixtures("no_overlap")
def test_everybody_comes_in_pages_and_then_only_who_changed() -> None:
    from everprint.server.accounts.holders import set_limits, set_offline_credit
    from everprint.server.accounts.ledger import adjust
    from everprint.server.people.users import change_active, find_user
    from everprint.server.providers.spendable import spendable_after

    users("anna", "ben", "cleo")
    first = spendable_after("", page=2)
    assert (names(first.users), first.more, first.from_start) == (["anna", "ben"], True, True)
    last = spendable_after(first.next, page=2)
    assert (names(last.users), last.more, last.from_start) == (["cleo"], False, False)
    pause = spendable_after(last.next)  # one pass, so that making the users is before the last that began
    nothing = spendable_after(pause.next)
    assert (nothing.users, nothing.more, nothing.from_start) == ([], False, False)

    adjust(account_named("ben").pk, Decimal("-0.50"), "test", None, "test")
    set_limits(account_named("cleo").pk, restricted=False)
    changed = spendable_after(nothing.next)
    assert changed.users == [Spendable("ben", Decimal("1.50")), Spendable("cleo", None)]

    set_offline_credit(account_named("anna").pk, Decimal("7.00"))
    ben = find_user("ben")
    assert ben is not None
    change_active(ben, active=False)
    users("dora")
    rows = {row.user_name: row for row in spendable_after(spendable_after(changed.next).next).users}
    rows |= {row.user_name: row for row in spendable_after(changed.next).users}
    assert rows["anna"] == Spendable("anna", Decimal("2.00"), Decimal("7.00"))
    assert not rows["ben"].is_active
    assert rows["dora"] == Spendable("dora", Decimal("2.00"))


@pytest.mark.usefixtures("no_overlap")
def test_who_joins_and_leaves_a_group_is_told_as_the_group_may_select_the_account() -> None:
    from everprint.contract.selection import SelectionMode
    from everprint.server.charging.selection import select_for
    from everprint.server.people.changes import change_user
    from everprint.server.people.groups import add_member, create_group, remove_group, remove_member
    from everprint.server.people.models import User
    from everprint.server.providers.spendable import spendable_after

    users("anna", "ben")
    anna = User.objects.get(name="anna")
    staff = create_group("staff")
    select_for(staff, SelectionMode.CHOOSE)
    told = spendable_after(spendable_after("").next)

    for change, mode in (
        (lambda: add_member(staff, anna), SelectionMode.CHOOSE),
        (lambda: remove_member(staff, anna), None),
        (lambda: change_user(anna.pk, {"groups": [staff.pk]}, None), SelectionMode.CHOOSE),
        (lambda: remove_group(staff), None),
    ):
        told = spendable_after(spendable_after(told.next).next)
        change()
        told = spendable_after(told.next)
        assert names(told.users) == ["anna"]
        selection = told.users[0].selection
        assert (selection.mode if selection else None) == mode


def test_what_is_reserved_cannot_be_spent_and_an_overdraft_can() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.providers.spendable import spendable_after

    north = PrintServer(credit="1.00")
    set_limits(north.user.account.pk, restricted=True, overdraft=Decimal("0.30"))
    north.ask(north.job(), pages(4))
    (alice,) = spendable_after("").users
    assert alice == Spendable("alice", Decimal("1.10"))


def test_a_change_while_a_pass_is_under_way_comes_in_the_next() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.providers.spendable import spendable_after

    users("anna", "ben", "cleo")
    first = spendable_after("", page=2)
    adjust(account_named("anna").pk, Decimal("3.00"), "test", None, "test")
    last = spendable_after(first.next, page=2)
    assert "anna" not in names(last.users)
    assert Spendable("anna", Decimal("5.00")) in spendable_after(last.next).users


def test_a_cursor_from_before_a_restore_or_from_nowhere_begins_anew() -> None:
    from everprint.server.providers.spendable import read_cursor, spendable_after

    users("anna", "ben")
    cursor = read_cursor(spendable_after("").next)
    assert cursor is not None
    from dataclasses import replace

    future = str(replace(cursor, newest=cursor.newest + 5))  # bookings that this database never saw
    for text in (future, "no cursor", "1.2.3", "9" * 18 + ".1.1.1", "-1.0.0.0", "1.1.1.1;--"):
        page = spendable_after(text)
        assert (page.from_start, names(page.users)) == (True, ["anna", "ben"]), text


def test_the_snapshot_says_what_deciding_alone_takes() -> None:
    from everprint.contract.failure_modes import FailureMode
    from everprint.server.printers.queues import change_printer
    from everprint.server.providers.models import Order
    from everprint.server.providers.snapshot import snapshot_of
    from tests.server.world import COLOUR, GREY, new_printer, terms

    north = PrintServer()
    (queue,) = snapshot_of(north.provider.pk, "test", "EUR", terms().offline).queues
    assert queue.failure_mode is FailureMode.PRINT_AND_LOG_LATER
    assert (queue.costs.other.grey_one_sided, queue.costs.other.colour_two_sided) == (GREY, COLOUR)
    before = Order.objects.count()
    change_printer(north.printer, failure_mode="hold")
    new_printer(north.provider, "other")  # which sets costs, too
    assert Order.objects.count() == before + 3, "each change tells the provider to fetch"

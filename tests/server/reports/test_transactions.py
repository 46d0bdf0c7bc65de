"""What bookings did to people's accounts, by user and by group: as the ledger says, whatever is summed or closed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import long_migrated

if TYPE_CHECKING:
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")
FIRST, LAST = date(2026, 8, 15), date(2026, 11, 10)
QUARTER = date(2026, 7, 1), date(2026, 9, 30)
COLUMNS = ("jobs", "refunds", "adjustments", "quotas", "payments", "transfers", "in_all")
# What World books, as a report has it: in the order of COLUMNS.
ALICE = ("-0.75", "0.05", "-0.20", "6.00", "5.00", "-0.50", "9.60")
BOB = ("0.00", "0.00", "0.00", "0.00", "0.00", "0.50", "0.50")
BOTH = ("-0.75", "0.05", "-0.20", "6.00", "5.00", "0.00", "10.10")


@contextmanager
def at(monkeypatch: pytest.MonkeyPatch, year: int, month: int, day: int, hour: int = 12) -> Iterator[None]:
    """What is booked is booked then."""
    moment = datetime(year, month, day, hour, tzinfo=UTC)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: moment)
        yield


class World:
    """Alice and Bob, who have a group each and one together, and bookings from August to November."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from everprint.server.accounts.ledger import adjust, refund
        from everprint.server.accounts.models import TransactionKind
        from everprint.server.accounts.purses import add_purse, open_purse
        from everprint.server.accounts.transfers import transfer
        from everprint.server.charging.shared import SharedTerms, add_shared_account
        from everprint.server.installation.settings import change_settings
        from everprint.server.people.models import Group
        from everprint.server.people.users import create_user

        with at(monkeypatch, 2026, 7, 1):
            self.alice, self.bob = (create_user(name, credit=Decimal(3)) for name in ("alice", "bob"))
        for name, members in (("art", [self.alice, self.bob]), ("music", [self.bob]), ("nobody", [])):
            Group.objects.create(name=name).members.set(members)
        change_settings({"transfers": True})
        purse = open_purse(self.alice, add_purse("Free quota", 0))
        shared = add_shared_account("Physics", SharedTerms()).account
        with at(monkeypatch, 2026, 8, 31, 23):
            adjust(purse.pk, Decimal(6), "", None, "quota", kind=TransactionKind.QUOTA)
        with at(monkeypatch, 2026, 9, 5):
            self._print(self.alice, "0.75")
            adjust(shared.pk, Decimal(50), "of the faculty", None, "shared")
        with at(monkeypatch, 2026, 9, 30):
            adjust(self.alice.account.pk, Decimal(5), "", None, "card", kind=TransactionKind.TOP_UP)
        with at(monkeypatch, 2026, 10, 7):
            refund(self.job, Decimal("0.05"), "pale", None, "refund")
            adjust(self.alice.account.pk, Decimal("-0.20"), "fine", None, "fine")
        with at(monkeypatch, 2026, 11, 3):
            transfer(self.alice, self.bob, Decimal("0.50"), "", "gift")

    def _print(self, user: User, cost: str) -> None:
        from everprint.server.accounts.ledger import reserve, settle
        from everprint.server.accounts.payers import payers_of

        self.job = uuid.uuid4()
        payers = payers_of(user.account.pk)
        reserve(self.job, 1, payers, Decimal(cost))
        settle(self.job, Decimal(cost), payers)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def booked(kind: str, first: date = FIRST, last: date = LAST, **filters: Any) -> dict[str, tuple[str, ...]]:
    """A report's rows in words by their names; the sum of all is *All*."""
    from everprint.server.reports.asked import AskedReport, Filters
    from everprint.server.reports.table import make_table

    table = make_table(AskedReport(kind, None, first, last, filters=Filters(**filters)))
    assert tuple(column.key for column in table.columns[1:]) == COLUMNS
    rows = [row.cells for row in table.rows] + ([table.total] if table.total else [])
    return {str(cells[0]): tuple(f"{cell:.2f}" for cell in cells[1:]) for cells in rows}


def roll_up(now: datetime = datetime(2026, 11, 27, tzinfo=UTC)) -> str:
    from everprint.server.reports.roll_up import roll_up

    return roll_up(now=now)


def test_bookings_are_told_by_user_and_by_group(world: World) -> None:
    assert booked("transactions-users") == {"alice": ALICE, "bob": BOB, "All": BOTH}
    assert booked("transactions-groups") == {"art": BOTH, "music": BOB}
    assert booked("transactions-groups", user=world.alice.pk) == {"art": ALICE}
    art = world.bob.print_groups.get(name="music")
    assert booked("transactions-users", group=art.pk) == {"bob": BOB, "All": BOB}
    assert booked("transactions-users", last=FIRST) == {"All": ("0.00",) * 7}


def test_the_sum_of_all_people_is_that_of_the_ledger(world: World) -> None:
    from everprint.server.accounts.models import AccountKind
    from everprint.server.reports.ledger_sums import moved_in
    from everprint.server.reports.periods import Period

    people = (AccountKind.PERSONAL, AccountKind.PURSE)
    moved = sum(row.amount for row in moved_in(Period(FIRST, LAST)) if row.account_kind in people)
    assert booked("transactions-users")["All"][-1] == f"{moved:.2f}" == "10.10"


def test_what_is_summed_is_read_from_the_sums_and_is_the_same(world: World) -> None:
    from everprint.server.reports.models import AccountSum

    by_user, by_group = booked("transactions-users"), booked("transactions-groups")
    assert roll_up().endswith("4 months and 1 quarters of people's accounts")
    assert not roll_up(), "a month is summed once"
    assert (booked("transactions-users"), booked("transactions-groups")) == (by_user, by_group)
    AccountSum.objects.filter(first_day=date(2026, 9, 1), payments__gt=0).update(payments=Decimal(1_000))
    assert booked("transactions-users")["alice"][4] == "1000.00"
    assert booked("transactions-users", date(2026, 9, 2))["alice"][4] == "5.00", "a part of a month is not"


def test_a_month_is_summed_when_nothing_of_it_can_come_any_more(world: World) -> None:
    from everprint.server.reports.account_sums import MONTHS, QUARTERS

    roll_up(datetime(2026, 10, 1, 5, 59, tzinfo=UTC))
    assert (MONTHS.through(), QUARTERS.through()) == (date(2026, 8, 31), None)
    roll_up(datetime(2026, 10, 1, 6, 1, tzinfo=UTC))
    assert (MONTHS.through(), QUARTERS.through()) == (date(2026, 9, 30), date(2026, 9, 30))


def test_a_whole_quarter_is_read_from_its_own_sums(world: World) -> None:
    from everprint.server.reports.models import AccountQuarter

    by_user, by_group = booked("transactions-users", *QUARTER), booked("transactions-groups", *QUARTER)
    roll_up()
    assert not roll_up()
    assert (booked("transactions-users", *QUARTER), booked("transactions-groups", *QUARTER)) == (by_user, by_group)
    AccountQuarter.objects.filter(payments__gt=0).update(payments=Decimal(1_000))
    assert booked("transactions-users", *QUARTER)["alice"][4] == "1000.00"
    assert booked("transactions-users", date(2026, 7, 2), QUARTER[1])["alice"][4] == "5.00", "a part of one is not"


def test_closed_books_say_the_same(world: World) -> None:
    from everprint.server.accounts.closing import close_books
    from everprint.server.accounts.models import ClosedJob

    by_user = booked("transactions-users")
    long_migrated()
    close_books(now=datetime(2026, 12, 24, tzinfo=UTC))
    assert booked("transactions-users") == by_user
    World._print(world, world.bob, "0.30")
    close_books(now=timezone.now() + timedelta(days=30))
    assert ClosedJob.objects.exists()
    today = timezone.localdate()
    assert booked("transactions-users", today, today)["bob"][0] == "-0.30"
    roll_up(now=timezone.now() + timedelta(days=70))
    assert booked("transactions-users", today, today)["bob"][0] == "-0.30"


def test_months_of_another_zone_are_summed_anew(world: World) -> None:
    august = (date(2026, 8, 1), date(2026, 8, 31))
    roll_up()
    assert booked("transactions-users", *august)["alice"][3] == "6.00"
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        assert "alice" not in booked("transactions-users", *august), "there it was September"
        roll_up()
        assert "alice" not in booked("transactions-users", *august)


def test_quarters_of_another_zone_are_summed_anew(world: World) -> None:
    roll_up()
    assert booked("transactions-users", *QUARTER)["alice"][4] == "5.00"
    with timezone.override(ZoneInfo("Pacific/Auckland")):
        assert booked("transactions-users", *QUARTER)["alice"][4] == "0.00", "there it was October"
        assert roll_up().endswith("4 months and 1 quarters of people's accounts")
        assert booked("transactions-users", *QUARTER)["alice"][4] == "0.00"


def test_every_kind_of_booking_has_a_column() -> None:
    from everprint.server.accounts.models import TransactionKind
    from everprint.server.reports.kinds import PURPOSES
    from everprint.server.reports.models import AccountQuarter, AccountSum

    named = [kind for purpose in PURPOSES.values() for kind in purpose.bookings]
    assert sorted(named) == sorted(TransactionKind)
    for sums in (AccountSum, AccountQuarter):
        assert {"first_day", "account", *PURPOSES} == {field.name for field in sums._meta.concrete_fields}


def test_they_are_on_the_page_as_csv_and_over_the_api(world: World) -> None:
    days = f"first_day={FIRST}&last_day={LAST}"
    admin = administrator()
    page = admin.see(f"/reports/transactions-groups?{days}&sort=-in_all")
    assert page.index("art") < page.index("music")
    assert "€10.10" in page
    assert "art,-0.7500,0.0500,-0.2000,6.0000,5.0000,0.0000,10.1000" in admin.download(
        f"/reports/transactions-groups/csv?{days}"
    )
    assert admin.client.get(f"/reports/transactions-groups/pdf?{days}").content.startswith(b"%PDF-")
    made = program().get(f"/reports/transactions-users?{days}&sort=in_all")
    assert [row[0] for row in made["rows"]] == ["bob", "alice"]
    assert made["rows"][1][1:] == list(ALICE)
    assert made["total"][-1] == "10.10"

"""Closed books say what the open ones said, to everybody who asks, and nothing can be booked twice for it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from tests.server.world import account_with, audit_is_clean, balance_of, long_migrated

if TYPE_CHECKING:
    from everprint.server.accounts.closing import Booked

JOB = uuid.uuid4()


@pytest.fixture(autouse=True)
def all_upgraded(database: object) -> None:
    """No server of the release before serves."""
    long_migrated()


def close(days: int = 8) -> str:
    from everprint.server.accounts.closing import close_books

    return close_books(now=timezone.now() + timedelta(days=days))


def printed(account: int, amount: str, job: uuid.UUID | None = None) -> uuid.UUID:
    from everprint.server.accounts.ledger import reserve, settle

    job = job or uuid.uuid4()
    reserve(job, 1, account, Decimal(amount))
    settle(job, Decimal(amount))
    return job


def entries(account: int) -> list[tuple[object, ...]]:
    from everprint.server.accounts.models import EveryEntry

    return list(EveryEntry.objects.filter(account=account).values_list())


def seen(account: int) -> tuple[object, ...]:
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.statement import whole_statement
    from everprint.server.reports.ledger_sums import moved_in
    from everprint.server.reports.periods import Period

    today = timezone.localdate()
    period = Period(today - timedelta(1), today + timedelta(1))
    return (
        entries(account),
        list(whole_statement(Account.objects.get(pk=account))),
        sorted(moved_in(period), key=str),
        sorted(moved_in(period, account=account), key=str),
    )


def rows() -> tuple[int, int, int]:
    from everprint.server.accounts.models import ClosedJob, Entry, Transaction

    jobs = Transaction.objects.filter(job__isnull=False)
    return ClosedJob.objects.count(), jobs.count(), Entry.objects.filter(transaction__in=jobs).count()


def test_closed_books_show_the_same_entries_statement_sums_and_audit() -> None:
    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.reservations import bookings_of

    account = account_with("10")
    jobs = [printed(account, amount) for amount in ("0.60", "0.0025", "0", "3")]
    before = seen(account), [bookings_of(job) for job in jobs], audit()
    assert close(days=6) == ""
    assert close() == "books of 4 jobs closed"
    assert rows() == (4, 0, 0)
    assert (seen(account), [bookings_of(job) for job in jobs], audit()) == before
    assert close() == ""
    audit_is_clean()


def test_what_is_asked_again_for_a_closed_job_gets_the_first_answer_and_books_nothing() -> None:
    from everprint.server.accounts import ledger

    account = account_with("10")
    job = printed(account, "0.60")
    close()
    with pytest.raises(ledger.AlreadySettled):
        ledger.reserve(job, 2, account, Decimal("0.60"))
    assert ledger.reserve(job, 1, account, Decimal("0.60")) == Decimal("0.60")
    assert ledger.settle(job, Decimal("0.60")).charged == Decimal("0.60")
    assert ledger.settle(job, Decimal(9), account).charged == Decimal("0.60")
    assert ledger.release(job) == 0
    assert (rows(), balance_of(account)) == ((1, 0, 0), Decimal("9.40"))
    audit_is_clean()


def test_a_closed_job_is_refunded_once_and_no_more_than_it_paid() -> None:
    from everprint.server.accounts import ledger
    from everprint.server.accounts.models import Account
    from everprint.server.accounts.statement import LineKind, whole_statement

    account = account_with("10")
    job = printed(account, "0.60")
    close()
    for _ in range(2):
        ledger.refund(job, Decimal("0.20"), "jammed", None, "refund:1")
    with pytest.raises(ledger.BadAmount):
        ledger.refund(job, Decimal("0.41"), "jammed", None, "refund:2")
    assert balance_of(account) == Decimal("9.60")
    newest = next(whole_statement(Account.objects.get(pk=account)))
    assert (newest.kind, newest.amount, newest.balance) == (LineKind.REFUNDED, Decimal("-0.40"), Decimal("9.60"))
    audit_is_clean()


def test_what_one_row_cannot_say_stays_as_it_is() -> None:
    from everprint.server.accounts import ledger

    account = account_with("10")
    less, more, free, again, back, held = (uuid.uuid4() for _ in range(6))
    for job in (less, more, free, again, back, held):
        ledger.reserve(job, 1, account, Decimal("0.60"))
    ledger.settle(less, Decimal("0.25"))
    ledger.settle(more, Decimal("0.75"))
    ledger.settle(free, Decimal(0))
    ledger.reserve(again, 2, account, Decimal("0.50"))
    ledger.settle(again, Decimal("0.50"))
    ledger.release(back)
    ledger.settle(uuid.uuid4(), Decimal("0.10"), account)
    given_back = printed(account, "0.60")
    ledger.refund(given_back, Decimal("0.60"), "jammed", None, "refund:1")
    before, lines = seen(account), rows()
    assert close() == ""
    assert (seen(account), rows()) == (before, lines)
    printed(account, "0.60")
    assert close() == "books of 1 jobs closed"
    audit_is_clean()


def test_nobody_removes_a_booking_that_no_closed_row_tells_or_changes_a_closed_row() -> None:
    from everprint.server.accounts.models import ClosedJob, Transaction

    account = account_with("10")
    closed = printed(account, "0.60")
    close()
    printed(account, "0.70")
    for statement in (
        "DELETE FROM accounts_entry WHERE transaction_id = (SELECT max(id) FROM accounts_transaction)",
        "DELETE FROM accounts_transaction",
        "UPDATE accounts_transaction SET comment = 'x'",
        "UPDATE accounts_entry SET amount = amount + 1",
        "UPDATE accounts_closedjob SET amount = 0",
        "DELETE FROM accounts_closedjob",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    for kind in ("reserve", "settle", "release"):
        with pytest.raises(Error), transaction.atomic():
            Transaction(key=f"other:{kind}", kind=kind, account_id=account, job=closed).save()
    assert ClosedJob.objects.get().amount == Decimal("0.60")
    audit_is_clean()


def test_a_row_that_says_something_else_lets_no_booking_leave() -> None:
    from everprint.server.accounts.models import ClosedJob, Transaction

    account = account_with("10")
    job = printed(account, "0.60")
    reserved, settled = Transaction.objects.filter(job=job).order_by("pk")
    entry = reserved.entries.get(account=account)
    right = {
        "job": job, "account_id": account, "entry": entry.pk, "reservation": reserved.pk, "reserved_at": reserved.at,
        "settled_at": settled.at, "amount": -entry.amount, "balance_after": entry.balance_after,
        "settled_after": settled.pk - reserved.pk, "attempt": 1,
    }  # fmt: skip
    wrongs: list[dict[str, object]] = [
        {"amount": Decimal("0.61")},
        {"account_id": 4},
        {"entry": 0},
        {"reservation": 0},
        {"balance_after": Decimal(1)},
        {"reserved_at": settled.at},
        {"settled_at": reserved.at},
        {"settled_after": 5},
        {"attempt": 2},
    ]
    for wrong in wrongs:
        with pytest.raises(Error), transaction.atomic():
            ClosedJob(**{**right, **wrong}).save()
            _take_away(job)
    with transaction.atomic():
        ClosedJob(**right).save()
        _take_away(job)
    audit_is_clean()


def _take_away(job: uuid.UUID) -> None:
    from everprint.server.accounts.models import Transaction

    numbers = list(Transaction.objects.filter(job=job).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_entry WHERE transaction_id IN (%s, %s)", numbers)
        cursor.execute("DELETE FROM accounts_transaction WHERE id IN (%s, %s)", numbers)


def test_the_audit_finds_closed_books_that_are_wrong() -> None:
    from everprint.server.accounts.audit import audit
    from everprint.server.accounts.models import ClosedJob

    account = account_with("10")
    now = timezone.now()
    ClosedJob(
        job=uuid.uuid4(), account_id=account, entry=1, reservation=1, reserved_at=now, settled_at=now,
        amount=Decimal(-2), balance_after=Decimal(0), settled_after=1, attempt=1,
    ).save()  # fmt: skip
    assert {found.what for found in audit().findings} == {"balance", "closed"}


def test_books_are_closed_only_when_no_server_of_the_release_before_may_serve() -> None:
    from everprint.server.accounts.closing import READS_IT, close_books
    from everprint.server.installation.models import DatabaseVersion
    from everprint.server.migrating.compatibility import standing

    DatabaseVersion.objects.update(oldest_server=0)
    printed(account_with("10"), "0.60")
    later = timezone.now() + timedelta(days=8)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(hours=23))
        cursor.execute("UPDATE django_migrations SET applied = %s", [moment])
    assert close_books(now=later) == ""
    assert DatabaseVersion.objects.get().oldest_server == 0
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(hours=25))
        cursor.execute("UPDATE django_migrations SET applied = %s", [moment])
    assert close_books(now=later) == "", "older servers are told first"
    assert DatabaseVersion.objects.get().oldest_server == READS_IT <= standing().server
    assert close_books(now=later) == "books of 1 jobs closed"


def test_many_are_closed_a_few_at_a_time_until_another_server_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.accounts import closing

    monkeypatch.setattr(closing, "AT_ONCE", 2)
    account = account_with("10")
    for _ in range(5):
        printed(account, "0.60")
    answers = iter([True, False])
    later = timezone.now() + timedelta(days=8)
    assert closing.close_books(lambda: next(answers), later) == "books of 2 jobs closed"
    assert closing.close_books(now=later) == "books of 3 jobs closed"
    audit_is_clean()


def _books(**changes: object) -> list[Booked]:
    from everprint.server.accounts.closing import Booked, BookedEntry

    at = datetime(2026, 11, 1)  # noqa: DTZ001 - never read
    reserved = {"id": 5, "key": f"reserve:{JOB}:1", "kind": "reserve", "account": 9, "at": at, "is_plain": True}
    return [
        Booked(**{**reserved, **changes}, entries={9: BookedEntry(1, -60, 40), 1: BookedEntry(2, 60, 60)}),  # type: ignore[arg-type] # by name
        Booked(6, f"settle:{JOB}", "settle", 9, at, True, {1: BookedEntry(3, -60, 0), 2: BookedEntry(4, 60, 60)}),
    ]


def test_only_bookings_that_follow_from_one_row_are_closed() -> None:
    from everprint.server.accounts.closing import closed_form

    assert closed_form(JOB, _books()) is not None
    assert closed_form(JOB, _books()[:1]) is None
    assert closed_form(JOB, [*_books(), _books()[0]]) is None
    assert closed_form(uuid.uuid4(), _books()) is None
    for change in (
        {"key": f"reserve:{JOB}:01"}, {"key": f"reserve:{JOB}:1:alone"}, {"key": "mine"}, {"is_plain": False},
        {"account": 8}, {"kind": "adjust"}, {"id": 7},
    ):  # fmt: skip
        assert closed_form(JOB, _books(**change)) is None

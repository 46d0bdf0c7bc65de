"""Accounts, their statements, the ledger's entries, and adjustments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.ledger import adjust
from everprint.server.accounts.models import Account, AccountKind, EveryEntry, TransactionKind
from everprint.server.accounts.statement import LineKind, StatementLine, last_bookings, statement_lines
from everprint.server.api.area import Area
from everprint.server.api.fields import Amount, Body, Comment, Id, Money, Name, ShortText
from everprint.server.api.listing import Asked, Found, cut, cut_all, found, sort_field
from everprint.server.pages.listing import Column
from everprint.server.pages.person import person

area = Area("Accounts")

COLUMNS = (
    Column("name", "Account", "name"),
    Column("kind", "Kind", "kind"),
    Column("balance", "Balance", "balance", number=True),
)


class AccountRecord(BaseModel):
    """An account; its balance is what is free to spend, as reservations have left it."""

    id: Id
    name: str
    kind: AccountKind
    owner: Id | None = Field(description="The id of the user whose own it is")
    balance: Money
    restricted: bool
    overdraft: Money
    is_active: bool


class AccountsAsked(Asked):
    """Which accounts."""

    text: ShortText = Field("", description="In the name")
    kind: AccountKind | None = None
    sort: str = sort_field(COLUMNS, "name")


class LineRecord(BaseModel):
    """A line of a statement: a job, however many bookings it took, or one adjustment."""

    at: datetime
    kind: LineKind
    job: UUID | None = Field(description="The job's uuid; none for an adjustment")
    amount: Money
    balance: Money = Field(description="The balance after it, if lines are booked in the order of the statement")
    comment: str
    by: str = Field(description="Who adjusted; empty for a job and for the system")


class EntryRecord(BaseModel):
    """An entry of the double-entry ledger. The entries of a transaction sum to zero."""

    id: Id
    transaction: Id
    kind: TransactionKind
    at: datetime
    job: UUID | None
    amount: Money
    balance_after: Money | None = Field(description="None: of a system account, by a job whose books are closed")
    comment: str
    by: str


class Adjustment(Body):
    """Credit to be given, or taken with a minus."""

    amount: Amount
    comment: Comment = Field(description="Why; the account's owner reads it in the statement")
    key: Name = Field(description="A word of yours, unique for this adjustment: sent again, it is booked once")


class Adjusted(BaseModel):
    """What an adjustment left."""

    balance: Money


def _record(account: Account) -> AccountRecord:
    return AccountRecord(
        id=account.pk,
        name=account.name,
        kind=AccountKind(account.kind),
        owner=account.owner_id,
        balance=account.balance,
        restricted=account.restricted,
        overdraft=account.overdraft,
        is_active=account.is_active,
    )


def line_records(lines: Sequence[StatementLine]) -> list[LineRecord]:
    """Lines of a statement as the API shows them."""
    return [
        LineRecord(
            at=line.at,
            kind=line.kind,
            job=line.job,
            amount=line.amount,
            balance=line.balance,
            comment=line.comment,
            by=line.actor,
        )
        for line in lines
    ]


def statement_of(account: Account, asked: Asked) -> Found[LineRecord]:
    """The page of the account's statement that is asked for, newest line first."""
    return cut_all(last_bookings(account), asked, lambda rows: line_records(statement_lines(account, rows)))


@area.get("", Found[AccountRecord], needs=Permission.VIEW_USERS)
def list_accounts(request: HttpRequest, asked: Query[AccountsAsked]) -> Found[AccountRecord]:
    """List accounts, the system's own too."""
    rows = Account.objects.filter(name__icontains=asked.text.strip())
    if asked.kind is not None:
        rows = rows.filter(kind=asked.kind.value)
    return found(rows, COLUMNS, asked, asked.sort, _record)


@area.get("/{int:account_id}", AccountRecord, needs=Permission.VIEW_USERS)
def get_account(request: HttpRequest, account_id: Id) -> AccountRecord:
    """Get one account."""
    return _record(get_object_or_404(Account, pk=account_id))


@area.get("/{int:account_id}/statement", Found[LineRecord], needs=Permission.VIEW_USERS)
def get_statement(request: HttpRequest, account_id: Id, asked: Query[Asked]) -> Found[LineRecord]:
    """List an account's statement, newest first."""
    return statement_of(get_object_or_404(Account, pk=account_id), asked)


@area.get("/{int:account_id}/entries", Found[EntryRecord], needs=Permission.VIEW_USERS)
def list_entries(request: HttpRequest, account_id: Id, asked: Query[Asked]) -> Found[EntryRecord]:
    """List an account's entries in the ledger, newest first."""
    account = get_object_or_404(Account, pk=account_id)
    entries = EveryEntry.objects.filter(account=account).select_related("actor")
    return cut(entries.order_by("-pk"), asked, _entry)


@area.post("/{int:account_id}/adjustments", Adjusted, needs=Permission.ADJUST_ACCOUNTS)
def adjust_account(request: HttpRequest, account_id: Id, wanted: Adjustment) -> Adjusted:
    """Give an account credit or take it, once for a key."""
    account = get_object_or_404(Account, pk=account_id)
    key = f"api:{account.pk}:{wanted.key}"
    return Adjusted(balance=adjust(account.pk, wanted.amount, wanted.comment, person(request), key))


def _entry(entry: EveryEntry) -> EntryRecord:
    return EntryRecord(
        id=entry.pk,
        transaction=entry.transaction,
        kind=TransactionKind(entry.kind),
        at=entry.at,
        job=entry.job,
        amount=entry.amount,
        balance_after=entry.balance_after,
        comment=entry.comment,
        by=str(entry.actor or ""),
    )

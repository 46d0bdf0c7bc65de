"""Shared accounts: who may charge to them, their limits, their PIN."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import AmountFromZero, Body, Flag, Id, Money, Name, ShortText
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.charging.models import CommentOption, InvoiceOption, SharedAccount
from everprint.server.charging.shared import (
    SharedTerms,
    add_shared_account,
    change_shared_account,
    people_named,
    set_pin,
    settable,
)
from everprint.server.pages.listing import Column
from everprint.server.people.models import Group

area = Area("Shared accounts")

COLUMNS = (
    Column("name", "Account", "account__name"),
    Column("balance", "Balance", "account__balance", number=True),
)
_MOST = 1000


class SharedRecord(BaseModel):
    """A shared account; its id is that of its account, where its statement and adjustments are."""

    id: Id
    name: str = Field(description="TOP or TOP\\SUB")
    balance: Money
    restricted: bool
    overdraft: Money
    is_open: bool = Field(description="False if it, or the account above it, is closed")
    is_active: bool
    for_everybody: bool
    as_parent: bool
    users: list[str]
    groups: list[str]
    has_pin: bool
    comments: CommentOption
    invoice: InvoiceOption
    notes: str


class SharedWanted(Body):
    """A shared account as it is to be."""

    name: ShortText = Field(description="TOP or TOP\\SUB")
    restricted: Flag = True
    overdraft: AmountFromZero = Field(default="0.00", validate_default=True)
    is_active: Flag = True
    for_everybody: Flag = False
    as_parent: Flag = True
    users: list[Name] = Field([], max_length=_MOST)
    groups: list[Name] = Field([], max_length=_MOST)
    comments: CommentOption = CommentOption.OPTIONAL
    invoice: InvoiceOption = InvoiceOption.ALWAYS
    notes: ShortText = ""


class AccountPin(Body):
    """The PIN; empty for none."""

    pin: str = Field(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")


class SharedAsked(Asked):
    """Which shared accounts."""

    text: ShortText = Field("", description="In the name")
    sort: str = sort_field(COLUMNS, "name")


def _record(shared: SharedAccount) -> SharedRecord:
    account = shared.account
    return SharedRecord(
        id=shared.pk,
        name=account.name,
        balance=account.balance,
        restricted=account.restricted,
        overdraft=account.overdraft,
        is_open=shared.is_open,
        is_active=account.is_active,
        for_everybody=shared.for_everybody,
        as_parent=shared.as_parent,
        users=sorted(user.name for user in shared.access_users.all()),
        groups=sorted(group.name for group in shared.access_groups.all()),
        has_pin=bool(shared.pin_digest),
        comments=CommentOption(shared.comment_option),
        invoice=InvoiceOption(shared.invoice_option),
        notes=shared.notes,
    )


def _terms(wanted: SharedWanted) -> SharedTerms:
    return SharedTerms(
        restricted=wanted.restricted,
        overdraft=wanted.overdraft,
        is_active=wanted.is_active,
        for_everybody=wanted.for_everybody,
        as_parent=wanted.as_parent,
        users=people_named(wanted.users),
        groups=groups_named(wanted.groups),
        comment_option=wanted.comments,
        invoice_option=wanted.invoice,
        notes=wanted.notes,
    )


def groups_named(names: list[str]) -> tuple[Group, ...]:
    """The groups with those names; 404 for one that is not there."""
    return tuple(get_object_or_404(Group, name=name) for name in dict.fromkeys(names))


def _with_tag(shared: SharedAccount, response: HttpResponse) -> SharedRecord:
    tag(response, settable(shared))
    return _record(shared)


def _shared(account_id: int) -> SharedAccount:
    rows = SharedAccount.objects.select_related("account", "parent__account")
    return get_object_or_404(rows, pk=account_id)


@area.get("", Found[SharedRecord], needs=Permission.VIEW_ACCOUNTS)
def list_shared_accounts(request: HttpRequest, asked: Query[SharedAsked]) -> Found[SharedRecord]:
    """List shared accounts."""
    rows = SharedAccount.objects.select_related("account", "parent__account").filter(
        account__name__icontains=asked.text.strip()
    )
    rows = rows.prefetch_related("access_users", "access_groups")
    return found(rows, COLUMNS, asked, asked.sort, _record)


@area.post("", SharedRecord, needs=Permission.MANAGE_ACCOUNTS, status=HTTPStatus.CREATED)
def make_shared_account(request: HttpRequest, wanted: SharedWanted, response: HttpResponse) -> SharedRecord:
    """Make a shared account."""
    return _with_tag(_shared(add_shared_account(wanted.name, _terms(wanted)).pk), response)


@area.get("/{int:account_id}", SharedRecord, needs=Permission.VIEW_ACCOUNTS)
def get_shared_account(request: HttpRequest, account_id: Id, response: HttpResponse) -> SharedRecord:
    """Get one shared account; the answer has an ETag."""
    return _with_tag(_shared(account_id), response)


@area.put("/{int:account_id}", SharedRecord, needs=Permission.MANAGE_ACCOUNTS)
def set_shared_account(
    request: HttpRequest, account_id: Id, wanted: SharedWanted, response: HttpResponse, if_match: IfMatch
) -> SharedRecord:
    """Change all of a shared account but balance and PIN; with If-Match, only if nobody else did meanwhile."""
    change_shared_account(_shared(account_id), wanted.name, _terms(wanted), seen(if_match))
    return _with_tag(_shared(account_id), response)


@area.put("/{int:account_id}/pin", None, needs=Permission.MANAGE_ACCOUNTS)
def set_shared_account_pin(request: HttpRequest, account_id: Id, wanted: AccountPin) -> None:
    """Set the PIN by which others may charge to a shared account."""
    set_pin(_shared(account_id), wanted.pin)

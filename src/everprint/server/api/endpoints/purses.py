"""Purses: which further accounts people have beside their balance, and what is in somebody's."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.models import Purse
from everprint.server.accounts.purses import accounts_of, add_purse, change_purse
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import Body, Flag, Id, Money, Name
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.models import User

area = Area("Purses")

PurseName = Annotated[Name, Field(max_length=100)]
Position = Annotated[int, Field(ge=-1000, le=1000, strict=True)]


class PurseRecord(BaseModel):
    """A kind of further account."""

    id: Id
    name: str
    position: int = Field(description="Charged from the lowest to the highest; the balance itself has 100")
    is_active: bool = Field(description="Jobs are charged to it, and it can be filled")


class NewPurse(Body):
    """A purse to be made."""

    name: PurseName
    position: Position = 0


class PursePatch(Body):
    """What to change; what is left out stays."""

    name: PurseName | None = None
    position: Position | None = None
    is_active: Flag | None = None


class HeldRecord(BaseModel):
    """An account of a person."""

    account: Id = Field(description="Where its statement and adjustments are")
    purse: Id | None = Field(description="None: the balance")
    name: str
    balance: Money


@area.get("", list[PurseRecord], needs=Permission.VIEW_ACCOUNTS)
def list_purses(request: HttpRequest) -> list[PurseRecord]:
    """List the purses."""
    return [_record(purse) for purse in Purse.objects.all()]


@area.post("", PurseRecord, needs=Permission.MANAGE_SETTINGS, status=HTTPStatus.CREATED)
def make_a_purse(request: HttpRequest, wanted: NewPurse, response: HttpResponse) -> PurseRecord:
    """Make a purse: every user has one from then on."""
    return _with_tag(add_purse(wanted.name, wanted.position), response)


@area.get("/{int:purse_id}", PurseRecord, needs=Permission.VIEW_ACCOUNTS)
def get_purse(request: HttpRequest, purse_id: Id, response: HttpResponse) -> PurseRecord:
    """Get one purse; the answer has an ETag."""
    return _with_tag(get_object_or_404(Purse, pk=purse_id), response)


@area.patch("/{int:purse_id}", PurseRecord, needs=Permission.MANAGE_SETTINGS)
def change_a_purse(
    request: HttpRequest, purse_id: Id, wanted: PursePatch, response: HttpResponse, if_match: IfMatch
) -> PurseRecord:
    """Change a purse; with If-Match, only if nobody else did meanwhile."""

    def work() -> Purse:
        purse = get_object_or_404(Purse.objects.select_for_update(), pk=purse_id)
        check_edition(_values(purse), seen(if_match))
        values = {**_values(purse), **wanted.model_dump(exclude_none=True)}
        return change_purse(purse, values["name"], values["position"], is_active=values["is_active"])

    return _with_tag(transact(work), response)


@area.get("/of-user/{int:user_id}", list[HeldRecord], needs=Permission.VIEW_USERS)
def list_purses_of_user(request: HttpRequest, user_id: Id) -> list[HeldRecord]:
    """List a user's accounts: the balance first, then the purses that something was ever in."""
    return held_by(get_object_or_404(User, pk=user_id))


def held_by(user: User) -> list[HeldRecord]:
    """The accounts of a person as the API shows them."""
    return [
        HeldRecord(account=account.pk, purse=account.purse_id, name=account.name, balance=account.balance)
        for account in accounts_of(user)
    ]


def _values(purse: Purse) -> dict[str, Any]:
    return {"name": purse.name, "position": purse.position, "is_active": purse.is_active}


def _record(purse: Purse) -> PurseRecord:
    return PurseRecord.model_validate({"id": purse.pk, **_values(purse)})


def _with_tag(purse: Purse, response: HttpResponse) -> PurseRecord:
    tag(response, _values(purse))
    return _record(purse)

"""Card numbers and PINs: giving them to people, and asking whose a card is. No answer has a number or a PIN."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints.users import UserRecord, record_of, user_with
from everprint.server.api.fields import Body, Id, Name
from everprint.server.audit_log.acting import only_read
from everprint.server.people.cards import associate_card, holder_of, set_card, set_pin
from everprint.server.people.models import User
from everprint.server.people.sign_in import LONGEST_PASSWORD

area = Area("Cards")

Place = Annotated[int, Path(ge=1, le=2, description="1 or 2: a person has at most two cards")]
Number = Annotated[str, Field(max_length=100, description="As a reader types it; spaces, - and : do not count")]
Pin = Annotated[str, Field(max_length=10, description="4 to 10 digits")]


class OwnCardRecord(BaseModel):
    """A card that somebody has."""

    place: int
    set_at: datetime


class CardsRecord(BaseModel):
    """What there is for somebody at a printer."""

    cards: list[OwnCardRecord]
    has_pin: bool


class NewCard(Body):
    """A card to be given to somebody."""

    card_number: Number


class NewPin(Body):
    """A PIN to be set."""

    pin: Pin


class Swiped(Body):
    """A card that was held to a reader, with the PIN if one is asked for."""

    card_number: Number
    pin: Pin = ""


class Association(Body):
    """A card that nobody has, and who says that it is theirs."""

    card_number: Number
    user_name: Name
    password: str = Field(max_length=LONGEST_PASSWORD)


@area.get("/of/{int:user_id}", CardsRecord, needs=Permission.VIEW_USERS)
def get_the_cards(request: HttpRequest, user_id: Id) -> CardsRecord:
    """Get which cards a user has, and whether a PIN; never their numbers."""
    user = get_object_or_404(User, pk=user_id)
    cards = [OwnCardRecord(place=card.place, set_at=card.set_at) for card in user.cards.all()]
    return CardsRecord(cards=cards, has_pin=bool(user.pin_digest))


@area.put("/of/{int:user_id}/{int:place}", None, needs=Permission.MANAGE_USERS)
def set_a_card(request: HttpRequest, user_id: Id, place: Place, wanted: NewCard) -> None:
    """Give a user a card, in the place of the one that was there."""
    set_card(get_object_or_404(User, pk=user_id), place, wanted.card_number)


@area.delete("/of/{int:user_id}/{int:place}", needs=Permission.MANAGE_USERS)
def remove_a_card(request: HttpRequest, user_id: Id, place: Place) -> None:
    """Take a card from a user."""
    set_card(get_object_or_404(User, pk=user_id), place, None)


@area.put("/of/{int:user_id}/pin", None, needs=Permission.MANAGE_USERS)
def set_a_pin(request: HttpRequest, user_id: Id, wanted: NewPin) -> None:
    """Set the PIN that goes with a user's cards."""
    set_pin(get_object_or_404(User, pk=user_id), wanted.pin)


@area.delete("/of/{int:user_id}/pin", needs=Permission.MANAGE_USERS)
def remove_a_pin(request: HttpRequest, user_id: Id) -> None:
    """Let a user have no PIN."""
    set_pin(get_object_or_404(User, pk=user_id), None)


@area.post("/look-up", UserRecord, needs=Permission.MANAGE_JOBS)
def look_a_card_up(request: HttpRequest, wanted: Swiped) -> UserRecord:
    """Get whose card that is; with its PIN, where the installation wants one."""
    holder = holder_of(wanted.card_number, wanted.pin, request.META.get("REMOTE_ADDR", ""))
    only_read()
    return record_of(user_with(holder.pk))


@area.post("/associate", UserRecord, needs=Permission.MANAGE_JOBS)
def associate_a_card(request: HttpRequest, wanted: Association) -> UserRecord:
    """Give a card that nobody has to whoever signs in with it, where the installation allows that."""
    address = request.META.get("REMOTE_ADDR", "")
    return record_of(user_with(associate_card(wanted.card_number, wanted.user_name, wanted.password, address).pk))

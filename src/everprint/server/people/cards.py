"""Card numbers and PINs: whose card is this? Both are kept as digests under the server's own key, and nothing else.

A card number is short and printed on the card, so a plain digest could be reversed by trying all; this one only by
whoever has the key, too. A person has at most two cards, and a card belongs to one person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.attempts import Attempts
from everprint.server.people.authority import check_may_change
from everprint.server.people.models import Card, User
from everprint.server.people.sign_in import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = (1, 2)
SHORTEST_NUMBER, LONGEST_NUMBER = 4, 64
SHORTEST_PIN, LONGEST_PIN = 4, 10

_CARDS, _PINS = "everprint.card-number", "everprint.user-pin"
_BETWEEN = re.compile(r"[\s:-]")
_NUMBER = re.compile(rf"[0-9A-Z]{{{SHORTEST_NUMBER},{LONGEST_NUMBER}}}", re.ASCII)
_PIN = re.compile(rf"[0-9]{{{SHORTEST_PIN},{LONGEST_PIN}}}", re.ASCII)

pin_attempts = Attempts()


class BadCard(Worded, ValueError):
    """A card number or PIN that cannot be, or not here; the text says why."""


class CardTaken(BadCard):
    """The card is another person's, or both places of this person are taken."""


class UnknownCard(Exception):
    """Nobody who may print has this card."""


class WrongPin(Exception):
    """The card is known, and the PIN is missing or wrong."""


class WrongPassword(Exception):
    """Name and password do not go together."""


@dataclass(frozen=True, slots=True)
class CardDigest:
    """A card number as it is kept; in words it is only there or not."""

    digest: str

    def __str__(self) -> str:
        return "a card" if self.digest else "no card"


@dataclass(frozen=True, slots=True)
class PinDigest:
    """A PIN as it is kept; in words it is only there or not."""

    digest: str

    def __str__(self) -> str:
        return "a PIN" if self.digest else "no PIN"


def card_number(text: str) -> str:
    """The one spelling of a number as a reader types it: capitals, nothing between the digits.

    Raises BadCard.
    """
    number = _BETWEEN.sub("", text).upper()
    if not _NUMBER.fullmatch(number):
        raise BadCard(
            _("a card number has %(least)s to %(most)s digits or letters from A to Z, this one has not"),
            least=SHORTEST_NUMBER,
            most=LONGEST_NUMBER,
        )
    return number


def check_pin(pin: str) -> None:
    """Raises BadCard for what cannot be a PIN."""
    if not _PIN.fullmatch(pin):
        raise BadCard(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits")


def digest_of_card(text: str) -> CardDigest:
    """What is kept of that number.

    Raises BadCard.
    """
    return CardDigest(salted_hmac(_CARDS, card_number(text), algorithm="sha256").hexdigest())


def set_card(user: User, place: int, number: str | None) -> None:
    """Gives the person a card, in the place of the one that was there; None: takes it away.

    Raises BadCard, CardTaken, BeyondOwn.
    """
    if place not in PLACES:
        raise BadCard(f"a person has the cards {PLACES[0]} and {PLACES[-1]}, there is no card {place}")
    digest = None if number is None else digest_of_card(number)

    def work() -> None:
        check_may_change(user)
        if digest is None:
            gone, _ = Card.objects.filter(user=user, place=place).delete()
            _note(user, place, bool(gone), has_card=False)
        else:
            _put(user, place, digest)

    transact(work)


def set_pin(user: User, pin: str | None) -> None:
    """Sets the PIN that goes with the person's cards; None: none.

    Raises BadCard, BeyondOwn.
    """
    if pin is not None:
        check_pin(pin)

    def work() -> None:
        check_may_change(user)
        user.pin_digest = "" if pin is None else digest_of_pin(user, pin).digest
        user.save(update_fields=["pin_digest"])
        note("user.pin", user, after={"has_pin": pin is not None}, name=user.name)

    transact(work)


def digest_of_pin(user: User, pin: str) -> PinDigest:
    """What is kept of a PIN: the same PIN of two people looks different."""
    return PinDigest(salted_hmac(_PINS, f"{user.pk}:{pin}", algorithm="sha256").hexdigest())


def holder_of(number: str, pin: str, address: str) -> User:
    """Whose card that is. With the setting *card_needs_pin*, only together with their PIN.

    Raises BadCard, UnknownCard, WrongPin, TooManyAttempts.
    """
    card = Card.objects.select_related("user").filter(digest=digest_of_card(number).digest).first()
    if card is None or not card.user.is_active:
        raise UnknownCard("nobody has this card: sign in with name and password")
    user = card.user
    if read_settings().card_needs_pin:
        pin_attempts.check(user.name, address, shared_address=True)
        if not user.pin_digest:
            raise WrongPin("this card has no PIN yet: sign in with name and password and set one")
        if not constant_time_compare(user.pin_digest, digest_of_pin(user, pin).digest):
            if pin:
                pin_attempts.failed(user.name, address, shared_address=True)
            raise WrongPin("this is not the PIN of the card" if pin else "this card needs its PIN")
        pin_attempts.succeeded(user.name, address)
    return user


def holder_by_pin(name: str, pin: str, address: str) -> User:
    """Who has that name and that PIN.

    Raises WrongPin, for a name that nobody has, too; TooManyAttempts.
    """
    try:
        canonical = canonical_user_name(name)
    except BadUserName:
        raise WrongPin("name or PIN is wrong") from None
    pin_attempts.check(canonical, address)
    user = User.objects.filter(name=canonical, is_active=True).first()
    if (
        user is None
        or not user.pin_digest
        or not constant_time_compare(user.pin_digest, digest_of_pin(user, pin).digest)
    ):
        pin_attempts.failed(canonical, address)
        raise WrongPin("name or PIN is wrong")
    pin_attempts.succeeded(canonical, address)
    return user


def associate_card(number: str, name: str, password: str, address: str) -> User:
    """At the first use of an unknown card: who signs in there is known by it from then on.

    Raises BadCard, CardTaken, WrongPassword, TooManyAttempts.
    """
    card_number(number)
    if not read_settings().own_cards:
        raise BadCard("cards are given out by the administrator here")
    user = sign_in(name, password, address, shared_address=True)
    if user is None:
        raise WrongPassword("name or password is wrong")
    add_own_card(user, number)
    return user


def add_own_card(user: User, number: str) -> None:
    """Puts a card that its holder has at hand into their first free place.

    Raises BadCard, CardTaken.
    """
    digest = digest_of_card(number)
    if not read_settings().own_cards:
        raise BadCard("cards are given out by the administrator here")

    def work() -> None:
        User.objects.select_for_update().get(pk=user.pk)  # two cards at once do not take the same place
        taken = set(Card.objects.filter(user=user).exclude(digest=digest.digest).values_list("place", flat=True))
        mine = Card.objects.filter(user=user, digest=digest.digest).first()
        free = [place for place in PLACES if place not in taken]
        if not free:
            raise CardTaken("you have two cards already: remove one first")
        _put(user, mine.place if mine else free[0], digest)

    transact(work)


def remove_own_card(user: User, place: int) -> None:
    """Forgets a card that its holder has no more."""

    def work() -> None:
        gone, _ = Card.objects.filter(user=user, place=place).delete()
        _note(user, place, bool(gone), has_card=False)

    transact(work)


def digests_of(cards: Iterable[Card]) -> dict[int, CardDigest]:
    """What is kept of somebody's cards, by place."""
    return {card.place: CardDigest(card.digest) for card in cards}


def _put(user: User, place: int, digest: CardDigest) -> None:
    holder = Card.objects.select_related("user").filter(digest=digest.digest).first()
    if holder is not None and holder.user_id != user.pk:
        raise CardTaken("this card is another person's")
    if holder is not None and holder.place != place:
        raise CardTaken(f"this is already card {holder.place} of {user.name}")
    before = Card.objects.filter(user=user, place=place).exists()
    Card.objects.update_or_create(
        user=user, place=place, defaults={"digest": digest.digest, "set_at": timezone.now()}
    )
    if holder is None:
        note("user.card", user, after={f"card_{place}": "another" if before else "a first one"}, name=user.name)
    else:
        _note(user, place, had_card=True, has_card=True)


def _note(user: User, place: int, had_card: bool, *, has_card: bool) -> None:
    note("user.card", user, {f"card_{place}": had_card}, {f"card_{place}": has_card}, name=user.name)

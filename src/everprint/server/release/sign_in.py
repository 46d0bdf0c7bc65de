"""Signing in at a release station: by card, by name and PIN, or by name and password, as the station allows.

Wrong tries are counted in each way: per name and station, and per address, so that nobody goes through all names with
one PIN, nor through card numbers.
"""

from __future__ import annotations

from everprint.server.people.attempts import Attempts
from everprint.server.people.cards import (
    UnknownCard,
    WrongPassword,
    WrongPin,
    associate_card,
    digest_of_card,
    holder_by_pin,
    holder_of,
)
from everprint.server.people.models import User
from everprint.server.people.sign_in import sign_in
from everprint.server.release.models import Station

card_attempts = Attempts()


class NotHere(Exception):
    """The station does not take this way to sign in."""


def sign_in_by_card(station: Station, number: str, pin: str, address: str) -> User:
    """Whose card that is.

    Raises NotHere, BadCard, UnknownCard, WrongPin, TooManyAttempts.
    """
    if not station.by_card:
        raise NotHere("this station does not take cards")
    digest = digest_of_card(number).digest
    card_attempts.check(digest, address)
    try:
        return holder_of(number, pin, address)
    except UnknownCard:
        card_attempts.failed(digest, address)
        raise


def sign_in_by_name(station: Station, name: str, secret: str, address: str) -> User:
    """Who has that name, and that PIN or password, whichever the station takes.

    Raises NotHere, WrongPassword, TooManyAttempts.
    """
    if not (station.by_pin or station.by_password):
        raise NotHere("this station takes cards only")
    if station.by_pin and secret.isascii() and secret.isdigit():
        try:
            return holder_by_pin(name, secret, address)
        except WrongPin:
            if not station.by_password:
                raise WrongPassword("name or PIN is wrong") from None
    user = sign_in(name, secret, address) if station.by_password else None
    if user is None:
        raise WrongPassword(f"name or {'password' if station.by_password else 'PIN'} is wrong")
    return user


def make_card_known(station: Station, number: str, name: str, password: str, address: str) -> User:
    """An unknown card is from now on that of whoever signs in with name and password.

    Raises NotHere, BadCard, CardTaken, WrongPassword, TooManyAttempts.
    """
    if not (station.by_card and station.by_password):
        raise NotHere("cards are not made known at this station")
    return associate_card(number, name, password, address)

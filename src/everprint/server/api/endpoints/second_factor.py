"""One's own second factor: set up with an authenticator, and given up, as on the page.

A token proves nothing about who holds it. So beginning takes the password, lest a thief locks its owner out of the
pages, and ending takes a code, lest they open what it guards.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body
from everprint.server.pages.person import person
from everprint.server.people.cards import WrongPassword
from everprint.server.people.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    give_up_second_factor,
    standing_of,
)
from everprint.server.people.sign_in import LONGEST_PASSWORD, sign_in
from everprint.server.settings import CONFIGURATION

area = Area("Me, and this API")


class SecondFactorRecord(BaseModel):
    """How it is with one's second factor."""

    is_on: bool = Field(description="Signing in at the pages takes a code")
    since: datetime | None
    recovery_codes_left: int


class OwnPassword(Body):
    """Who asks, proven."""

    password: str = Field(max_length=LONGEST_PASSWORD, description="That one signs in with at the pages")


class AuthenticatorCode(Body):
    """The authenticator is at hand."""

    code: str = Field(max_length=32, description="What the authenticator shows now")


class CodeOrRecovery(Body):
    """The authenticator, or what stands for it, is at hand."""

    code: str = Field(max_length=32, description="What the authenticator shows now, or a recovery code")


class BegunRecord(BaseModel):
    """A secret that an authenticator is to be given; it counts once a code of it was confirmed."""

    secret: str
    uri: str = Field(description="The same for a QR code (otpauth:)")


class RecoveryCodes(BaseModel):
    """What is good once each in place of a code."""

    recovery_codes: list[str] = Field(description="Nobody is told again")


@area.get("", SecondFactorRecord, needs=Permission.USE_OWN)
def get_my_second_factor(request: HttpRequest) -> SecondFactorRecord:
    """Get whether one's own second factor is on."""
    now = standing_of(person(request))
    return SecondFactorRecord(
        is_on=now.since is not None, since=now.since, recovery_codes_left=now.recovery_codes_left
    )


@area.post("", BegunRecord, needs=Permission.USE_OWN, status=HTTPStatus.CREATED)
def begin_my_second_factor(request: HttpRequest, wanted: OwnPassword) -> BegunRecord:
    """Get the secret for an authenticator; until a code of it is confirmed, it is the same and does not count."""
    user = person(request)
    if sign_in(user.name, wanted.password, _address(request)) is None:
        raise WrongPassword("this is not your password")
    begun = begin_second_factor(user, CONFIGURATION.server_name)
    return BegunRecord(secret=begun.secret, uri=begun.uri)


@area.post("/confirm", RecoveryCodes, needs=Permission.USE_OWN)
def confirm_my_second_factor(request: HttpRequest, wanted: AuthenticatorCode) -> RecoveryCodes:
    """Switch one's second factor on with a code of the secret that was begun; the answer has the recovery codes."""
    return RecoveryCodes(recovery_codes=confirm_second_factor(person(request), wanted.code, _address(request)))


@area.post("/remove", None, needs=Permission.USE_OWN, status=HTTPStatus.NO_CONTENT)
def remove_my_second_factor(request: HttpRequest, wanted: CodeOrRecovery) -> None:
    """Switch one's second factor off with a code of it, or a recovery code."""
    give_up_second_factor(person(request), wanted.code, _address(request))


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

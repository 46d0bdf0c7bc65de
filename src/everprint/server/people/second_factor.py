"""A second thing to sign in with at the pages: a code that an authenticator makes every half minute (RFC 6238).

The secret is kept encrypted under the server's own key, recovery codes as digests. Each code is good once.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.attempts import Attempts
from everprint.server.people.authority import check_may_change, check_not_own
from everprint.server.people.models import SecondFactor, User
from everprint.server.sealed import seal, unseal

STEP_S = 30
RECOVERY_CODES = 10
_DRIFT = 1  # steps by which the authenticator's clock may differ
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY = "everprint.recovery-code"
_SEALED = "second-factor"  # under another key of the server it is empty: then it is removed, and set up anew

code_attempts = Attempts()


class WrongCode(ValueError):
    """The code is wrong, was used, or is too old."""


class HasSecondFactor(WrongCode):
    """There is one that counts: it goes first, with a code."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A secret that an authenticator is to be given; it counts once a code of it was typed."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)  # otpauth:, as a QR code has it


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when somebody's second factor counts (None: there is none), and how many recovery codes are left."""

    since: datetime | None
    recovery_codes_left: int


def has_second_factor(user: User) -> bool:
    """True if signing in needs a code."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def standing_of(user: User) -> Standing:
    """How it is with somebody's second factor."""
    there = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    return Standing(None, 0) if there is None else Standing(there.confirmed_at, len(there.recovery))


def begin_second_factor(user: User, issuer: str) -> Begun:
    """The secret of one that is being set up: made once, then the same until it is confirmed.

    Raises HasSecondFactor.
    """

    def work() -> str:
        there = SecondFactor.objects.select_for_update().filter(user=user).first()
        if there is not None and there.confirmed_at is not None:
            raise HasSecondFactor("there is a second factor already: remove it first")
        if there is not None and (known := unseal(_SEALED, there.secret)):
            return known
        made = pyotp.random_base32()
        SecondFactor.objects.update_or_create(user=user, defaults={"secret": seal(_SEALED, made)})
        return made

    secret = transact(work)
    return Begun(secret, pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=issuer))


def confirm_second_factor(user: User, code: str, address: str, now: float | None = None) -> list[str]:
    """From now on signing in needs a code; the recovery codes, which nobody is told again. `now`: seconds since 1970.

    Raises WrongCode, TooManyAttempts.
    """
    code_attempts.check(user.name, address)
    codes = [f"{_letters(5)}-{_letters(5)}" for _ in range(RECOVERY_CODES)]

    def work() -> bool:
        there = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
        step = _step_of(there, code, now) if there is not None else None
        if there is None or step is None:
            return False
        there.confirmed_at, there.last_step = timezone.now(), step
        there.recovery = [_digest(user, one) for one in codes]
        there.save()
        note("user.second-factor", user, {"second_factor": False}, {"second_factor": True}, name=user.name)
        return True

    if not transact(work):
        code_attempts.failed(user.name, address)
        raise WrongCode("this is not the code that your authenticator shows now")
    code_attempts.succeeded(user.name, address)
    return codes


def check_code(user: User, code: str, address: str, now: float | None = None) -> None:
    """Takes a code of the authenticator, or a recovery code, which is used up by that. `now`: seconds since 1970.

    Raises WrongCode, TooManyAttempts.
    """
    code_attempts.check(user.name, address)

    def work() -> bool:
        there = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
        if there is None:
            return False
        step = _step_of(there, code, now)
        if step is not None:
            there.last_step = step
        else:
            digest = _digest(user, code)
            if digest not in there.recovery:
                return False
            there.recovery = [one for one in there.recovery if one != digest]
        there.save()
        return True

    if not transact(work):
        code_attempts.failed(user.name, address)
        raise WrongCode("this is no code that is good now")
    code_attempts.succeeded(user.name, address)


def give_up_second_factor(user: User, code: str, address: str) -> None:
    """From now on that person's name and password are enough; they show by a code that it is they who want it.

    Raises WrongCode, TooManyAttempts.
    """
    check_code(user, code, address)
    _remove(user)


def remove_second_factor(user: User) -> None:
    """From now on name and password are enough: for who lost authenticator and recovery codes.

    Never one's own, which takes a code: else an administrator's token, or their desk, would be enough to do without.

    Raises BeyondOwn.
    """
    check_not_own(user, "a second factor of one's own is removed with a code of it")
    check_may_change(user)
    _remove(user)


def _remove(user: User) -> None:
    def work() -> None:
        had = has_second_factor(user)
        SecondFactor.objects.filter(user=user).delete()
        note("user.second-factor", user, {"second_factor": had}, {"second_factor": False}, name=user.name)

    transact(work)


def _step_of(there: SecondFactor, code: str, now: float | None) -> int | None:
    """The step whose code that is, if it is near now and none of it or later was used; else None."""
    typed = "".join(code.split())
    secret = unseal(_SEALED, there.secret)
    if not secret or len(typed) != 6 or not typed.isascii():
        return None
    current = int(time.time() if now is None else now) // STEP_S
    for step in range(current - _DRIFT, current + _DRIFT + 1):
        if step > there.last_step and constant_time_compare(pyotp.TOTP(secret).at(step * STEP_S), typed):
            return step
    return None


def _letters(number: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(number))


def _digest(user: User, code: str) -> str:
    plain = "".join(code.lower().replace("-", " ").split())
    return salted_hmac(_RECOVERY, f"{user.pk}:{plain}", algorithm="sha256").hexdigest()

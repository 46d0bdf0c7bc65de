"""Is this the password of that user? The only place that looks at passwords.

A name that nobody has costs the same time as a wrong password, and the number of passwords hashed at a moment is
bounded: each takes 32 MiB and a core. Whoever has a password here signs in with that; whoever has none may be one of
the directory's, which is asked then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.people.attempts import Attempts
from everprint.server.people.models import User

log = logging.getLogger(__name__)

LONGEST_PASSWORD = 1024

attempts = Attempts()
_hashing = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another place that knows people and their passwords; set by the app that asks it."""

    make_known: Callable[[str], User | None]
    is_right: Callable[[User, str], bool]


elsewhere: Elsewhere | None = None


def sign_in(name: str, password: str, address: str, *, shared_address: bool = False) -> User | None:
    """The user, if name and password are right and the user is not disabled; else None.

    Raises TooManyAttempts.
    """
    try:
        canonical = canonical_user_name(name)
    except BadUserName:
        canonical = ""
    attempts.check(canonical, address, shared_address=shared_address)
    user = User.objects.filter(name=canonical).first() if canonical else None
    if user is None and canonical and elsewhere is not None:
        user = elsewhere.make_known(canonical)
    if _is_right(user, password) and user is not None:
        attempts.succeeded(canonical, address)
        return user
    attempts.failed(canonical, address, shared_address=shared_address)
    log.warning("sign-in refused user=%r address=%s", canonical, address)
    return None


def _is_right(user: User | None, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    with _hashing:
        if user is not None and user.has_usable_password():
            return user.check_password(password) and user.is_active
        make_password(password)  # takes as long as a check
    return user is not None and user.is_active and elsewhere is not None and elsewhere.is_right(user, password)

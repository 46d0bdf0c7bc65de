"""Who is printing."""

from __future__ import annotations

import msgspec


class Authenticate(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/authenticate: is this the password of that user?"""

    user_name: str
    password: str
    client_address: str = ""  # whose failures count; one address must not be able to lock everybody else out


class Authenticated(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind the name, in the server's spelling; None if the name or the password is wrong."""

    user_name: str | None
    operator: bool = False  # may steer queues and everybody's jobs

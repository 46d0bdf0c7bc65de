"""The user name and password of an HTTP request (HTTP Basic, RFC 7617). Nothing here checks them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

MAX_USER_NAME_OCTETS = 255
MAX_PASSWORD_OCTETS = 1023
# Four characters carry three octets; a colon stands between the two.
_MAX_TOKEN = 4 * ((MAX_USER_NAME_OCTETS + 1 + MAX_PASSWORD_OCTETS + 2) // 3)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client says to be; the password is kept out of every log and traceback."""

    user_name: str
    password: str = field(repr=False)


def parse_basic(header: bytes) -> Credentials | None:
    """The credentials in an Authorization header; None if it is anything but a sound Basic one.

    A header that cannot be read is answered like one that is not there: with a challenge, never with a guess.
    """
    scheme, _, token = header.partition(b" ")
    token = token.strip(b" ")
    if scheme.lower() != b"basic" or len(token) > _MAX_TOKEN:
        return None
    try:
        user_name, colon, password = base64.b64decode(token, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not colon or not user_name or _CONTROL.search(user_name) or _CONTROL.search(password):
        return None
    if len(user_name.encode()) > MAX_USER_NAME_OCTETS or len(password.encode()) > MAX_PASSWORD_OCTETS:
        return None
    return Credentials(user_name, password)

"""Which contract both sides speak: an integer that grows only when an old reader would go wrong.

Adding an optional field or an order that an old provider may ignore needs no new version: readers skip fields they
do not know. Each side names the oldest and the newest version it speaks; the newest common one is used.
"""

from __future__ import annotations

import msgspec

NEWEST = 1
OLDEST = 1

# Sent with every request after enrolment: the version the provider speaks in it.
HEADER = "Everprint-Contract"


class Versions(msgspec.Struct, frozen=True):
    """The inclusive range of contract versions that one side speaks."""

    oldest: int = OLDEST
    newest: int = NEWEST


class NoCommonVersion(Exception):
    """The two sides speak no common version; the text says which of them must be upgraded."""


def agree(provider: Versions, server: Versions = Versions()) -> int:  # noqa: B008 - immutable
    """The newest version that both speak.

    Raises NoCommonVersion.
    """
    version = min(provider.newest, server.newest)
    if version < max(provider.oldest, server.oldest):
        behind = "Print Provider" if provider.newest < server.oldest else "Application Server"
        raise NoCommonVersion(
            f"The Print Provider speaks contract versions {provider.oldest} to {provider.newest}, "
            f"the Application Server {server.oldest} to {server.newest}: upgrade the {behind}."
        )
    return version

"""Two people who edit one record at a time: the second is told, and nothing is overwritten unseen.

Whoever shows a record gives its edition along, a digest of the values that can be changed; whoever changes it says
which edition was seen. A page carries it in a hidden field, the API in ETag and If-Match.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


class EditedMeanwhile(Exception):
    """The record is not as the editor saw it; `current` is how it is now."""

    def __init__(self, current: Mapping[str, object]) -> None:
        super().__init__("Somebody else changed this meanwhile, so nothing was changed: read it again and decide.")
        self.current = current


def fingerprint(values: Mapping[str, object]) -> str:
    """A short digest of a record's values: the same as long as nobody changed one of them."""
    text = "\0".join(f"{name}={value!r}" for name, value in sorted(values.items()))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def check_edition(current: Mapping[str, object], seen: str | None) -> None:
    """Raises EditedMeanwhile if the editor saw other values; `seen` None: the editor does not mind."""
    if seen is not None and seen != fingerprint(current):
        raise EditedMeanwhile(current)

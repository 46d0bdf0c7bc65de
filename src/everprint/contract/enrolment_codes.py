"""The one-time code with which a print server is enrolled, as people type it: ABCD-EFGH-JKLM-NPQR."""

from __future__ import annotations

import re
import secrets

# Without characters that look alike: 32 signs, so 16 of them are 80 bits.
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP = 4, 4
_SHAPE = re.compile(rf"[{_SIGNS}]{{{_GROUP}}}(-[{_SIGNS}]{{{_GROUP}}}){{{_GROUPS - 1}}}")


def new_code() -> str:
    """A code that nobody can guess."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def is_code(text: str) -> bool:
    """Whether it has the shape of one that `new_code` made."""
    return _SHAPE.fullmatch(text) is not None

"""Text from clients, as a database column can keep it: bounded, and without characters that no page should show."""

from __future__ import annotations

import unicodedata

_HIDDEN = ("Cc", "Cs", "Cn")


def kept(text: str, most: int) -> str:
    """The text without control characters (PostgreSQL refuses NUL) and surrogates, cut to the column's width."""
    if text.isascii() and text.isprintable():
        return text[:most].strip()
    return "".join(
        " " if unicodedata.category(character) in _HIDDEN else character for character in text[:most]
    ).strip()

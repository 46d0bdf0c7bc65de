"""IPP attributes as plain JSON values, for records and pages that people read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from everprint.ipp.message import Attribute
from everprint.ipp.values import Collection, OutOfBand, Value

# Recursive in truth; JSON encoders do not need to be told.
PlainValue: TypeAlias = object


def plain_attributes(attributes: Iterable[Attribute]) -> dict[str, PlainValue]:
    """Name to value; a set of several values becomes a list."""
    return {attribute.name: _plain_set(attribute.values) for attribute in attributes}


def _plain_set(values: tuple[Value, ...]) -> PlainValue:
    plain = [_plain(value) for value in values]
    return plain[0] if len(plain) == 1 else plain


def _plain(value: Value) -> PlainValue:
    if isinstance(value, Collection):
        return plain_attributes(value.members)
    if isinstance(value, OutOfBand):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, bool | int | str) else str(value)

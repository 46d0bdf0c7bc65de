"""Sizes and times as people write them, each with its unit: "2 GiB", "1500 ms"."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"(\d{1,9}) ?([A-Za-z]{1,3})")
_MIB = {"MiB": 1, "GiB": 1 << 10, "TiB": 1 << 20}
_MS = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}


class BadQuantity(ValueError):
    """The text is no such quantity; says how to write one."""


def mebibytes(text: str) -> int:
    """The size in MiB of a text such as "512 MiB" or "2 GiB". Raises BadQuantity."""
    return _read(text, _MIB, 'write it as "512 MiB" or "2 GiB"')


def milliseconds(text: str) -> int:
    """The time in ms of a text such as "1500 ms", "10 s" or "5 min". Raises BadQuantity."""
    return _read(text, _MS, 'write it as "1500 ms", "10 s" or "5 min"')


def _read(text: str, units: dict[str, int], advice: str) -> int:
    found = _QUANTITY.fullmatch(text)
    if found is None or found[2] not in units:
        raise BadQuantity(advice)
    return int(found[1]) * units[found[2]]

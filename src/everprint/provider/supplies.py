"""What a printer's attributes say of its supplies and alerts: *printer-supply* (PWG 5100.13) or, where that is
missing, CUPS's *marker-* attributes; and *printer-alert* (PWG 5100.9). Strangers' words: bounded, and left out where
absurd.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from everprint.contract.supplies import (
    LONGEST_TEXT,
    MOST_ALERTS,
    MOST_SUPPLIES,
    Alert,
    AlertSeverity,
    Supply,
    SupplyState,
)
from everprint.ipp.message import Attribute

_LOW, _HIGH, _ALL = 10, 90, 100
_MOST_FIELDS = 32
_CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
_SEVERITIES = {"critical": AlertSeverity.CRITICAL, "warning": AlertSeverity.WARNING}


def supplies_of(shown: Mapping[str, Attribute]) -> list[Supply]:
    """The supplies, in the printer's order."""
    said = _values(shown, "printer-supply")
    if said:
        names = _values(shown, "printer-supply-description")
        found = (_supply(_fields(value), _at(names, place)) for place, value in enumerate(said[:MOST_SUPPLIES]))
        return [supply for supply in found if supply is not None]
    return list(_markers(shown))


def alerts_of(shown: Mapping[str, Attribute]) -> list[Alert]:
    """The alerts, in the printer's order."""
    descriptions = _values(shown, "printer-alert-description")
    found: list[Alert] = []
    for place, value in enumerate(_values(shown, "printer-alert")[:MOST_ALERTS]):
        fields = _fields(value)
        if code := fields.get("code"):
            severity = _SEVERITIES.get(fields.get("severity", ""), AlertSeverity.REPORT)
            found.append(Alert(code=_words(code), severity=severity, description=_words(_at(descriptions, place))))
    return found


def hyphenated(label: str) -> str:
    """A label of the MIB as a keyword of IPP: wasteToner, waste-toner."""
    return _CAPITAL.sub(r"-\g<0>", label).lower()


def _supply(fields: Mapping[str, str], description: object) -> Supply | None:
    kind = hyphenated(_words(fields.get("type", "")))
    if not kind:
        return None
    is_receptacle = fields.get("class") == "receptacleThatIsFilled"
    left = _percent(_number(fields.get("level")), _number(fields.get("maxcapacity")))
    level = _ALL - left if is_receptacle and left is not None else left
    return Supply(
        name=_words(description) or kind,
        kind=kind,
        level=level,
        state=_state(level, is_receptacle=is_receptacle, low=_LOW, high=_HIGH),
        colour=_words(fields.get("colorantname", "")),
        is_receptacle=is_receptacle,
    )


def _markers(shown: Mapping[str, Attribute]) -> Iterable[Supply]:
    """The values of these attributes stand beside each other, one for each supply."""
    names, kinds = _values(shown, "marker-names"), _values(shown, "marker-types")
    levels, colours = _values(shown, "marker-levels"), _values(shown, "marker-colors")
    lows, highs = _values(shown, "marker-low-levels"), _values(shown, "marker-high-levels")
    for place, said in enumerate(names[:MOST_SUPPLIES]):
        kind = hyphenated(_words(_at(kinds, place))) or "unknown"
        is_receptacle = kind.startswith("waste")
        level = _percent(_at(levels, place), _ALL)
        low, high = _percent(_at(lows, place), _ALL), _percent(_at(highs, place), _ALL)
        colour = _words(_at(colours, place))
        yield Supply(
            name=_words(said) or kind,
            kind=kind,
            level=level,
            state=_state(level, is_receptacle=is_receptacle, low=low or _LOW, high=high or _HIGH),
            colour="" if colour == "none" else colour,
            is_receptacle=is_receptacle,
        )


def _state(level: int | None, *, is_receptacle: bool, low: int, high: int) -> SupplyState:
    if level is None:
        return SupplyState.UNKNOWN
    if is_receptacle:
        return SupplyState.EMPTY if level >= _ALL else SupplyState.LOW if level >= high else SupplyState.OK
    return SupplyState.EMPTY if level <= 0 else SupplyState.LOW if level <= low else SupplyState.OK


def _percent(level: object, capacity: object) -> int | None:
    """None for the negative numbers that say *unknown*."""
    if not isinstance(level, int) or not isinstance(capacity, int) or level < 0 or capacity <= 0:
        return None
    return min(_ALL, -(-level * _ALL // capacity))


def _fields(value: object) -> dict[str, str]:
    """`key=value;` as both attributes have it; keys are compared without regard to case."""
    if not isinstance(value, bytes):
        return {}
    pairs = (pair.partition("=") for pair in value.decode("utf-8", "replace").split(";", _MOST_FIELDS)[:_MOST_FIELDS])
    return {key.strip().lower(): said.strip() for key, _, said in pairs}


def _number(said: str | None) -> int | None:
    if said is None or len(said) > 11:
        return None
    try:
        return int(said)
    except ValueError:
        return None


def _values(shown: Mapping[str, Attribute], attribute: str) -> Sequence[object]:
    return shown[attribute].values if attribute in shown else ()


def _at(values: Sequence[object], place: int) -> object:
    return values[place] if place < len(values) else None


def _words(said: object) -> str:
    if said is None:
        return ""
    return "".join(character for character in str(said)[:LONGEST_TEXT] if character.isprintable()).strip()

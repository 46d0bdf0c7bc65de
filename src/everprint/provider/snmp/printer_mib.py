"""Reads a printer's agent: Printer-MIB v2 (RFC 3805) and the printer's part of the Host Resources MIB (RFC 2790).

Each number is taken by its range and each text by its length. What is missing or absurd is left out: printers leave
out much, and some say what cannot be.
"""

from __future__ import annotations

from everprint.contract.supplies import LONGEST_TEXT, MOST_ALERTS, MOST_SUPPLIES
from everprint.provider.snmp.labels import (
    ALERT_CODES,
    ALERT_GROUPS,
    ERROR_BITS,
    PRINTER_STATUS,
    SEVERITIES,
    SUPPLY_TYPES,
)
from everprint.provider.snmp.reading import IMPRESSIONS, Counted, MarkerSupply, MibAlert, Reading
from everprint.provider.snmp.values import Agent, Asks, Oid, Values, number, octets

_HR = (1, 3, 6, 1, 2, 1, 25, 3)
_PRT = (1, 3, 6, 1, 2, 1, 43)
_HR_DEVICE_STATUS = (*_HR, 2, 1, 5)
_HR_PRINTER_STATUS = (*_HR, 5, 1, 1)
_HR_DETECTED_ERRORS = (*_HR, 5, 1, 2)
_COUNTER_UNIT = (*_PRT, 10, 2, 1, 3)
_LIFE_COUNT = (*_PRT, 10, 2, 1, 4)
_SUPPLY = (*_PRT, 11, 1, 1)
_SUPPLY_COLORANT, _SUPPLY_CLASS, _SUPPLY_TYPE, _SUPPLY_NAME = (
    (*_SUPPLY, 3), (*_SUPPLY, 4), (*_SUPPLY, 5), (*_SUPPLY, 6),
)  # fmt: skip
_SUPPLY_CAPACITY, _SUPPLY_LEVEL = (*_SUPPLY, 8), (*_SUPPLY, 9)
_COLORANT_VALUE = (*_PRT, 12, 1, 1, 4)
_ALERT = (*_PRT, 18, 1, 1)
_ALERT_SEVERITY, _ALERT_GROUP, _ALERT_GROUP_INDEX, _ALERT_CODE, _ALERT_DESCRIPTION = (
    (*_ALERT, 2), (*_ALERT, 4), (*_ALERT, 5), (*_ALERT, 7), (*_ALERT, 8),
)  # fmt: skip

_MOST_MARKERS = 16
_MOST_COLORANTS = 32
_RECEPTACLE = 4
_DOWN = 5
_LARGEST = 2**31 - 1
_LONGEST_OCTETS = 255
UNKNOWN, SOME = -2, -3


async def read_printer(asks: Asks, agent: Agent) -> Reading:
    """All that is shown of a printer.

    Raises SnmpFailed.
    """
    rows = await asks.rows(agent, (_HR_PRINTER_STATUS,), 1)
    device = next(iter(rows[0]))[-1] if rows else 1
    host = await asks.get(
        agent,
        [(*column, device) for column in (_HR_PRINTER_STATUS, _HR_DETECTED_ERRORS, _HR_DEVICE_STATUS)],
    )
    colorants = await _colorants(asks, agent)
    supplies = await asks.rows(
        agent,
        (_SUPPLY_LEVEL, _SUPPLY_CAPACITY, _SUPPLY_CLASS, _SUPPLY_TYPE, _SUPPLY_NAME, _SUPPLY_COLORANT),
        MOST_SUPPLIES,
    )
    alerts = await asks.rows(
        agent,
        (_ALERT_SEVERITY, _ALERT_GROUP, _ALERT_GROUP_INDEX, _ALERT_CODE, _ALERT_DESCRIPTION),
        MOST_ALERTS,
    )
    return Reading(
        status=PRINTER_STATUS.get(number(host, (*_HR_PRINTER_STATUS, device)) or 0, "unknown"),
        is_down=number(host, (*_HR_DEVICE_STATUS, device)) == _DOWN,
        errors=_errors(octets(host, (*_HR_DETECTED_ERRORS, device))),
        supplies=tuple(_supply(row, colorants) for row in supplies),
        alerts=tuple(_alert(row) for row in alerts),
        life_count=await _life_count(asks, agent),
    )


async def read_counter(asks: Asks, agent: Agent) -> Counted:
    """The lifetime counter, and whether the printer is idle.

    Raises SnmpFailed.
    """
    rows = await asks.rows(agent, (_HR_PRINTER_STATUS,), 1)
    status = next(iter(rows[0].values())) if rows else 0
    count = await _life_count(asks, agent)
    return Counted(count, isinstance(status, int) and PRINTER_STATUS.get(status) == "idle")


async def _life_count(asks: Asks, agent: Agent) -> int | None:
    """The impressions of all markers together; None if one of them counts something else, or does not count."""
    counts: list[int] = []
    for row in await asks.rows(agent, (_COUNTER_UNIT, _LIFE_COUNT), _MOST_MARKERS):
        index = _index(row, _COUNTER_UNIT)
        count = number(row, (*_LIFE_COUNT, *index))
        if number(row, (*_COUNTER_UNIT, *index)) != IMPRESSIONS or count is None or count < 0:
            return None
        counts.append(count)
    return sum(counts) if counts else None


async def _colorants(asks: Asks, agent: Agent) -> dict[int, str]:
    found = await asks.rows(agent, (_COLORANT_VALUE,), _MOST_COLORANTS)
    return {oid[-1]: readable(value) for row in found for oid, value in row.items() if isinstance(value, bytes)}


def _supply(row: Values, colorants: dict[int, str]) -> MarkerSupply:
    index = _index(row, _SUPPLY_LEVEL)
    kind = SUPPLY_TYPES.get(number(row, (*_SUPPLY_TYPE, *index)) or 0, "unknown")
    level = number(row, (*_SUPPLY_LEVEL, *index))
    capacity = number(row, (*_SUPPLY_CAPACITY, *index))
    return MarkerSupply(
        kind=kind,
        name=readable(octets(row, (*_SUPPLY_NAME, *index))) or kind,
        left=left_percent(level, capacity),
        is_receptacle=number(row, (*_SUPPLY_CLASS, *index)) == _RECEPTACLE,
        colorant=colorants.get(number(row, (*_SUPPLY_COLORANT, *index)) or 0, ""),
    )


def left_percent(level: int | None, capacity: int | None) -> int:
    """What is left, in percent of the capacity; UNKNOWN or SOME where that cannot be said.

    Some printers give percents and say that their capacity is unknown: that is unknown here.
    """
    if level == SOME:
        return SOME
    if level is None or capacity is None or not 0 <= level <= _LARGEST or not 0 < capacity <= _LARGEST:
        return UNKNOWN
    return min(100, -(-level * 100 // capacity))  # a rest is not nothing


def _alert(row: Values) -> MibAlert:
    index = _index(row, _ALERT_SEVERITY)
    code = number(row, (*_ALERT_CODE, *index)) or 0
    return MibAlert(
        code=ALERT_CODES.get(code, str(code) if 0 < code <= _LARGEST else "unknown"),
        severity=SEVERITIES.get(number(row, (*_ALERT_SEVERITY, *index)) or 0, "other"),
        group=ALERT_GROUPS.get(number(row, (*_ALERT_GROUP, *index)) or 0, "other"),
        group_index=min(max(number(row, (*_ALERT_GROUP_INDEX, *index)) or 0, 0), _LARGEST),
        description=readable(octets(row, (*_ALERT_DESCRIPTION, *index))),
    )


def _errors(bits: bytes) -> tuple[str, ...]:
    """The first bit is the highest of the first octet; an agent may leave out octets that are nothing (RFC 2790)."""
    return tuple(
        name
        for place, name in enumerate(ERROR_BITS)
        if place // 8 < len(bits) and bits[place // 8] & (0x80 >> place % 8)
    )


def _index(row: Values, column: Oid) -> Oid:
    """What follows the column in the identifiers of this row."""
    return next(iter(row))[len(column) :]


def readable(value: bytes) -> str:
    """Whatever its character set is said to be: UTF-8, or else Latin 1, without what cannot be shown. In octets, too,
    it is no longer than a name of IPP may be."""
    value = value[:_LONGEST_OCTETS]
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut = error.reason == "unexpected end of data" and len(value) == _LONGEST_OCTETS
        text = value[: error.start].decode("utf-8") if is_cut else value.decode("latin-1")
    readable = "".join(character for character in text if character.isprintable()).strip()[:LONGEST_TEXT]
    return readable.encode()[:_LONGEST_OCTETS].decode("utf-8", "ignore")

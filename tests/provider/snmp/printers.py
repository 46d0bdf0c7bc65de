"""What printers say over SNMP, as tests want it: a plain one, and pieces to spoil it with."""

from __future__ import annotations

Objects = dict[str, tuple[str, str | int]]

_HR, _MARKER, _SUPPLY = "25.3", "43.10.2.1", "43.11.1.1"
_COLORANT, _ALERT = "43.12.1.1", "43.18.1.1"


def printer(*, count: int = 1200, status: int = 3, errors: str = "00 00", cyan: int = 450) -> Objects:
    """A colour printer with two supplies, a waste bin and one alert. `status` is hrPrinterStatus."""
    return {
        f"{_HR}.2.1.3.1": ("string", "Office Printer 9"),
        f"{_HR}.2.1.5.1": ("integer", 2),
        f"{_HR}.5.1.1.1": ("integer", status),
        f"{_HR}.5.1.2.1": ("octet", errors),
        f"{_MARKER}.3.1.1": ("integer", 7),
        f"{_MARKER}.4.1.1": ("counter", count),
        **supply(1, name="Cyan Toner", kind=21, capacity=1500, level=cyan, colorant=1),
        **supply(2, name="Drum", kind=9, capacity=100, level=5),
        **supply(3, name="Waste Box", kind=4, capacity=100, level=3, supply_class=4),
        f"{_COLORANT}.4.1.1": ("string", "cyan"),
        **alert(7, severity=4, code=1104, description="Toner low: cyan"),
    }


def supply(
    index: int, *, name: str, kind: int, capacity: int, level: int, supply_class: int = 3, colorant: int = 0
) -> Objects:
    """A row of prtMarkerSuppliesTable."""
    values = {3: colorant, 4: supply_class, 5: kind, 7: 7, 8: capacity, 9: level}
    row: Objects = {f"{_SUPPLY}.{column}.1.{index}": ("integer", value) for column, value in values.items()}
    return {**row, f"{_SUPPLY}.6.1.{index}": ("string", name)}


def alert(index: int, *, severity: int, code: int, description: str, group: int = 11) -> Objects:
    """A row of prtAlertTable."""
    values = {2: severity, 4: group, 5: 1, 7: code}
    row: Objects = {f"{_ALERT}.{column}.1.{index}": ("integer", value) for column, value in values.items()}
    return {**row, f"{_ALERT}.8.1.{index}": ("string", description)}

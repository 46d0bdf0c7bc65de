"""The live table: who, document, pages, colour, sheets, cost, balance, state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from rich import box
from rich.table import Table

from demo.errands import ERRANDS, Errand
from rig.everprint import Row

FINAL = frozenset({"completed", "cancelled", "refused", "aborted"})
_STYLES = {"completed": "green", "refused": "red", "aborted": "red", "printing": "cyan", "delivering": "cyan"}


@dataclass(frozen=True, slots=True)
class Line:
    """What the Application Server says of one errand."""

    state: str
    pages: int | None
    sheets: int
    sides: int
    colour_sides: int
    cost: Decimal
    balance: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Tray:
    """What lies in a printer's tray of one errand, seen at the printer itself."""

    sheets: int


def read_trays(states: Iterable[Mapping[str, object]]) -> dict[str, Tray]:
    """By person, from what the virtual printers' pages show."""
    jobs = [job for state in states for job in cast("list[dict[str, object]]", state["jobs"])]
    return {str(job["user_name"]): Tray(_number(job["sheets_completed"]) or 0) for job in jobs}


def read_lines(jobs: Sequence[Row], balances: Mapping[str, Decimal]) -> dict[str, Line]:
    """By person, of each errand whose job the server has heard of."""
    return {
        errand.person: _line(job, balances[errand.person])
        for errand in ERRANDS
        for job in jobs
        if (job["user"], job["name"]) == (errand.person, errand.title)
    }


def _line(job: Row, balance: Decimal) -> Line:
    return Line(
        state=str(job["state"]),
        pages=_number(job["pages"]),
        sheets=_number(job["sheets"]) or 0,
        sides=_number(job["impressions"]) or 0,
        colour_sides=_number(job["colour_impressions"]) or 0,
        cost=Decimal(str(job["charged"])) or Decimal(str(job["reserved"])),
        balance=balance,
        reason=str(job["reason"]),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def draw(lines: Mapping[str, Line], trays: Mapping[str, Tray], title: str) -> Table:
    """One row an errand, whether its job has come or not."""
    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Who", no_wrap=True)
    table.add_column("Document", no_wrap=True)
    for column in ("Pages", "Colour", "Sheets", "Cost", "Balance"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("State", no_wrap=True)
    for errand in ERRANDS:
        line, tray = lines.get(errand.person), trays.get(errand.person)
        table.add_row(errand.person, errand.title, *_cells(errand, line, tray))
    return table


def _cells(errand: Errand, line: Line | None, tray: Tray | None) -> list[str]:
    sheets = str(tray.sheets) if tray else ""
    if line is None:
        return ["", "", sheets, "", f"{errand.credit:.2f}", "[dim]sent[/]"]
    style = _STYLES.get(line.state, "yellow")
    pages = "" if line.pages is None else str(line.pages)
    known = line.state in FINAL
    if known:
        sheets = str(line.sheets)
    colour = str(line.colour_sides) if known else ""
    return [pages, colour, sheets, f"{line.cost:.2f}", f"{line.balance:.2f}", f"[{style}]{line.state}[/]"]

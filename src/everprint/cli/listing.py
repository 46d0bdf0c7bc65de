"""Prints a listing for people as a table, or for programs as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import click

Row = dict[str, object]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of a table.")


def print_rows(rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, nothing: str) -> None:
    """The rows, all with these columns; `nothing` is said to people if there is none."""
    if as_json:
        click.echo(json.dumps(list(rows), default=_plain, indent=2))
        return
    if not rows:
        click.echo(nothing)
        return
    # Here: no server that starts has anything to list.
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_shown(row[column]) for column in columns))
    # Into a pipe or a file goes every line whole, however wide a terminal would be.
    Console(width=None if sys.stdout.isatty() else 1000).print(table, markup=False)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case Decimal():
            return f"{value:f}"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)

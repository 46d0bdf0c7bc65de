"""Prints what the import of a table changes, or would."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from everprint.server.people.import_result import ImportResult


def print_import(result: ImportResult, *, dry_run: bool) -> None:
    """One line a change, and how many there are of each kind."""
    for change in result.changes:
        what = ", ".join(_change(key, change.before, value) for key, value in change.after.items())
        click.echo(f"{'new' if change.is_new else 'changed'} {change.name}: {what}".rstrip(": "))
    verb = "would be" if dry_run else "were"
    changed = len(result.changes) - result.made
    click.echo(f"{result.made} {verb} made, {changed} {verb} changed, {result.unchanged} are as the file says.")


def _change(key: str, before: Mapping[str, object], value: object) -> str:
    was = f"{_shown(before[key])} -> " if key in before else ""
    return f"{key} {was}{_shown(value)}"


def _shown(value: object) -> str:
    match value:
        case None | "" | []:
            return "(nothing)"
        case bool():
            return "yes" if value else "no"
        case list():
            return "|".join(str(item) for item in value)
        case Decimal():
            return f"{value:.4f}".rstrip("0").rstrip(".")
        case _:
            return str(value)

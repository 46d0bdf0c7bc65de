"""Keeps results in a file: JSON for programs, Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from bench.result import Result


def write_report(path: Path, machine: Mapping[str, str], results: Sequence[Result]) -> None:
    """JSON if the name says so, else Markdown."""
    if path.suffix == ".json":
        whole = {"at": datetime.now().astimezone(), "machine": dict(machine), "results": list(results)}
        path.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
    else:
        path.write_text(markdown(machine, results), "utf-8")


def markdown(machine: Mapping[str, str], results: Sequence[Result]) -> str:
    """The tables, and before them what they were measured on."""
    lines = [f"Measured on {datetime.now().astimezone():%d %B %Y}:", ""]
    lines += [f"- {key}: {value}" for key, value in machine.items()]
    for result in results:
        lines += ["", f"## {result.title}", "", _row(result.columns)]
        lines.append(_row(["---", *("--:" for _ in result.columns[1:])]))
        lines += [_row(row) for row in result.rows]
        if result.notes:
            lines += ["", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

"""The table of files and what they will put on paper, with a line of totals."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from everprint.cli.documents_verdict import Verdict, many
from everprint.documents.result import Confidence, Coverage

_STYLES = {Confidence.EXACT: "green", Confidence.ESTIMATED: "yellow", Confidence.UNKNOWN: "red"}
_NOT_KNOWN = "?"
_NOT_MEASURED = "-"


@dataclass(slots=True)
class Totals:
    """Over all files that are known."""

    files: int = 0
    unknown: int = 0
    pages: int = 0
    coloured: int = 0
    impressions: int = 0
    coloured_impressions: int = 0
    sheets: int = 0

    def add(self, verdict: Verdict) -> None:
        """One more file."""
        self.files += 1
        if verdict.output is None:
            self.unknown += 1
            return
        self.pages += len(verdict.analysis.pages)
        self.coloured += sum(page.colour for page in verdict.analysis.pages)
        self.impressions += verdict.output.impressions
        self.coloured_impressions += verdict.output.colour_impressions
        self.sheets += verdict.output.sheets

    def sentence(self) -> str:
        """`3 files: 26 pages (2 in colour), 52 impressions (4 in colour), 26 sheets; 1 file is unknown`."""
        told = (
            f"{many(self.files, 'file')}: {many(self.pages, 'page')} ({self.coloured} in colour), "
            f"{many(self.impressions, 'impression')} ({self.coloured_impressions} in colour), "
            f"{many(self.sheets, 'sheet')}"
        )
        if self.unknown:
            told += f"; {many(self.unknown, 'file')} {'is' if self.unknown == 1 else 'are'} unknown"
        return told


class FilesTable:
    """Rows as they come; print() at the end."""

    def __init__(self, *, with_coverage: bool) -> None:
        self._with_coverage = with_coverage
        self.totals = Totals()
        self._table = Table(box=None, header_style="bold", pad_edge=False)
        self._table.add_column("File", overflow="fold")
        for heading in ("Language", "Confidence"):
            self._table.add_column(heading)
        self._table.add_column("Pages", justify="right")
        self._table.add_column("In colour", justify="right")
        self._table.add_column("Paper")
        for heading in ("Impressions", "In colour", "Sheets"):
            self._table.add_column(heading, justify="right")
        if with_coverage:
            for ink in "CMYK":
                self._table.add_column(f"{ink} %", justify="right")
        self._table.add_column("Remarks", overflow="fold")

    def add(self, verdict: Verdict) -> None:
        """A file's row."""
        self.totals.add(verdict)
        analysis, output = verdict.analysis, verdict.output
        counts = [
            str(len(analysis.pages)),
            str(sum(page.colour for page in analysis.pages)),
            verdict.papers,
            *(map(str, (output.impressions, output.colour_impressions, output.sheets)) if output else ()),
        ]
        if self._with_coverage:
            counts += _percents(verdict.coverage)
        cells = counts if output else [_NOT_KNOWN] * (10 if self._with_coverage else 6)
        self._table.add_row(
            Text(str(verdict.file)),
            analysis.language.value,
            Text(analysis.confidence.value, style=_STYLES[analysis.confidence]),
            *map(Text, cells),
            Text("; ".join(verdict.remarks)),
        )

    def print(self) -> None:
        """The table; below it, if there is more than one file, the totals."""
        # Into a pipe or a file goes every line whole, however wide a terminal would be.
        console = Console(width=None if sys.stdout.isatty() else 1000)
        console.print(self._table)
        if self.totals.files > 1:
            console.print(Text(self.totals.sentence(), style="bold"))


def _percents(coverage: Coverage | None) -> list[str]:
    if coverage is None:
        return [_NOT_MEASURED] * 4
    return [f"{100 * ink:.1f}" for ink in (coverage.cyan, coverage.magenta, coverage.yellow, coverage.black)]

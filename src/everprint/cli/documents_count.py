"""`everprint documents analyse --count`: pages and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from everprint.cli.listing import Row, print_rows
from everprint.documents.counting import Count
from everprint.documents.pool import AnalyserPool


@dataclass(frozen=True, slots=True)
class FileCount:
    """One file."""

    file: Path
    count: Count


class CountOutput:
    """Collects the counts of all files; they are small."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._rows: list[Row] = []
        self._pages = 0
        self.any_unknown = False

    async def ask(self, pool: AnalyserPool, file: Path, document_format: str) -> FileCount:
        """How many pages the file has."""
        return FileCount(file, await pool.count_pages(file))

    async def tell(self, result: FileCount, pool: AnalyserPool) -> None:
        """One file more."""
        row: Row = {"file": str(result.file)}
        row |= msgspec.to_builtins(result.count)
        self._rows.append(row)
        self._pages += result.count.pages or 0
        self.any_unknown |= result.count.pages is None

    def end(self) -> None:
        """Prints all of them, and their sum if there are several."""
        columns = ("file", "language", "pages", "reason")
        rows = self._rows if self._as_json else [{**row, "pages": row["pages"] or "?"} for row in self._rows]
        print_rows(rows, columns, as_json=self._as_json, nothing="")
        if len(rows) > 1 and not self._as_json:
            click.echo(f"{len(rows)} files: {self._pages} pages")

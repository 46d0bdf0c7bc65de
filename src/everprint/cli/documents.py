"""`everprint documents`: what spool files will put on paper, for people and for scripts."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from everprint.documents.media import media_label
from everprint.documents.pool import AnalyserPool, WorkerFailed
from everprint.documents.result import Analysis, Confidence

MANY_FILES = 4
"""From so many files on, a bar shows how far it has come."""


@click.group()
def documents() -> None:
    """What a spool file will put on paper."""


@documents.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array, one object a file, all pages in it.")
@click.option(
    "--document-format",
    default="",
    metavar="MIME",
    help="What a client would claim the files to be; the content decides, a difference is remarked.",
)
@click.option("--time-limit", default=60.0, show_default=True, help="Seconds for one file; then it is unknown.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="Files looked at at the same time.")
def analyse(files: tuple[Path, ...], as_json: bool, document_format: str, time_limit: float, workers: int) -> None:
    """Count, measure and look at the pages of FILES, as a print server does before it asks for a price.

    For each file: its language (from its content), how far the answer can be relied on (exact, estimated or
    unknown), pages, paper sizes, pages in colour, and remarks. Files are only read, in processes without a network
    that are killed when they take too long. PostScript needs Ghostscript (Debian package ghostscript).

    The exit code is 1 if any file is unknown, else 0.

    Example: everprint documents analyse report.pdf slides.ps
    """
    if time_limit <= 0 or workers < 1:
        raise click.BadParameter("--time-limit must be more than 0 and --workers 1 or more")
    try:
        analyses = asyncio.run(_analyse_all(files, document_format, time_limit, min(workers, len(files))))
    except WorkerFailed as failed:
        raise click.ClickException(str(failed)) from None
    if as_json:
        click.echo(_json(files, analyses))
    else:
        Console().print(_table(files, analyses))
    sys.exit(int(any(analysis.confidence is Confidence.UNKNOWN for analysis in analyses)))


async def _analyse_all(
    files: Sequence[Path], document_format: str, time_limit: float, workers: int
) -> list[Analysis]:
    console = Console(stderr=True)
    shown = len(files) >= MANY_FILES and console.is_terminal
    with Progress(console=console, transient=True, disable=not shown) as progress:
        bar = progress.add_task("analysing", total=len(files))
        async with AnalyserPool(workers, time_limit) as pool:

            async def one(file: Path) -> Analysis:
                analysis = await pool.analyse(file, document_format)
                progress.advance(bar)
                return analysis

            return list(await asyncio.gather(*map(one, files)))


def _json(files: Sequence[Path], analyses: Sequence[Analysis]) -> str:
    rows = [
        {"file": str(file)} | msgspec.to_builtins(analysis) for file, analysis in zip(files, analyses, strict=True)
    ]
    return msgspec.json.format(msgspec.json.encode(rows)).decode()


def _table(files: Sequence[Path], analyses: Sequence[Analysis]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("File", overflow="fold")
    for heading in ("Language", "Confidence"):
        table.add_column(heading)
    table.add_column("Pages", justify="right")
    table.add_column("Paper")
    table.add_column("In colour", justify="right")
    table.add_column("Remarks", overflow="fold")
    for file, analysis in zip(files, analyses, strict=True):
        known = analysis.confidence is not Confidence.UNKNOWN
        table.add_row(
            Text(str(file)),
            analysis.language.value,
            Text(analysis.confidence.value, style=_STYLES[analysis.confidence]),
            str(len(analysis.pages)) if known else "?",
            _papers(analysis) if known else "?",
            str(sum(page.colour for page in analysis.pages)) if known else "?",
            Text("; ".join(filter(None, (analysis.reason, *analysis.remarks)))),
        )
    return table


_STYLES = {Confidence.EXACT: "green", Confidence.ESTIMATED: "yellow", Confidence.UNKNOWN: "red"}


def _papers(analysis: Analysis) -> str:
    """`A4`, or `A4 (3), A3 (1)` where there is more than one."""
    papers = Counter(page.media for page in analysis.pages)
    if len(papers) == 1:
        return media_label(next(iter(papers)))
    return ", ".join(f"{media_label(media)} ({number})" for media, number in papers.most_common())

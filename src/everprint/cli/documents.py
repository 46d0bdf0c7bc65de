"""`everprint documents`: what spool files will put on paper, for people and for scripts."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar, Unpack

import click
import msgspec
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from everprint.cli.command_list import CommandList
from everprint.cli.documents_count import CountOutput
from everprint.cli.documents_files import NoFiles, find_files
from everprint.cli.documents_preview import MOST_PAGES, dpi_for, opened, show, write_contact_sheets
from everprint.cli.documents_table import FilesTable
from everprint.cli.documents_ticket import TicketOptions, asked_for, ticket_options
from everprint.cli.documents_verdict import Verdict, judge
from everprint.documents.pool import AnalyserPool, WorkerFailed
from everprint.documents.result import Unreadable
from everprint.documents.ticket import TicketPart

T = TypeVar("T")

BAR_AFTER_S = 2.0
"""Work that takes longer shows how far it has come."""


@click.group(cls=CommandList)
def documents() -> None:
    """What a spool file will put on paper."""


@documents.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--include",
    "included",
    multiple=True,
    metavar="PATTERN",
    help="Of a folder, only files whose names match, such as '*.pdf'; again for more patterns.",
)
@ticket_options
@click.option(
    "--count",
    "only_count",
    is_flag=True,
    help="Only the number of pages, which is quick for PDF; paper, colour and sheets are not asked for.",
)
@click.option("--coverage", is_flag=True, help="Columns for how much of the paper each ink covers, in per cent.")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object a file, all pages in it.")
@click.option("--preview", is_flag=True, help="Small pictures of the pages in the terminal, each with its verdict.")
@click.option(
    "--preview-to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Contact sheets of the pages as PNG files; the folder is made if it is not there.",
)
@click.option(
    "--document-format",
    default="",
    metavar="MIME",
    help="What a client would claim the files to be; the content decides, a difference is remarked.",
)
@click.option("--time-limit", default=60.0, show_default=True, help="Seconds for one file; then it is unknown.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="Files looked at at the same time.")
def analyse(
    names: tuple[str, ...],
    included: tuple[str, ...],
    only_count: bool,
    coverage: bool,
    as_json: bool,
    preview: bool,
    preview_to: Path | None,
    document_format: str,
    time_limit: float,
    workers: int,
    **ticket: Unpack[TicketOptions],
) -> None:
    """Count, measure and look at the pages of files, as a print server does before it asks for a price.

    FILE is a file, a folder (all files in it and below, but for hidden ones), or a pattern such as 'spool/*.pdf' or
    '**/*.xps' in quotes. Each file's language is found from its content. Files are only read, in processes without
    a network that are killed when they take too long. PostScript needs Ghostscript (Debian package ghostscript).

    \b
    THE TABLE
      Language     what the file is written in, whatever its name says
      Confidence   exact: nothing was guessed; estimated: something was, the
                   remarks say what; unknown: nothing is known, see remarks
      Pages        pages of the document, and how many of them show colour
                   when printed: a grey photo stored in colour is grey
      Paper        its pages' sizes
      Impressions  sides of paper that are printed, and those in colour: after
                   page ranges, n-up and copies
      Sheets       pieces of paper
    Below more than one file stand the totals. Unknown files are not in them.

    \b
    THE JOB
    What is asked for by --copies, --sides, --number-up, --page-ranges,
    --print-color-mode, --media and --collate holds, as if a client had asked
    for it. For what is not asked for, the document's own settings hold (PJL,
    PostScript, print tickets, raster headers), else one copy, one-sided.

    \b
    EXIT CODE
      0  all files are known
      1  a file is unknown
      2  a wrong option, a file that is not there, or no file at all

    \b
    EXAMPLES
      everprint documents analyse report.pdf slides.ps
      everprint documents analyse --copies 30 --sides two-sided-long-edge exam.pdf
      everprint documents analyse --include '*.pcl' --include '*.pxl' /var/spool/old
      everprint documents analyse --json '**/*.pdf' > pages.json
      everprint documents analyse --preview-to pictures catalogue.pdf
    """
    _check(as_json, preview, time_limit, workers)
    if only_count and (preview or preview_to or coverage or any(value is not None for value in ticket.values())):
        raise click.UsageError("--count says nothing of looks and sheets: give it without their options")
    try:
        files = find_files(names, included)
        if preview_to:
            preview_to.mkdir(parents=True, exist_ok=True)
    except NoFiles as none:
        raise click.UsageError(str(none)) from None
    except OSError as error:
        raise click.BadParameter(f"{preview_to} cannot be made: {error.strerror}") from None
    work = _Work(files, document_format, time_limit, min(workers, len(files)))
    try:
        if only_count:
            any_unknown = asyncio.run(_carry_out(work, CountOutput(as_json=as_json)))
        else:
            output = _Output(asked_for(ticket), coverage, as_json=as_json, preview=preview, preview_to=preview_to)
            any_unknown = asyncio.run(_carry_out(work, output))
    except WorkerFailed as failed:
        raise click.ClickException(str(failed)) from None
    except BrokenPipeError:
        _leave_quietly()
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'the output'} cannot be written: {error.strerror}") from None
    sys.exit(int(any_unknown))


def _leave_quietly() -> NoReturn:
    """Whoever read our output has seen enough (head, a pager)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _check(as_json: bool, preview: bool, time_limit: float, workers: int) -> None:
    if time_limit <= 0 or workers < 1:
        raise click.BadParameter("--time-limit must be more than 0 and --workers 1 or more")
    if preview and as_json:
        raise click.UsageError("--preview and --json exclude each other")
    if preview and Console().color_system is None:
        raise click.UsageError("--preview needs a terminal that shows colours; --preview-to FOLDER writes PNG files")


@dataclass(frozen=True, slots=True)
class _Work:
    files: Sequence[Path]
    document_format: str
    time_limit: float
    workers: int


class Output(Protocol[T]):
    """What is asked of each file, and where the answer goes."""

    any_unknown: bool

    def ask(self, pool: AnalyserPool, file: Path, document_format: str) -> Coroutine[None, None, T]: ...

    async def tell(self, result: T, pool: AnalyserPool) -> None: ...

    def end(self) -> None: ...


class _Output:
    """Where verdicts go, one at a time: JSON as it comes, the table at the end, pictures as they are drawn."""

    def __init__(
        self, asked: TicketPart, with_coverage: bool, *, as_json: bool, preview: bool, preview_to: Path | None
    ) -> None:
        self._asked = asked
        self._as_json = as_json
        self._preview = preview
        self._preview_to = preview_to
        self._table = FilesTable(with_coverage=with_coverage)
        self._told = 0
        self.any_unknown = False

    async def ask(self, pool: AnalyserPool, file: Path, document_format: str) -> Verdict:
        """What is to be said of the file."""
        return judge(file, await pool.analyse(file, document_format), self._asked)

    async def tell(self, verdict: Verdict, pool: AnalyserPool) -> None:
        """One file; its pages are drawn only if somebody wants to see them."""
        self._told += 1
        self.any_unknown |= not verdict.is_known
        if self._as_json:
            click.echo("[" if self._told == 1 else ",")
            click.echo(msgspec.json.format(verdict.for_programs()).decode(), nl=False)
        else:
            self._table.add(verdict)
        if not (self._preview or self._preview_to) or not verdict.is_known:
            return
        drawn = await _draw(verdict, pool)
        if self._preview:
            show(Console(), verdict, drawn)
        if self._preview_to:
            for path in write_contact_sheets(self._preview_to, self._told, verdict, drawn):
                click.echo(f"written: {path}", err=True)

    def end(self) -> None:
        """All are told."""
        if self._as_json:
            click.echo("\n]")
        else:
            self._table.print()


async def _draw(verdict: Verdict, pool: AnalyserPool) -> list[Image.Image | None]:
    async def one(number: int, dpi: int) -> Image.Image | None:
        try:
            return opened(await pool.draw_page(verdict.file, number, dpi))
        except Unreadable:
            return None

    pages = verdict.analysis.pages[:MOST_PAGES]
    return list(await asyncio.gather(*(one(page.number, dpi_for(page)) for page in pages)))


async def _carry_out(work: _Work, output: Output[T]) -> bool:
    """Returns whether a file is unknown."""
    console = Console(stderr=True)
    progress = Progress(console=console, transient=True)
    bar = progress.add_task("analysing", total=len(work.files))
    starter = asyncio.create_task(_show_later(progress)) if console.is_terminal else None
    try:
        async with (
            AnalyserPool(work.workers, work.time_limit) as pool,
            aclosing(_asked(work, pool, output)) as results,
        ):
            async for result in results:
                await output.tell(result, pool)
                progress.advance(bar)
    finally:
        if starter:
            starter.cancel()
        if progress.live.is_started:
            progress.stop()
    output.end()
    return output.any_unknown


async def _show_later(progress: Progress) -> None:
    await asyncio.sleep(BAR_AFTER_S)
    progress.start()


async def _asked(work: _Work, pool: AnalyserPool, output: Output[T]) -> AsyncGenerator[T, None]:
    """In the order of the files. Only a few are under way at a time: memory does not grow with their number."""
    waiting: deque[asyncio.Task[T]] = deque()
    try:
        for file in work.files:
            waiting.append(asyncio.create_task(output.ask(pool, file, work.document_format)))
            if len(waiting) > 2 * work.workers:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()

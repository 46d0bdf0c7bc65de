"""`python -m bench [NAME...]`: measures, beside a peer, in one run; prints tables."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

import click
from rich.console import Console
from rich.table import Table

from bench.machine import describe_machine
from bench.progress import say
from bench.report import write_report
from bench.result import Result

NAMES = (
    "acceptance",
    "end_to_end",
    "held_release",
    "backlog",
    "journal_depth",
    "many_queues",
    "polling",
    "attributes",
    "at_rest",
    "ledger",
    "replay",
    "documents",
    "page_count",
    "page_colour",
    "conversion",
    "bulk",
    "campus",
    "vm_backup",
    "mirror",
)


class Benchmark(Protocol):
    """What each module offers."""

    TITLE: str

    def run(self, quick: bool) -> Result:
        """Measures; `quick` takes seconds, and proves only that it works."""


@click.command(help=f"Measures Everprint beside its peers. NAME is one of: {', '.join(NAMES)}; all by default.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(NAMES))
@click.option("--quick", is_flag=True, help="One short round of each: shows that it works, not how fast.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="Write the results to this file too: .json, or else Markdown."
)
def main(names: tuple[str, ...], quick: bool, output: Path | None) -> None:
    """Runs the benchmarks by turns and shows what they found."""
    machine = describe_machine()
    results: list[Result] = []
    for name in names or NAMES:
        benchmark = cast("Benchmark", importlib.import_module(f"bench.{name}"))
        say(benchmark.TITLE)
        results.append(benchmark.run(quick))
    console = Console()
    console.print("\nMeasured on:", "; ".join(f"{key}: {value}" for key, value in machine.items()), highlight=False)
    if quick:
        console.print("Quick run: these numbers are not to be quoted.")
    for result in results:
        console.print(_table(result))
        for note in result.notes:
            console.print(f"  {note}", highlight=False, markup=False)
    if output is not None:
        write_report(output, machine, results)


def _table(result: Result) -> Table:
    table = Table(title=result.title, title_justify="left", title_style="bold")
    for number, column in enumerate(result.columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    for row in result.rows:
        table.add_row(*row)
    return table


if __name__ == "__main__":
    main()

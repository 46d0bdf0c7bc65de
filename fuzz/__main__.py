"""`python -m fuzz [TARGET...]`: fuzzes one parser after the other and prints what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from fuzz.campaign import Outcome, fuzz
from fuzz.targets import TARGETS


@click.command(help=f"Fuzzes parsers. TARGET is one of: {', '.join(TARGETS)}; all by default.")
@click.argument("targets", metavar="[TARGET]...", nargs=-1, type=click.Choice(list(TARGETS)))
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(1), help="For each target.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the results to this file too, as JSON.")
def main(targets: tuple[str, ...], seconds: int, output: Path | None) -> None:
    """Ends with 1 if anything was found."""
    console = Console()
    outcomes: list[Outcome] = []
    for target in targets or TARGETS:
        console.print(f"{target}: {seconds} s ...", highlight=False)
        outcomes.append(fuzz(target, seconds))
        if output is not None:  # after each, for a campaign takes hours and may be stopped
            output.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=2, default=str) + "\n")
    console.print(table(outcomes))
    for outcome in outcomes:
        for finding in outcome.findings:
            console.print(f"{outcome.target} is broken by {finding}", highlight=False, soft_wrap=True)
        if outcome.trouble:
            console.print(f"{outcome.target} did not run: {outcome.trouble}", highlight=False, soft_wrap=True)
    raise SystemExit(any(outcome.findings or outcome.trouble for outcome in outcomes))


def table(outcomes: list[Outcome]) -> Table:
    """One row a target, and the sum."""
    made = Table(title="Fuzzing", title_justify="left", title_style="bold")
    for number, column in enumerate(("Target", "Seconds", "Executions", "Edges", "Corpus", "Memory MB", "Found")):
        made.add_column(column, justify="left" if number == 0 else "right")
    for outcome in outcomes:
        made.add_row(
            outcome.target,
            f"{outcome.seconds:.0f}",
            f"{outcome.executions:,}",
            f"{outcome.coverage:,}",
            f"{outcome.corpus:,}",
            f"{outcome.memory_first} to {outcome.memory_last}",
            str(len(outcome.findings)),
        )
    seconds, executions = sum(one.seconds for one in outcomes), sum(one.executions for one in outcomes)
    found = sum(len(one.findings) for one in outcomes)
    made.add_section()
    made.add_row("all", f"{seconds:.0f}", f"{executions:,}", "", "", "", str(found))
    return made


if __name__ == "__main__":
    main()

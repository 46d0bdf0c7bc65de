"""What is wrong with a topology file: where, what, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake."""

    line: int
    what: str
    advice: str


class BadTopology(Exception):
    """A topology that is refused; the text has a line for each problem, as compilers write them."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(set(problems)))
        super().__init__(
            "\n".join(f"{file}:{problem.line}: {problem.what}; {problem.advice}" for problem in self.problems)
        )

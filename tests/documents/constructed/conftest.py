"""Prints the score of the constructed corpus at the end of the run, also when all passed."""

from __future__ import annotations

import pytest

from tests.documents.constructed.score import SCORE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if lines := SCORE.lines():
        terminalreporter.section("documents of known truth: the score by language")
        for line in lines:
            terminalreporter.write_line(line)

"""docs/explanation/security.md promises a test for every rule: each row names one, and each one named is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(page: str) -> list[list[str]]:
    """The cells of each row of the page's table, without its head."""
    lines = [line for line in page.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def without_test(page: str) -> list[str]:
    """The first cell of each row that names no test."""
    return [cells[0] for cells in rows(page) if len(cells) != 3 or not NAMED.search(cells[2])]


def missing_tests(page: str) -> list[str]:
    """Tests that the page names and that are not there."""
    return [f"{path}::{name}" for path, name in NAMED.findall(page) if name not in functions(ROOT / path)]


def functions(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_rule_names_a_test() -> None:
    page = PAGE.read_text("utf-8")
    assert len(rows(page)) >= 14
    assert without_test(page) == []
    assert page.count("`tests/") == len(NAMED.findall(page)), "a test is named as `tests/path.py::test_name`"


def test_every_test_that_is_named_is_there() -> None:
    assert missing_tests(PAGE.read_text("utf-8")) == []


@pytest.mark.parametrize("cell", ["", "yes", "`tests/x.py`"])
def test_the_check_sees_a_rule_without_a_test(cell: str) -> None:
    assert without_test(f"| a | b | c |\n|---|---|---|\n| case | rule | {cell} |") == ["case"]


def test_the_check_sees_a_test_that_is_gone() -> None:
    assert missing_tests("`tests/architecture/test_security_table.py::test_gone`") != []
    assert missing_tests("`tests/gone.py::test_gone`") != []

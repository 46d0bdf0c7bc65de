"""Who may import whom (docs/explanation/parts.md). Reads the imports from the source; runs nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "everprint"

MAY_IMPORT: dict[str, set[str]] = {
    "documents": set(),
    "ipp": set(),
    "monitor": set(),
    "configuration": set(),
    "serving": set(),
    "contract": {"documents"},
    "provider": {"documents", "ipp", "contract", "monitor", "configuration", "serving"},
    "server": {"documents", "contract", "monitor", "configuration", "serving"},
    "virtual_printer": {"documents", "ipp", "monitor", "configuration", "serving"},
    "cluster": {"ipp", "contract", "monitor", "configuration"},
}
# The command line speaks to all parts, but only a part's own command may import that part.
CLI = "cli"


def imported_parts(path: Path) -> set[str]:
    """The parts of Everprint that a module names in its import statements, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; name the part"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "everprint" and len(parts) > 1 and (SOURCE / parts[1]).is_dir():
                found.add(parts[1])
    return found


def modules(part: str) -> list[Path]:
    return sorted((SOURCE / part).rglob("*.py"))


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_a_part_imports_only_what_it_may(part: str) -> None:
    allowed = MAY_IMPORT[part] | {part}
    wrong = {
        str(path.relative_to(SOURCE)): sorted(imported_parts(path) - allowed)
        for path in modules(part)
        if imported_parts(path) - allowed
    }
    assert not wrong


def test_every_folder_is_a_known_part() -> None:
    folders = {path.parent.relative_to(SOURCE).parts[0] for path in SOURCE.glob("*/**/*.py")}
    assert folders == set(MAY_IMPORT) | {CLI}


def test_the_entry_point_imports_no_part() -> None:
    assert imported_parts(SOURCE / "cli" / "main.py") <= {"configuration"}


def test_the_check_sees_a_forbidden_import(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def f() -> None:\n    from everprint.server import jobs\n")
    assert imported_parts(bad) == {"server"}

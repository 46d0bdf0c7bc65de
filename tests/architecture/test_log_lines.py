"""Every line of the provider's log that is about a job has its job-id, so that one search finds a job's whole way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PROVIDER = Path(__file__).parents[2] / "src" / "everprint" / "provider"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


def logged(source: str) -> Iterator[tuple[int, str]]:
    """Each line that the source logs, as it is written, with its place."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in ("log", "logger")
            and node.func.attr in LEVELS
        ):
            yield from (
                (node.lineno, part.value)
                for part in node.args
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def lacks_job_id(text: str) -> bool:
    return "uuid=" in text and "job_id=" not in text


def test_who_names_a_job_by_its_uuid_names_its_job_id() -> None:
    lines = [
        (f"{path.relative_to(PROVIDER)}:{number}", text)
        for path in sorted(PROVIDER.rglob("*.py"))
        for number, text in logged(path.read_text("utf-8"))
    ]
    assert len(lines) > 30
    assert not [where for where, text in lines if lacks_job_id(text)]


def test_the_check_sees_a_line_without() -> None:
    (found,) = logged('log.info("a job of uuid=%s went", uuid)')
    assert lacks_job_id(found[1])

"""The one command: loads no part that is not called, and says what to install when a part's packages are absent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from everprint.cli.main import PARTS, everprint_command

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from everprint.cli.main import main
sys.argv = ["everprint", *{arguments!r}]
main()
"""


def run(*arguments: str, without: str = "nothing") -> subprocess.CompletedProcess[str]:
    script = WITHOUT.format(package=without, arguments=list(arguments))
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_the_parts_without_loading_any() -> None:
    result = run("--help", without="django")
    assert result.returncode == 0
    for part in ("server", "provider", "virtual-printer", "documents"):
        assert part in result.stdout


def test_a_print_server_needs_no_django() -> None:
    assert run("provider", "--help", without="django").returncode == 0


def test_an_application_server_needs_no_pdfium() -> None:
    assert run("server", "--help", without="pypdfium2").returncode == 0


def test_an_unknown_part_is_refused_with_a_hint() -> None:
    result = run("servre")
    assert result.returncode == 2
    assert "servre" in result.stderr


def test_a_missing_package_is_named_with_the_extra_that_brings_it() -> None:
    for part, package in (("provider", "aiohttp"), ("server", "django")):
        result = run(part, "--help", without=package)
        assert result.returncode == 1
        assert f"needs the Python package {package}" in result.stderr
        assert f"Install everprint[{part}]" in result.stderr


def groups(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """The contexts of a command's groups, itself included."""
    if isinstance(command, click.Group):
        yield context
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from groups(below, click.Context(below, info_name=name, parent=context))


@pytest.mark.parametrize("part", PARTS)
def test_help_says_of_each_command_what_it_does_in_a_whole_sentence(part: str) -> None:
    command = everprint_command.get_command(click.Context(everprint_command), part)
    assert command is not None
    for context in groups(command, click.Context(command, info_name=part, terminal_width=80)):
        listed = context.get_help().partition("Commands:")[2]
        assert "..." not in listed, f"{context.command_path} --help:\n{listed}"

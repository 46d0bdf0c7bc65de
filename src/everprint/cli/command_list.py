"""The list of commands in `--help`: what each does is said in a whole sentence, on more than one line if need be."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

_WHOLE = 1000  # characters: longer than any first sentence


class CommandList(click.Group):
    """A group of commands; click's own cuts their sentences off at the width of the terminal."""

    def __init__(self, *args: object, later: Mapping[str, str] | None = None, **options: object) -> None:
        """*later*: commands by name, each with the module that has it, which is imported when it is asked for.

        A service that is started again after a failure need not import what only people call.
        """
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._later = dict(later or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *self._later])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._later:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module(self._later[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

"""The list of commands in `--help`: what each does is said in a whole sentence, on more than one line if need be."""

from __future__ import annotations

import click

_WHOLE = 1000  # characters: longer than any first sentence


class CommandList(click.Group):
    """A group of commands; click's own cuts their sentences off at the width of the terminal."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(_WHOLE)) for name, command in commands if command is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

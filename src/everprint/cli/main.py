"""The entry point. A part's commands are imported only when they are called: a print server has no Django."""

from __future__ import annotations

import importlib
import sys

import click

from everprint.configuration import ConfigurationError

# Sub-command to (module, what --help says of it). The module has a click command of the same name.
PARTS = {
    "server": ("everprint.cli.server", "The Application Server: users, accounts, printers, jobs, pages."),
    "provider": ("everprint.cli.provider", "The Print Provider: queues, spool and delivery on a print server."),
    "virtual-printer": ("everprint.cli.virtual_printer", "A printer without paper, for demos, training and tests."),
    "documents": ("everprint.cli.documents", "What a spool file will put on paper."),
    "cluster": ("everprint.cli.cluster", "VM clusters: hosts that may fail, and what goes on when they do."),
    "monitor": ("everprint.cli.monitor", "Plugins for Nagios and Icinga: is a part, is a cluster well?"),
}


class _Parts(click.Group):
    """Loads a part's commands when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in PARTS:
            return None
        module, _ = PARTS[cmd_name]
        try:
            command = getattr(importlib.import_module(module), cmd_name.replace("-", "_"))
        except ModuleNotFoundError as error:
            if error.name and error.name.startswith("everprint"):
                raise
            extra = cmd_name if cmd_name in ("server", "cluster") else "provider"
            raise click.ClickException(
                f"{cmd_name} needs the Python package {error.name}, which is not installed. "
                f"Install everprint[{extra}]."
            ) from error
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Parts"):
            formatter.write_dl([(name, text) for name, (_, text) in PARTS.items()])


@click.group(cls=_Parts, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="everprint", prog_name="everprint")
def everprint_command() -> None:
    """Print management that stays up.

    Each part has its own commands and its own --help; docs/ holds the tutorial and the reference.
    """


def main() -> None:
    """Runs the command; an error that the user can mend is one line and exit code 2, not a traceback."""
    try:
        everprint_command(prog_name="everprint")
    except ConfigurationError as error:
        click.echo(f"everprint: {error}", err=True)
        sys.exit(2)

"""`everprint server printer preset`: what some people may do on a printer."""

from __future__ import annotations

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

COLUMNS = ["name", "position", "groups", "colour", "two_sided_only", "sides_default", "most_copies"]
SIDES = ("one-sided", "two-sided-long-edge", "two-sided-short-edge")


@click.group(cls=CommandList)
def preset() -> None:
    """Presets: what some people may do on a printer."""


@preset.command()
@click.argument("printer")
@click.argument("name")
@click.option("--provider", "provider_name", help="Needed if several providers have a printer of that name.")
@click.option("--group", "groups", multiple=True, help="For its members; repeatable.  [default: for everybody]")
@click.option("--position", type=click.IntRange(-1000, 1000), default=0, show_default=True, help="The first counts.")
@click.option("--no-colour", is_flag=True, help="They print in grey only.")
@click.option("--two-sided-only", is_flag=True, help="They print on both sides only.")
@click.option("--sides-default", type=click.Choice(SIDES), help="Unless they say otherwise.")
@click.option("--most-copies", type=click.IntRange(1, 10_000), help="Copies of a job at the most.")
@with_database
def add(
    printer: str,
    name: str,
    provider_name: str | None,
    groups: tuple[str, ...],
    position: int,
    no_colour: bool,
    two_sided_only: bool,
    sides_default: str | None,
    most_copies: int | None,
) -> None:
    """Add the preset NAME to the printer PRINTER.

    \b
    Example:
      everprint server printer preset add office Pupils --group pupils --no-colour --most-copies 5
    """
    from everprint.cli.server_printers import find_printer
    from everprint.server.people.models import Group
    from everprint.server.printers.presets import add_preset

    found = list(Group.objects.filter(name__in=groups))
    missing = sorted(set(groups) - {group.name for group in found})
    if missing:
        raise click.ClickException(f"there is no group {', '.join(missing)}")
    add_preset(
        find_printer(printer, provider_name),
        found,
        name=name,
        position=position,
        colour=not no_colour,
        two_sided_only=two_sided_only,
        sides_default=sides_default or "",
        most_copies=most_copies,
    )
    click.echo(f"{name} is a preset of {printer} now.")


@preset.command("list")
@click.argument("printer")
@click.option("--provider", "provider_name", help="Needed if several providers have a printer of that name.")
@as_json
@with_database
def list_presets(printer: str, provider_name: str | None, as_json: bool) -> None:
    """List the presets of the printer PRINTER; the first that somebody is in counts."""
    from everprint.cli.server_printers import find_printer

    rows: list[dict[str, object]] = [
        {
            **{column: getattr(row, column) for column in COLUMNS if column != "groups"},
            "groups": "everybody" if row.everybody else [group.name for group in row.groups.all()],
        }
        for row in find_printer(printer, provider_name).presets.prefetch_related("groups")
    ]
    print_rows(rows, COLUMNS, as_json=as_json, nothing="No presets.")


@preset.command()
@click.argument("printer")
@click.argument("name")
@click.option("--provider", "provider_name", help="Needed if several providers have a printer of that name.")
@with_database
def remove(printer: str, name: str, provider_name: str | None) -> None:
    """Remove the preset NAME of the printer PRINTER."""
    from everprint.cli.server_printers import find_printer
    from everprint.server.printers.presets import remove_preset

    found = find_printer(printer, provider_name).presets.filter(name=name).first()
    if found is None:
        raise click.ClickException(f"{printer} has no preset {name}")
    remove_preset(found)
    click.echo(f"{name} is no preset of {printer} any more.")

"""`everprint server printer`: queues, the devices behind them, and what printing costs there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, BinaryIO

import click

from everprint.cli.amounts import AMOUNT
from everprint.cli.command_list import CommandList
from everprint.cli.imports import print_import
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_presets import preset
from everprint.cli.server_printer_snmp import no_snmp, set_snmp_command
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider


COLUMNS = ["name", "provider", "device_uri", "state", "state_reasons", "accepting", "failure_mode", "grey", "colour"]
OVER_LIMIT = ("hold", "refuse")
FAILURE_MODES = ("hold", "print-and-log-later", "print-and-do-not-log")


@click.group(cls=CommandList)
def printer() -> None:
    """Printers: queues, devices and costs."""


printer.add_command(preset)
printer.add_command(set_snmp_command)
printer.add_command(no_snmp)


@printer.command()
@click.argument("name")
@click.option("--provider", "provider_name", required=True, help="The print server that offers the queue.")
@click.option(
    "--device-uri",
    required=True,
    help="Where the device is: ipp://host/path, ipps://host/path, socket://host:9100 or lpd://host/queue; "
    "find-me: for a Find-Me queue.",
)
@click.option(
    "--also-device-uri",
    "pool",
    multiple=True,
    help="One more device, which makes the queue a pool: jobs are spread over its devices; repeatable.",
)
@click.option("--info", default="", help="What people read beside the name.")
@click.option("--location", default="", help="Where it stands.")
@click.option(
    "--authentication",
    type=click.Choice(["basic", "requesting-user-name"]),
    default="basic",
    show_default=True,
    help="How it knows who prints: by name and password, or by the client's word from trusted networks.",
)
@click.option("--trust", "trusted_networks", multiple=True, help="A trusted network, like 192.0.2.0/24; repeatable.")
@click.option("--hold", is_flag=True, help="Every job waits until it is released.")
@click.option(
    "--unknown-pages",
    type=click.Choice(["refuse", "charge-actual"]),
    default="refuse",
    show_default=True,
    help="What to do with a job whose pages cannot be counted.",
)
@click.option(
    "--in-doubt",
    type=click.Choice(["ask", "resend"]),
    default="ask",
    show_default=True,
    help="When the device cannot say after a failure whether it printed a job: hold it and ask, or send it again.",
)
@click.option(
    "--device-format",
    "device_formats",
    multiple=True,
    help="For socket:// and lpd://: a document format that the device understands; repeatable.  "
    "[default: PDF, PostScript, PCL]",
)
@click.option(
    "--device-media",
    "device_media",
    multiple=True,
    help="For socket:// and lpd://: a paper in it, the usual one first; repeatable.  [default: A4, Letter]",
)
@click.option("--device-colour", is_flag=True, help="For socket:// and lpd://: it prints in colour.")
@click.option("--device-two-sided", is_flag=True, help="For socket:// and lpd://: it prints on both sides.")
@click.option("--device-pjl/--no-device-pjl", default=True, help="For socket:// and lpd://: it understands PJL.")
@click.option(
    "--failure-mode",
    type=click.Choice(FAILURE_MODES),
    default="print-and-log-later",
    show_default=True,
    help="What its print server does with jobs while this server is away.",
)
@click.option(
    "--over-limit",
    type=click.Choice(OVER_LIMIT),
    default="hold",
    show_default=True,
    help="A job that its owner cannot pay for: keep it until there is credit, or refuse it.",
)
@with_database
def add(
    name: str,
    provider_name: str,
    device_uri: str,
    pool: tuple[str, ...],
    info: str,
    location: str,
    authentication: str,
    trusted_networks: tuple[str, ...],
    hold: bool,
    unknown_pages: str,
    in_doubt: str,
    device_formats: tuple[str, ...],
    device_media: tuple[str, ...],
    device_colour: bool,
    device_two_sided: bool,
    device_pjl: bool,
    failure_mode: str,
    over_limit: str,
) -> None:
    """Add the queue NAME to a provider; it offers the queue at once.

    \b
    Example:
      everprint server printer add office --provider north --device-uri ipp://198.51.100.7/ipp/print
    """
    from everprint.server.printers.models import default_formats, default_media
    from everprint.server.printers.queues import add_printer

    made = add_printer(
        _find_provider(provider_name),
        name=name,
        device_uri=device_uri,
        pool=list(pool),
        info=info,
        location=location,
        authentication=authentication,
        trusted_networks=list(trusted_networks),
        hold=hold,
        unknown_pages=unknown_pages,
        in_doubt=in_doubt,
        device_formats=list(device_formats) or default_formats(),
        device_media=list(device_media) or default_media(),
        device_colour=device_colour,
        device_two_sided=device_two_sided,
        device_pjl=device_pjl,
        failure_mode=failure_mode,
        over_limit=over_limit,
    )
    click.echo(f"{made.name} is a queue of {provider_name} now.")


@printer.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@with_database
def import_csv(file: BinaryIO, dry_run: bool) -> None:
    """Import queues and their prices from the CSV FILE (- for standard input): all of it or nothing.

    The first line names the columns: provider, name, and any of device_uri, more_devices, info, location,
    trusted_networks, authentication, unknown_pages, in_doubt, failure_mode, over_limit, hold, accepting, grey,
    grey_two_sided, colour, colour_two_sided. Fields that are empty stay as they are.

    \b
    Example:
      everprint server printer import printers.csv --dry-run
    """
    from everprint.server.printers.printer_import import import_printers, plan_import

    data = file.read()
    print_import(plan_import(data) if dry_run else import_printers(data), dry_run=dry_run)


@printer.command("list")
@as_json
@with_database
def list_printers(as_json: bool) -> None:
    """List the printers, what their devices say, and the cost of a grey and a colour side."""
    from everprint.server.printers.costs import costs_of
    from everprint.server.printers.models import Printer

    found = Printer.objects.filter(is_active=True).select_related("provider").prefetch_related("costs")
    rows: list[dict[str, object]] = [
        {
            "name": row.name,
            "provider": row.provider.name,
            "device_uri": row.device_uri,
            "pool": row.pool,
            "devices": row.devices,
            "state": row.state or "not heard of",
            "state_reasons": row.state_reasons,
            "accepting": row.accepting,
            "failure_mode": row.failure_mode,
            "over_limit": row.over_limit,
            "grey": costs_of(row).other.grey_one_sided,
            "colour": costs_of(row).other.colour_one_sided,
        }
        for row in found
    ]
    columns = [
        "name",
        "provider",
        "device_uri",
        "state",
        "state_reasons",
        "accepting",
        "failure_mode",
        "grey",
        "colour",
    ]
    print_rows(rows, columns, as_json=as_json, nothing="No printers.")


@printer.command("set-devices")
@click.argument("name")
@click.argument("device_uris", metavar="DEVICE_URI...", nargs=-1, required=True)
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@with_database
def set_devices(name: str, device_uris: tuple[str, ...], provider_name: str | None) -> None:
    """Set where the devices of the printer NAME are: one, or several for a pool.

    Jobs that a device has stay with it; those that wait go to the new ones.

    \b
    Example:
      everprint server printer set-devices hall ipp://198.51.100.7/ipp/print ipp://198.51.100.8/ipp/print
    """
    from everprint.server.printers.queues import change_printer

    change_printer(find_printer(name, provider_name), device_uri=device_uris[0], pool=list(device_uris[1:]))
    click.echo(f"{name}: {len(device_uris)} device{'s' if len(device_uris) > 1 else ''}.")


@printer.command("redirect-jobs")
@click.argument("name")
@click.option("--to", "target", required=True, help="The printer; of the same print server, if none is named.")
@click.option("--to-provider", help="The print server of that printer.")
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@with_database
def redirect_jobs(name: str, target: str, to_provider: str | None, provider_name: str | None) -> None:
    """Send the jobs that wait for the printer NAME to another one, the oldest 2000 at a time.

    \b
    Example:
      everprint server printer redirect-jobs office --to hall
    """
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.jobs.redirection import order_redirect_all, target_named

    printer = find_printer(name, provider_name)
    try:
        count = order_redirect_all(printer, target_named(printer, target, to_provider), None)
    except NotPossible as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count} job{'' if count == 1 else 's'} will be redirected to {target}.")


@printer.command("set-failure-mode")
@click.argument("name")
@click.argument("mode", type=click.Choice(FAILURE_MODES))
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@with_database
def set_failure_mode(name: str, mode: str, provider_name: str | None) -> None:
    """Set what becomes of the jobs of the printer NAME while this server is away.

    \b
    Example:
      everprint server printer set-failure-mode office hold
    """
    from everprint.server.printers.queues import change_printer

    change_printer(find_printer(name, provider_name), failure_mode=mode)
    click.echo(f"{name}: while this server is away, {mode}.")


@printer.command("set-over-limit")
@click.argument("name")
@click.argument("policy", type=click.Choice(OVER_LIMIT))
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@with_database
def set_over_limit(name: str, policy: str, provider_name: str | None) -> None:
    """Set what becomes of a job on the printer NAME that its owner cannot pay for: hold it until there is credit, or
    refuse it.

    \b
    Example:
      everprint server printer set-over-limit office refuse
    """
    from everprint.server.printers.queues import change_printer

    change_printer(find_printer(name, provider_name), over_limit=policy)
    click.echo(f"{name}: over the limit, {policy}.")


@printer.command("set-hold-hours")
@click.argument("name")
@click.argument("hours", type=click.IntRange(0, 8760))
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@with_database
def set_hold_hours(name: str, hours: int, provider_name: str | None) -> None:
    """Set how many HOURS after it was sent a held job of the printer NAME ends; 0: as the settings say.

    \b
    Example:
      everprint server printer set-hold-hours office 24
    """
    from everprint.server.printers.queues import change_printer

    change_printer(find_printer(name, provider_name), hold_hours=hours)
    click.echo(f"{name}: held jobs wait {f'{hours} hours' if hours else 'as the settings say'}.")


@printer.command("set-cost")
@click.argument("name")
@click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
@click.option("--media", default="", help="For one paper only (such as iso_a3_297x420mm); for all others otherwise.")
@click.option("--grey", type=AMOUNT, required=True, help="One side in grey.")
@click.option("--colour", type=AMOUNT, required=True, help="One side in colour.")
@click.option("--grey-two-sided", type=AMOUNT, help="One side in grey of a two-sided sheet.  [default: as --grey]")
@click.option(
    "--colour-two-sided", type=AMOUNT, help="One side in colour of a two-sided sheet.  [default: as --colour]"
)
@with_database
def set_cost(
    name: str,
    provider_name: str | None,
    media: str,
    grey: Decimal,
    colour: Decimal,
    grey_two_sided: Decimal | None,
    colour_two_sided: Decimal | None,
) -> None:
    """Set what one side costs on the printer NAME.

    \b
    Example:
      everprint server printer set-cost office --grey 0.05 --colour 0.20 --grey-two-sided 0.04
    """
    from everprint.contract.pricing import SideCosts
    from everprint.server.printers.costs import change_costs

    costs = SideCosts(
        grey_one_sided=grey,
        grey_two_sided=grey if grey_two_sided is None else grey_two_sided,
        colour_one_sided=colour,
        colour_two_sided=colour if colour_two_sided is None else colour_two_sided,
    )
    change_costs(find_printer(name, provider_name), media, costs)
    click.echo(f"{name}: the costs are set.")


def _find_provider(name: str) -> Provider:
    from everprint.server.providers.models import Provider

    found = Provider.objects.filter(name=name, revoked_at=None).first()
    if found is None:
        raise click.ClickException(f"there is no provider {name}; `everprint server provider list` names them all")
    return found


def find_printer(name: str, provider_name: str | None) -> Printer:
    """The printer of that name; of that provider, if one is named. Raises ClickException."""
    from everprint.server.printers.models import Printer

    found = Printer.objects.filter(name=name, is_active=True)
    if provider_name is not None:
        found = found.filter(provider__name=provider_name)
    several = list(found[:2])
    if not several:
        raise click.ClickException(f"there is no printer {name}; `everprint server printer list` names them all")
    if len(several) > 1:
        raise click.ClickException(f"several providers have a printer {name}: say which with --provider")
    return several[0]

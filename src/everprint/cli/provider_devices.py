"""`everprint provider devices`: what printers there are around this print server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import msgspec

from everprint.cli.listing import Row, as_json, print_rows
from everprint.cli.provider_state import config_option
from everprint.configuration import read_settings
from everprint.provider.cups.cupsd import open_cupsd
from everprint.provider.discovery.browse import browse
from everprint.provider.discovery.cups_devices import cups_devices
from everprint.provider.discovery.found import DiscoveryFailed, FoundDevice, in_order
from everprint.provider.settings import ROLE, ProviderSettings
from everprint.provider.snapshot_store import read_snapshot

_COLUMNS = ("name", "device_uri", "usable", "make_and_model", "location", "found_by")


@click.command()
@config_option
@click.option(
    "--seconds",
    type=click.IntRange(1, 60),
    default=5,
    show_default=True,
    help="How long to look.",
)
@as_json
def devices(config: Path | None, seconds: int, as_json: bool) -> None:
    """List printers on the network that announce themselves, and those that CUPS finds.

    Nothing is done with them. A device URI that is usable can be given to a new queue at the Application Server; what
    is not, such as a printer at a USB port, becomes a queue of CUPS first, which can be adopted. The queues of this
    print server itself are left out.

    \b
    Example:
      everprint provider devices
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    found, troubles = asyncio.run(_look(settings, seconds))
    for trouble in troubles:
        click.echo(trouble, err=True)
    if len(troubles) > 1:
        raise click.exceptions.Exit(1)
    rows = [_row(device) for device in in_order(found, _own_uuids(Path(settings.state_folder)))]
    print_rows(rows, _COLUMNS, as_json=as_json, nothing=f"Nothing was found within {seconds} s.")


async def _look(settings: ProviderSettings, seconds: int) -> tuple[list[FoundDevice], list[str]]:
    """What both ways find, and what keeps one of them from finding anything."""
    ipp = open_cupsd(Path(settings.cups_socket))
    try:
        results = await asyncio.gather(
            browse(seconds, settings.dns_sd_interfaces), cups_devices(ipp, seconds), return_exceptions=True
        )
    finally:
        await ipp.close()
    found: list[FoundDevice] = []
    troubles: list[str] = []
    for result in results:
        if isinstance(result, list):
            found += result
        elif isinstance(result, DiscoveryFailed):
            troubles.append(str(result))
        else:
            raise result
    return found, troubles


def _own_uuids(state_folder: Path) -> frozenset[str]:
    """The printer-uuids of this print server's queues; none on a machine that is no print server."""
    try:
        snapshot = read_snapshot(state_folder)
    except (OSError, msgspec.DecodeError):
        return frozenset()
    return frozenset(queue.printer_uuid.removeprefix("urn:uuid:").lower() for queue in snapshot.queues)


def _row(device: FoundDevice) -> Row:
    return {
        "name": device.name,
        "device_uri": device.device_uri,
        "usable": device.is_usable,
        "make_and_model": device.make_and_model,
        "location": device.location,
        "host": device.host,
        "uuid": device.uuid,
        "found_by": device.found_by,
    }

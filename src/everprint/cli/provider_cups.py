"""`everprint provider cups`: adopt queues of the CUPS server on this machine, let them go, and say how they stand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import Row, print_rows
from everprint.cli.listing import as_json as as_json_option
from everprint.configuration import read_settings
from everprint.contract.client import ServerClient
from everprint.contract.device_uris import before_device
from everprint.contract.messages import CupsQueue as ToldQueue
from everprint.contract.servers import ContractError
from everprint.ipp.client import IppClient, PrinterError
from everprint.ipp.status import Status
from everprint.provider.cups.adopt import CannotAdopt, CupsQueue, Place, adopt, install_backend, queues, release
from everprint.provider.cups.cupsd import CupsRefused, open_cupsd
from everprint.provider.cups.parts import hook_socket
from everprint.provider.identity import Identity, NotEnrolled, load_identity
from everprint.provider.settings import ROLE, ProviderSettings

T = TypeVar("T")

_config = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file with the settings of role provider (docs/reference/provider-settings.md).",
)
_server_bin = click.option(
    "--server-bin",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/usr/lib/cups"),
    show_default=True,
    help="Folder of CUPS's programs (ServerBin in cups-files.conf).",
)
_server_root = click.option(
    "--server-root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("/etc/cups"),
    show_default=True,
    help="Folder of CUPS's configuration (ServerRoot in cups-files.conf).",
)
_names = click.argument("names", metavar="QUEUE...", nargs=-1, required=True)


@click.group(cls=CommandList)
def cups() -> None:
    """Queues that CUPS owns: have their jobs counted, decided about and paid, and printed by CUPS as before.

    \b
    Example:
      sudo everprint provider cups adopt office lab
      everprint provider cups status
    """


@cups.command(name="adopt")
@_names
@_config
@_server_bin
@_server_root
def adopt_command(names: tuple[str, ...], config: Path | None, server_bin: Path, server_root: Path) -> None:
    """Put Everprint before the printers of these queues of CUPS.

    The queues keep their PPDs, options and defaults. Each becomes a printer of this print server at the Application
    Server, where its costs are set. May be run again. Run it as root.

    \b
    Example:
      sudo everprint provider cups adopt office lab
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    place, folder = Place(server_bin, server_root), Path(settings.state_folder)
    _run(settings, lambda: _adopt(names, settings, place, folder))


async def _adopt(names: tuple[str, ...], settings: ProviderSettings, place: Place, folder: Path) -> None:
    identity = load_identity(folder)
    async with _cups(settings) as ipp:
        chosen = _chosen(names, await queues(ipp, place))
        install_backend(place, hook_socket(settings))
        # The Application Server first: a job must not come to a queue that nobody knows.
        await _tell(identity, settings, chosen)
        for queue in chosen:
            changed = await adopt(ipp, queue, folder)
            click.echo(f"{queue.name}: {'adopted' if changed else 'adopted already'} (everprint:{queue.shown_uri})")


async def _tell(identity: Identity, settings: ProviderSettings, chosen: list[CupsQueue]) -> None:
    ca_file = Path(identity.ca_file) if identity.ca_file else None
    told = [
        ToldQueue(
            name=queue.name, device_uri=before_device(queue.shown_uri), info=queue.info, location=queue.location
        )
        for queue in chosen
    ]
    servers = [identity.server, *settings.further_servers]
    async with ServerClient(servers, identity.provider_id, identity.credential, ca_file) as server:
        added = await server.cups_queues(told)
    for queue in added:
        click.echo(
            f"{queue}: new at the Application Server; set its costs there: everprint server printer set-cost {queue}"
        )


@cups.command(name="release")
@_names
@_config
@_server_bin
@_server_root
def release_command(names: tuple[str, ...], config: Path | None, server_bin: Path, server_root: Path) -> None:
    """Take Everprint away from these queues of CUPS: they print as before, uncounted.

    Their printers and jobs stay at the Application Server. May be run again. Run it as root.

    \b
    Example:
      sudo everprint provider cups release office
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    place, folder = Place(server_bin, server_root), Path(settings.state_folder)
    _run(settings, lambda: _release(names, settings, place, folder))


async def _release(names: tuple[str, ...], settings: ProviderSettings, place: Place, folder: Path) -> None:
    async with _cups(settings) as ipp:
        for queue in _chosen(names, await queues(ipp, place)):
            changed = await release(ipp, queue, folder)
            click.echo(f"{queue.name}: {'released' if changed else 'was not adopted'} ({queue.shown_uri})")


@cups.command()
@_config
@_server_bin
@_server_root
@as_json_option
def status(config: Path | None, server_bin: Path, server_root: Path, as_json: bool) -> None:
    """List the queues of CUPS on this machine, and which of them are adopted.

    \b
    Example:
      everprint provider cups status --json
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    place = Place(server_bin, server_root)

    async def look() -> list[CupsQueue]:
        async with _cups(settings) as ipp:
            return await queues(ipp, place)

    found = _run(settings, look)
    if any(one.is_adopted for one in found) and not place.has_backend:
        click.echo(
            "The backend of adopted queues is missing or of another release: run 'cups adopt' again.", err=True
        )
    rows: list[Row] = [
        {"queue": one.name, "adopted": one.is_adopted, "device_uri": one.shown_uri, "info": one.info} for one in found
    ]
    print_rows(rows, ("queue", "adopted", "device_uri", "info"), as_json=as_json, nothing="CUPS has no queues.")


def _chosen(names: tuple[str, ...], there: list[CupsQueue]) -> list[CupsQueue]:
    """The queues of those names. Raises CannotAdopt."""
    by_name = {queue.name: queue for queue in there}
    if missing := [name for name in names if name not in by_name]:
        known = ", ".join(by_name) or "none"
        raise CannotAdopt(f"CUPS has no queue {', '.join(missing)}; it has: {known}.")
    return [by_name[name] for name in dict.fromkeys(names)]


@asynccontextmanager
async def _cups(settings: ProviderSettings) -> AsyncIterator[IppClient]:
    ipp = open_cupsd(Path(settings.cups_socket))
    try:
        yield ipp
    finally:
        await ipp.close()


def _run(settings: ProviderSettings, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Its result; every failure that a person can mend says how."""
    try:
        return asyncio.run(work())
    except PrinterError as error:
        raise click.ClickException(
            f"CUPS does not answer at {settings.cups_socket} ({error}): is it running (systemctl start cups), and is "
            "the setting cups_socket its socket?"
        ) from error
    except CupsRefused as error:
        if error.status in (
            Status.CLIENT_ERROR_FORBIDDEN,
            Status.CLIENT_ERROR_NOT_AUTHENTICATED,
            Status.CLIENT_ERROR_NOT_AUTHORIZED,
        ):
            raise click.ClickException(
                "CUPS does not let this user change its queues: run this as root (sudo), or as a member of CUPS's "
                "SystemGroup (lpadmin)."
            ) from error
        raise click.ClickException(f"CUPS refused: {error}") from error
    except ContractError as error:
        raise click.ClickException(f"{error} Nothing was changed in CUPS.") from error
    except (CannotAdopt, NotEnrolled) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}. Run this as root (sudo).") from error

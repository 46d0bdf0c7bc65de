"""everprint provider: enrol a print server, run it, and look at its queues and jobs."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click

from everprint.cli.certificates import json_option, pem_option, show_certificate
from everprint.cli.command_list import CommandList
from everprint.cli.log_lines import log_to_stderr
from everprint.cli.provider_cups import cups
from everprint.cli.provider_devices import devices
from everprint.cli.provider_drain import drain, status, undrain
from everprint.cli.provider_listing import list_jobs, list_printers, list_queues
from everprint.cli.provider_state import config_option
from everprint.configuration import read_settings
from everprint.contract.client import enrol as enrol_at_server
from everprint.contract.client import fetch_authority
from everprint.contract.messages import Enrol
from everprint.contract.servers import ContractError
from everprint.monitor.service_notices import ServiceNotices
from everprint.provider.certificate import listeners
from everprint.provider.enrolment import credential_for, forget_question
from everprint.provider.identity import SERVER_AUTHORITY, Identity, NotEnrolled, store_durably, store_identity
from everprint.provider.journal.schema import JournalTooNew
from everprint.provider.provider import Listening, StateFolderInUse, run_provider
from everprint.provider.settings import ROLE, ProviderSettings
from everprint.serving import CannotListen, run, stop_on_signals
from everprint.version import version


@click.group(cls=CommandList)
def provider() -> None:
    """The Print Provider: takes jobs on a print server, and delivers them.

    A print server is enrolled once, with a code from the Application Server, and then run as a service:

    \b
      everprint provider enrol --server https://print.example:9192 --code ABCD-1234 --name "Site A"
      everprint provider run --config /etc/everprint/provider.toml
    """


@provider.command()
@click.option("--server", required=True, help="Address of the Application Server, as https://print.example:9192.")
@click.option("--code", required=True, help="One-time code from 'everprint server' or its Providers page.")
@click.option("--name", required=True, help="What people call this print server.")
@click.option(
    "--state-folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(ProviderSettings().state_folder),
    show_default=True,
    help="Folder for the credential, the spool and the journal; made if it is not there.",
)
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="PEM file of the authority that signed the server's certificate; default is the system's.",
)
@click.option(
    "--fingerprint",
    help="SHA-256 fingerprint of the authority that vouches for the server ('everprint server certificate', trust); "
    "its certificate is fetched and kept.",
)
def enrol(
    server: str, code: str, name: str, state_folder: Path, ca_file: Path | None, fingerprint: str | None
) -> None:
    """Make this machine a print server of an Application Server.

    Needs the one-time code that an administrator got from the Application Server. The credential that it is
    exchanged for is stored in the state folder, readable by this user only. If no answer came, run the same command
    again: the code is not lost.

    \b
    Example:
      everprint provider enrol --server https://print.example:9192 --code ABCD-1234 --name "Site A"
    """
    if ca_file is not None and fingerprint is not None:
        raise click.UsageError("--ca-file and --fingerprint say the same: give one of them")
    try:
        state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        credential = credential_for(state_folder, server, code, name)
        message = Enrol(code=code, name=name, software_version=version(), credential=credential)
        if fingerprint is not None:
            pem = asyncio.run(fetch_authority(server, fingerprint))
            ca_file = state_folder / SERVER_AUTHORITY
            store_durably(ca_file, pem.encode("ascii"))
        enrolled = asyncio.run(enrol_at_server(server, message, ca_file))
        identity = Identity(
            server=server,
            provider_id=enrolled.provider_id,
            credential=enrolled.credential,
            name=name,
            ca_file=str(ca_file.resolve()) if ca_file else None,
        )
        store_identity(state_folder, identity)
        forget_question(state_folder)
    except (ContractError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} is enrolled as {enrolled.provider_id}. Start it: everprint provider run")


@provider.command(name="run")
@config_option
def run_command(config: Path | None) -> None:
    """Run the print server until SIGTERM or Ctrl-C.

    Needs an enrolled state folder. Clients print to ipp://THIS-HOST:8631/ipp/print/QUEUE, or ipps:// on port 8632
    when a certificate is set. What was accepted is on disk: it may be stopped, or killed, at any time.

    \b
    Example:
      everprint provider run --config /etc/everprint/provider.toml
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    log_to_stderr(settings.log_level.upper())
    # Every request is no event of ours.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    # The journal's threads want the interpreter's lock for moments only, and clients wait for them.
    sys.setswitchinterval(0.0005)
    try:
        run(_run(settings))
    except (NotEnrolled, StateFolderInUse, JournalTooNew, CannotListen) as error:
        raise click.ClickException(str(error)) from error


async def _run(settings: ProviderSettings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    await run_provider(settings, stop, ServiceNotices.of_process(), _say_where)


def _say_where(listening: Listening) -> None:
    tls = "" if listening.tls_port is None else f" tls_port={listening.tls_port}"
    click.echo(f"listening host={listening.host} port={listening.port}{tls}")
    sys.stdout.flush()


@provider.command()
@config_option
@pem_option
@json_option
def certificate(config: Path | None, pem: bool, as_json: bool) -> None:
    """Show the certificate that queues are offered with, and the fingerprint of what clients must trust.

    \b
    Example:
      everprint provider certificate --pem > everprint-authority.pem
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    listener = listeners(settings)[-1]
    show_certificate(listener.certificate, pem=pem, as_json=as_json)


provider.add_command(list_jobs)
provider.add_command(list_queues)
provider.add_command(list_printers)
provider.add_command(cups)
provider.add_command(devices)
provider.add_command(drain)
provider.add_command(undrain)
provider.add_command(status)

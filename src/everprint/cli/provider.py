"""everprint provider: enrol a print server, run it, and look at its queues and jobs."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from everprint import __version__
from everprint.cli.log_lines import log_to_stderr
from everprint.cli.provider_drain import drain, status, undrain
from everprint.configuration import read_settings
from everprint.contract.client import ContractError
from everprint.contract.client import enrol as enrol_at_server
from everprint.contract.device_uris import without_password
from everprint.contract.messages import Enrol
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.monitor.service_notices import ServiceNotices
from everprint.provider.identity import Identity, NotEnrolled, store_identity
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import JournalTooNew, open_read_only
from everprint.provider.provider import JOURNAL, Listening, StateFolderInUse, run_provider
from everprint.provider.settings import ROLE, ProviderSettings
from everprint.provider.snapshot_store import SnapshotStore
from everprint.serving import CannotListen, run, stop_on_signals

_config = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file with the settings of role provider (docs/reference/provider-settings.md).",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of a table.")


@click.group()
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
def enrol(server: str, code: str, name: str, state_folder: Path, ca_file: Path | None) -> None:
    """Make this machine a print server of an Application Server.

    Needs the one-time code that an administrator got from the Application Server. The credential that it is
    exchanged for is stored in the state folder, readable by this user only.

    \b
    Example:
      everprint provider enrol --server https://print.example:9192 --code ABCD-1234 --name "Site A"
    """
    message = Enrol(code=code, name=name, software_version=__version__)
    try:
        enrolled = asyncio.run(enrol_at_server(server, message, ca_file))
        state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        identity = Identity(
            server=server,
            provider_id=enrolled.provider_id,
            credential=enrolled.credential,
            name=name,
            ca_file=str(ca_file.resolve()) if ca_file else None,
        )
        store_identity(state_folder, identity)
    except (ContractError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} is enrolled as {enrolled.provider_id}. Start it: everprint provider run")


@provider.command(name="run")
@_config
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


@provider.command(name="jobs")
@_config
@_json
def list_jobs(config: Path | None, as_json: bool) -> None:
    """List the jobs in this print server's journal, running or not.

    Reads the journal without changing it.

    \b
    Example:
      everprint provider jobs --json
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    path = Path(settings.state_folder) / JOURNAL
    try:
        found = read_jobs(open_read_only(path))
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error
    if as_json:
        listing = [
            {
                "job_id": job.job_id,
                "uuid": job.uuid,
                "queue": job.queue,
                "user_name": job.owner.user_name,
                "job_name": job.job_name,
                "state": job.state,
                "message": job.job_state_message,
                "pages": job.findings.pages if job.findings else None,
                "sheets": job.output.sheets if job.output else None,
                "created_at": job.created_at,
            }
            for job in found
        ]
        click.echo(msgspec.json.encode(listing))
        return
    table = Table("Job", "Queue", "User", "Name", "State", "Pages", "Sheets", "Message")
    for job in found:
        pages = str(job.findings.pages) if job.findings else ""
        sheets = str(job.output.sheets) if job.output else ""
        table.add_row(
            str(job.job_id),
            job.queue,
            job.owner.user_name,
            job.job_name,
            job.state,
            pages,
            sheets,
            job.job_state_message,
        )
    Console().print(table)


@provider.command(name="queues")
@_config
@_json
def list_queues(config: Path | None, as_json: bool) -> None:
    """List the queues of this print server as the Application Server last told it.

    \b
    Example:
      everprint provider queues
    """
    settings = read_settings(ROLE, ProviderSettings, config)
    folder = Path(settings.state_folder)
    store = SnapshotStore(folder) if folder.is_dir() else None
    snapshot = store.load() if store else None
    if store is None or snapshot is None:
        raise click.ClickException(f"{folder} holds no snapshot: this print server never reached its server.")
    queues = snapshot.queues
    if as_json:
        shown = [
            msgspec.structs.replace(
                queue,
                device_uri=without_password(queue.device_uri),
                pool=tuple(without_password(uri) for uri in queue.pool),
            )
            for queue in queues
        ]
        click.echo(msgspec.json.encode(shown))
        return
    table = Table("Queue", "Device", "Make and model", "Users known by", "Takes jobs")
    for queue in queues:
        device = store.load_device(queue.name, queue.device_uri) or Group(GroupTag.PRINTER)
        table.add_row(
            queue.name,
            "\n".join(without_password(uri) for uri in (queue.device_uri, *queue.pool)),
            device.string("printer-make-and-model") or "",
            queue.authentication,
            "yes" if queue.accepting else "no",
        )
    Console().print(table)


provider.add_command(drain)
provider.add_command(undrain)
provider.add_command(status)

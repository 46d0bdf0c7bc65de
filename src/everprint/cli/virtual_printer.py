"""`everprint virtual-printer`: runs a virtual printer, and tells a running one how to misbehave."""

from __future__ import annotations

import asyncio
import json
import ssl
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import click

from everprint.cli.log_lines import log_to_stderr
from everprint.documents.pool import WorkerFailed
from everprint.serving import CannotListen, Listener, run
from everprint.virtual_printer.access import Network, read_networks
from everprint.virtual_printer.commands import COMMANDS, BadCommand, Command, read_command
from everprint.virtual_printer.model import LANGUAGES, MAY_LACK
from everprint.virtual_printer.paper import SHORT_NAMES
from everprint.virtual_printer.pictures import Pictures
from everprint.virtual_printer.printer import Forgets
from everprint.virtual_printer.process import Addresses, Options, run_printer
from everprint.virtual_printer.record import BadRecord

_ANSWER_WITHIN_S = 30


class _Networks(click.ParamType[Network]):
    """A network in CIDR notation."""

    name = "network"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Network:
        try:
            return read_networks([value])[0]
        except ValueError as error:
            self.fail(f"{error}; expected one such as 192.0.2.0/24", param, ctx)


@click.group(invoke_without_command=True)
@click.option("--name", default="Virtual printer", show_default=True, help="What people call it (printer-info).")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; * is every one.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=6310, show_default=True, help="For IPP; 0: the system chooses."
)
@click.option(
    "--page-port",
    type=click.IntRange(0, 65535),
    default=6380,
    show_default=True,
    help="For its page and commands, also while it has no power; 0: the system chooses.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("virtual-printer"),
    show_default=True,
    help="Where it keeps its identity and its jobs, each with document, record and pictures of its sheets.",
)
@click.option("--colour/--mono", default=True, show_default=True, help="Whether it prints colour.")
@click.option(
    "--paper",
    "papers",
    type=click.Choice(list(SHORT_NAMES)),
    multiple=True,
    default=["a4"],
    show_default=True,
    help="What lies in a tray; again for each further tray. The first is the default. With a3 or tabloid it is a "
    "big printer; smaller paper it takes anyway.",
)
@click.option(
    "--pages-per-minute",
    type=click.FloatRange(0, 10_000),
    default=30,
    show_default=True,
    help="How fast it prints; 0 is as fast as it can.",
)
@click.option(
    "--pictures",
    type=click.Choice([kind.value for kind in Pictures]),
    default=Pictures.ALL.value,
    show_default=True,
    help="Of which sheets of a job it keeps pictures; without any it is faster.",
)
@click.option(
    "--forgets",
    type=click.Choice([kind.value for kind in Forgets]),
    default=Forgets.NOTHING.value,
    show_default=True,
    help="What it no longer knows after a loss of power or a kill: nothing (jobs that were not over are aborted), "
    "the active jobs, or all jobs, and then its numbers begin at 1 again.",
)
@click.option(
    "--keep-jobs",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="How many finished jobs it remembers; older ones are removed from the folder.",
)
@click.option(
    "--time-out",
    type=click.IntRange(1, 3600),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long it waits for a job's document (multiple-operation-time-out) before it aborts the job.",
)
@click.option(
    "--format",
    "document_formats",
    type=click.Choice(list(LANGUAGES)),
    multiple=True,
    help="A document format that it takes; again for each further one. All of them by default.",
)
@click.option(
    "--lacks",
    type=click.Choice(MAY_LACK),
    multiple=True,
    help="An option that it does not have; again for each further one.",
)
@click.option(
    "--tls-certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A PEM certificate with its chain: the port then speaks ipps and https only.",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Its key, if that is not in the certificate's file.",
)
@click.option(
    "--control-from",
    type=_Networks(),
    multiple=True,
    help="A network from which the page may be seen and commands given, besides this machine; may be repeated.",
)
@click.option(
    "--uri-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the printer's URI, and in a second line its page's address, once it listens.",
)
@click.pass_context
def virtual_printer(
    ctx: click.Context,
    *,
    name: str,
    host: str,
    port: int,
    page_port: int,
    folder: Path,
    colour: bool,
    papers: tuple[str, ...],
    pages_per_minute: float,
    pictures: str,
    forgets: str,
    keep_jobs: int,
    time_out: int,
    document_formats: tuple[str, ...],
    lacks: tuple[str, ...],
    tls_certificate: Path | None,
    tls_key: Path | None,
    control_from: tuple[Network, ...],
    uri_file: Path | None,
) -> None:
    """A printer without paper, for demos, training and tests.

    It speaks IPP Everywhere like any network printer, keeps every sheet it "prints" in its folder and on its page,
    and misbehaves when told to: it jams, runs out of paper, aborts jobs, loses power. It runs until Ctrl-C.

    \b
    A colour printer with A4 and A3, as fast as it can:
        everprint virtual-printer --paper a4 --paper a3 --pages-per-minute 0
    Let it run out of paper after three sheets, and fill it up again:
        everprint virtual-printer tell http://localhost:6380/ empty 3
        everprint virtual-printer tell http://localhost:6380/ refill
    """
    if ctx.invoked_subcommand:
        return
    if tls_key and not tls_certificate:
        raise click.UsageError("--tls-key is of no use without --tls-certificate")
    options = Options(
        folder=folder,
        listener=Listener(host, port, tls_certificate, tls_key),
        page_port=page_port,
        name=name,
        colour=colour,
        papers=tuple(dict.fromkeys(papers)),
        pages_per_minute=pages_per_minute,
        pictures=Pictures(pictures),
        forgets=Forgets(forgets),
        keep_jobs=keep_jobs,
        multiple_operation_time_out_s=time_out,
        document_formats=document_formats,
        lacks=lacks,
        control_from=control_from,
    )
    log_to_stderr()

    def tell_where(addresses: Addresses) -> None:
        click.echo(f"{name} is at {addresses.printer_uri}\nIts page: {addresses.page}")
        if uri_file:
            new = uri_file.with_name(f".{uri_file.name}.new")
            new.write_text(f"{addresses.printer_uri}\n{addresses.page}\n", "ascii")
            new.rename(uri_file)

    try:
        run(run_printer(options, tell_where))
    except (CannotListen, WorkerFailed, BadRecord) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be used: {error}") from error


def _usage(command: Command) -> str:
    if command.amount is None:
        return command.name
    word = command.amount.upper().replace(" ", "-")
    return f"{command.name} {word}" if command.default is None else f"{command.name} [{word}]"


_COMMAND_LIST = "\n".join(f"    {_usage(command):24} {command.description}" for command in COMMANDS.values())


@virtual_printer.command(
    help="Tells a running virtual printer what to do.\n\n"
    "URL is the address of its page; COMMAND one of these, with a number where one is named:\n\n"
    f"\b\n{_COMMAND_LIST}\n\n"
    "It prints the state the printer is in then (--json: all of it). Commands are taken from the printer's own "
    "machine, and from where --control-from allows.\n\n"
    "\b\nExample: everprint virtual-printer tell http://localhost:6380/ jam 2"
)
@click.argument("url")
@click.argument("command", type=click.Choice(list(COMMANDS)), metavar="COMMAND")
@click.argument("number", type=float, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the printer's state as JSON.")
@click.option(
    "--tls-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Believe certificates of this authority (PEM), for a printer with one of its own.",
)
def tell(url: str, command: str, number: float | None, *, as_json: bool, tls_ca: Path | None) -> None:
    message: dict[str, object] = {"do": command}
    if number is not None:
        message["number"] = int(number) if number.is_integer() else number
    try:
        read_command(message)
    except BadCommand as error:
        raise click.UsageError(str(error)) from error
    state = _post(_control_url(url), message, tls_ca)
    if as_json:
        click.echo(json.dumps(state, indent=2))
    else:
        click.echo(f"{state['name']}: {state['state']}. {state['state_message']}")


def _control_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.UsageError(f"{url} is not the address of a printer's page, such as http://localhost:6380/")
    return f"{parts.scheme}://{parts.netloc}/control"


def _post(url: str, message: dict[str, object], tls_ca: Path | None) -> dict[str, object]:
    verify = ssl.create_default_context(cafile=str(tls_ca) if tls_ca else None)
    try:
        status, reason, said = asyncio.run(_ask(url, message, verify))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise click.ClickException(f"no virtual printer answers at {url}: {error}") from error
    if not isinstance(said, dict):
        raise click.ClickException(f"no virtual printer answers at {url}")
    if status != HTTPStatus.OK:
        raise click.ClickException(str(said.get("problem", reason)))
    return said


async def _ask(url: str, message: dict[str, object], verify: ssl.SSLContext) -> tuple[int, str, object]:
    """Status, its words, and what is said in JSON. Raises ValueError for an answer that is none."""
    deadline = aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S)
    async with (
        aiohttp.ClientSession(timeout=deadline, trust_env=False) as http,
        http.post(url, json=message, ssl=verify, allow_redirects=False) as answer,
    ):
        said: object = json.loads(await answer.read())
        return answer.status, answer.reason or "", said

"""`everprint cluster report`: tells the Application Server's pages how a cluster stands."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from everprint.cli.cluster_overview import overview_of
from everprint.cli.cluster_topology import topology_argument, topology_of, via_option
from everprint.cluster.live.status import NoCluster
from everprint.cluster.standing.telling import NotTold, report_of, report_of_silence, tell
from everprint.cluster.topology.model import Topology

_WITHIN_S = 15.0
_LONGEST_TOKEN = 500


@click.command()
@topology_argument
@via_option
@click.option("--server", required=True, metavar="URL", help="The Application Server, as https://HOST:9192.")
@click.option(
    "--token-file",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with a token that has the permission report-clusters.",
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Believe certificates of this authority (PEM) instead of the system's.",
)
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How often to ask and tell.",
)
@click.option("--once", is_flag=True, help="Tell once and end; exit code 1 if it was not taken.")
def report(
    topology: Path,
    *,
    via: str | None,
    server: str,
    token_file: Path,
    ca: Path | None,
    every: int,
    once: bool,
) -> None:
    """Tell the Application Server how the cluster stands, so that its page /clusters shows it.

    Asks as `status` does. Goes on until it is ended; a server that is away is told again at the next time.

    \b
    Example: everprint cluster report print.toml --server https://print.example.org:9192 --token-file token
    """
    read = topology_of(topology)
    token = _token(token_file)
    try:
        tls = ssl.create_default_context(cafile=str(ca)) if ca else None
    except (OSError, ssl.SSLError) as error:
        raise click.UsageError(f"--ca {ca} cannot be used: {error}") from error
    said = ""
    while True:
        began = time.monotonic()
        trouble = ""
        try:
            tell(server, read.name, _document(read, via, every), token, within_s=_WITHIN_S, tls=tls)
        except NotTold as error:
            trouble = str(error)
        if once:
            if trouble:
                raise click.ClickException(trouble)
            return
        if trouble != said:
            click.echo(trouble or f"{server} is told again.", err=True)
            said = trouble
        time.sleep(max(every - (time.monotonic() - began), 0.5))


def _document(topology: Topology, via: str | None, every: int) -> dict[str, object]:
    try:
        return report_of(overview_of(topology, via), every)
    except NoCluster as error:
        return report_of_silence(str(error), datetime.now(UTC).isoformat(), every)


def _token(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            token = stream.read(_LONGEST_TOKEN).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} cannot be read as a token: {error}") from error
    if not token or not token.isprintable() or " " in token:
        raise click.UsageError(f"{path} has no token in it")
    return token

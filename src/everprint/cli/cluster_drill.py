"""`everprint cluster drill`: rehearse a failure while somebody prints."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from everprint.cli.cluster_topology import hosts_of, topology_of
from everprint.cluster.drill.causing import AtRealHosts
from everprint.cluster.drill.drill import Drill
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import LIVE, Kind
from everprint.cluster.drill.lab_stage import lab_drill, lab_stage
from everprint.cluster.drill.people import Access, Asker, Client, NotAnswered
from everprint.cluster.drill.report import Report, keep_report
from everprint.cluster.drill.stage import Stage
from everprint.cluster.drill.victims import victim_of
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster

_TROUBLES = (DrillFailed, NotAnswered, LabError, NoCluster, HostUnreachable)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FOR_LIVE = ("server", "token_file", "authority", "queues", "user", "via", "yes", "printer", "free")


@click.command()
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.option("--of", "name", default="", help="The VM or service that fails.  [default: the Application Server]")
@click.option("--times", type=click.IntRange(1, 100), default=1, show_default=True, help="So many drills in a row.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(".lab/cluster"),
    show_default=True,
    envvar="EVERPRINT_LAB_FOLDER",
    help="Folder of the lab; or the variable EVERPRINT_LAB_FOLDER.",
)
@click.option("--live", "topology", type=_FILE, metavar="TOPOLOGY", help="Not in the lab: on this real cluster.")
@click.option("--yes", is_flag=True, help="With --live: do not ask first.")
@click.option("--via", metavar="PROGRAM", help="With --live: reach hosts by this program instead of ssh.")
@click.option("--server", metavar="URL", help="With --live: the Application Server.")
@click.option("--token-file", type=_FILE, help="With --live: a file with an API token that may view jobs.")
@click.option("--authority", type=_FILE, help="With --live: certificates that vouch for the server.")
@click.option("--queue", "queues", multiple=True, metavar="URI", help="With --live: where to print; may be repeated.")
@click.option("--user", default="", help="With --live: who prints.")
@click.option("--printer", default="", metavar="URI", help="With --live: the printer, asked over IPP what came out.")
@click.option("--free", is_flag=True, help="With --live: the queues cost nothing.")
@click.option("--document", type=_FILE, help="A PDF to print.  [default: a page with one line]")
@click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".lab/drills"),
    show_default=True,
    help="Folder that each report is kept in.",
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 86_400),
    default=900,
    show_default=True,
    metavar="SECONDS",
    help="How long any step may take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON for programs.")
@click.pass_context
def drill(ctx: click.Context, /, kind: str, *, name: str, times: int, as_json: bool, **how: object) -> None:
    """Let something fail while somebody prints, and see what comes of every job.

    In the lab, or with --live and your consent on a real cluster. Exit code 1: a job was lost, printed twice or not
    paid exactly once.

    \b
    Examples:
      everprint cluster drill host
      everprint cluster drill application --live print.toml --server https://print.example:9192 \\
        --token-file token --queue ipp://print1.example:8631/ipp/print/office --user alice
    """
    options = _Options(how)
    if options.topology is None:
        strange = [word for word in _FOR_LIVE if how[word]]
        if strange:
            raise click.UsageError(f"--{strange[0].replace('_', '-').replace('queues', 'queue')} goes with --live")
    reports: list[Report] = []
    try:
        with _lab_drill(options) if options.topology is None else _live_drill(options, Kind(kind)) as drilling:
            for _ in range(times):
                report = drilling.run(Kind(kind), victim_of(drilling.topology, name))
                reports.append(report)
                kept = keep_report(report, options.reports)
                if not as_json:
                    click.echo("\n".join([*report.lines(), f"  kept in {kept}"]))
    except _TROUBLES as error:
        raise click.ClickException(str(error)) from None
    finally:
        if as_json:
            click.echo(json.dumps([report.as_json() for report in reports], indent=1))
    ctx.exit(0 if all(report.is_right for report in reports) else 1)


class _Options:
    """What was asked for, typed."""

    def __init__(self, how: dict[str, object]) -> None:
        self.folder, self.reports = Path(str(how["folder"])), Path(str(how["reports"]))
        self.topology, self.document = _path(how["topology"]), _path(how["document"])
        self.token_file, self.authority = _path(how["token_file"]), _path(how["authority"])
        self.via = None if how["via"] is None else str(how["via"])
        self.server, self.user, self.printer = str(how["server"] or ""), str(how["user"]), str(how["printer"])
        self.queues = [str(one) for one in how["queues"]] if isinstance(how["queues"], tuple) else []
        self.is_free, self.yes = bool(how["free"]), bool(how["yes"])
        self.within_s = float(str(how["timeout"]))


def _path(value: object) -> Path | None:
    return None if value is None else Path(str(value))


def _tell(line: str) -> None:
    click.echo(f"... {line}", err=True)


def _nothing(_: Client) -> None:
    """Nobody looks on: jobs are in the report."""


@contextmanager
def _lab_drill(options: _Options) -> Iterator[Drill]:
    laboratory = Laboratory(options.folder)
    with lab_stage(laboratory, options.within_s) as stage:
        yield lab_drill(laboratory, stage, options.within_s, _tell, _nothing)


@contextmanager
def _live_drill(options: _Options, kind: Kind) -> Iterator[Drill]:
    assert options.topology is not None
    if kind not in LIVE:
        raise click.UsageError(f"{kind} cannot be done to real hosts from here; rehearse it in the lab")
    if not (options.server and options.token_file and options.queues and options.user):
        raise click.UsageError("--live needs --server, --token-file, --queue and --user")
    topology = topology_of(options.topology)
    if not options.yes:
        click.confirm(
            f"On the cluster {topology.name}, {kind.words}; people may notice. Really?", abort=True, err=True
        )
    hosts = hosts_of(topology, options.via)
    token = options.token_file.read_text("utf-8").strip()
    access = Access(options.server, token=token, authority=str(options.authority or ""))
    with tempfile.TemporaryDirectory(prefix="everprint-drill-") as folder:
        asker = Asker(list, Path(folder), access)
        try:
            stage = Stage(asker, options.user, options.queues, options.printer, options.document, options.is_free)
            yield Drill(
                topology,
                hosts,
                AtRealHosts(topology, hosts),
                stage,
                list,
                Path(folder),
                "live",
                options.within_s,
                _tell,
                _nothing,
            )
        finally:
            asker.stop()

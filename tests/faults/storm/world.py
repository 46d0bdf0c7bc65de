"""The parts of a storm, all real: PostgreSQL, an Application Server, print servers on disks that can lose power,
printers, and wires between them that can be cut.

Each provider has two queues before its own printer: `strict` waits while the server is away, `later` prints on what
is known and is charged afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from everprint.server.accounts.money import from_units
from rig.everprint import CommandFailed, Provider, Server
from rig.folder import private_folder
from rig.postgresql import Postgresql, run_postgresql
from rig.process import Process
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from tests.faults.storm.disk_layer import Disk, build
from tests.faults.storm.history import Evidence, Journaled, Logged
from tests.faults.storm.relay import Relay

PRICE = Decimal("0.10")
QUEUES = ("strict", "later")
STRICT = "strict"
# Debian keeps it in a folder of the machine's kind.
CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("libfaketime.so.1"))


# Of every job: what left people's accounts, what nobody's credit covered, and how often it was settled.
_PAID = """
SELECT booked.job,
       -coalesce(sum(entry.amount) FILTER (WHERE account.kind IN ('personal', 'shared')), 0),
       coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'uncollected'), 0),
       count(DISTINCT booked.id) FILTER (WHERE booked.kind = 'settle')
FROM accounts_transaction AS booked
JOIN accounts_entry AS entry ON entry.transaction_id = booked.id
JOIN accounts_account AS account ON account.id = entry.account_id
WHERE booked.job IS NOT NULL GROUP BY booked.job
"""


@dataclass(slots=True)
class Site:
    """A print server, its printer, its disk, and its wires."""

    provider: Provider
    printer: VirtualPrinter
    disk: Disk
    to_server: Relay
    to_printer: Relay
    clock: Path

    @property
    def process(self) -> Process:
        """The provider's process."""
        return self.provider.process

    def queue(self, name: str) -> str:
        """A queue's name is its provider's, too: names are unique in the log."""
        return f"{self.provider.name}-{name}"

    def step_clock(self, seconds: int) -> None:
        """Its wall clock is so far from the true one now."""
        self.clock.write_text(f"{seconds:+d}\n")

    def jobs(self) -> list[Job]:
        """What its journal says."""
        path = Path(self.provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"
        with closing(open_read_only(path)) as connection:
            return read_jobs(connection)

    def unreported(self) -> int:
        """Events of jobs that the server has not taken."""
        path = Path(self.provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"
        with closing(open_read_only(path)) as connection:
            (number,) = connection.execute("SELECT count(*) FROM outbox WHERE job_uuid IS NOT NULL").fetchone()
            return int(number)


@dataclass(slots=True)
class World:
    """All of it."""

    database: Postgresql
    server: Server
    sites: list[Site]
    users: list[str]

    def evidence(self, left_to_people: frozenset[str]) -> Evidence:
        """What is true now."""
        names = {site.provider.name: site for site in self.sites}
        journals = {name: [_journaled(job) for job in site.jobs()] for name, site in names.items()}
        paper: dict[str, list[int]] = {}
        for site in self.sites:
            for printed in site.printer.jobs():
                paper.setdefault(printed.job_name, []).append(printed.impressions_completed or 0)
        balances = {str(row["name"]): Decimal(str(row["balance"])) for row in self.server.listing("user", "list")}
        return Evidence(
            journals=journals,
            log=self._log(),
            paper=paper,
            audit=_audit(self.server),
            balances=balances,
            strict_queues=frozenset(site.queue(STRICT) for site in self.sites),
            left_to_people=left_to_people,
        )

    def _log(self) -> list[Logged]:
        paid: dict[str, tuple[Decimal, Decimal, int]] = {}
        for row in self.database.psql(" ".join(_PAID.split()), "everprint").splitlines():
            job, left, uncollected, settlements = row.split("|")
            paid[job] = (from_units(int(left)), from_units(int(uncollected)), int(settlements))
        nothing = (Decimal(0), Decimal(0), 0)
        return [
            Logged(
                uuid=str(row["uuid"]),
                name=str(row["name"]),
                state=str(row["state"]),
                impressions=int(str(row["impressions"] or 0)),
                paid=paid.get(str(row["uuid"]), nothing)[0],
                uncollected=paid.get(str(row["uuid"]), nothing)[1],
                settlements=paid.get(str(row["uuid"]), nothing)[2],
            )
            for row in self.server.listing("job", "list", "--limit", "100000")
        ]


def _journaled(job: Job) -> Journaled:
    return Journaled(job.job_id, job.uuid, job.job_name, job.state, job.output.impressions if job.output else 0)


def _audit(server: Server) -> list[str]:
    """What is wrong with the ledger, in its own command's words."""
    try:
        server.command("audit")
    except CommandFailed as failed:
        return str(failed).splitlines()
    return []


@contextmanager
def run_world(
    *,
    sites: int,
    users: int,
    credit: Sequence[str],
    pages_per_minute: int = 2400,
    provider_command: Sequence[str | Path] | None = None,
) -> Iterator[World]:
    """All of it for as long as the block lasts. `credit` goes round among the users.

    `provider_command` runs another build of the provider than the installed one.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("storm"))
        library = build(folder)
        database = stack.enter_context(run_postgresql())
        server_folder = stack.enter_context(private_folder("server"))
        server = Server(server_folder, database.create_database("everprint"))
        stack.enter_context(server.process)
        names = [f"user{number}" for number in range(users)]
        for number, name in enumerate(names):
            server.add_user(name, credit[number % len(credit)])
        made = [
            _run_site(
                stack, folder / f"site{number}", f"site{number}", server, library, pages_per_minute, provider_command
            )
            for number in range(sites)
        ]
        yield World(database, server, made, names)


def _run_site(
    stack: ExitStack,
    folder: Path,
    name: str,
    server: Server,
    library: Path,
    pages_per_minute: int,
    provider_command: Sequence[str | Path] | None,
) -> Site:
    folder.mkdir()
    printer = stack.enter_context(
        run_virtual_printer("--pictures", "none", "--pages-per-minute", str(pages_per_minute))
    )
    to_server = stack.enter_context(Relay(server.port))
    to_printer = stack.enter_context(Relay(printer.port))
    provider = Provider(server, folder, name, device_poll_s="0.5", analysis_workers="1", free_space_mib="1")
    _reach_by(provider, to_server)
    state = Path(provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"])
    disk = Disk(state, folder / "disk", library)
    clock = folder / "clock"
    clock.write_text("+0\n")
    environment = provider.environment | disk.environment | _clock_environment(clock)
    environment["LD_PRELOAD"] = f"{disk.environment['LD_PRELOAD']}:{CLOCK}"
    site = Site(provider, printer, disk, to_server, to_printer, clock)
    provider.process = Process(
        provider_command or provider.process.argv,
        log=provider.process.log,
        ready=provider.is_alive,
        environment=environment,
    )
    uri = printer.uri.replace(f":{printer.port}/", f":{to_printer.port}/")
    for queue, mode in zip(QUEUES, ("hold", "print-and-log-later"), strict=True):
        # Over the limit a job ends: at the end of a storm none waits for credit that nobody gives.
        server.add_printer(site.queue(queue), name, uri, "--failure-mode", mode, "--over-limit", "refuse")
        server.set_cost(site.queue(queue), str(PRICE), str(PRICE))
    stack.enter_context(provider.process)
    for queue in QUEUES:
        provider.wait_for_queue(site.queue(queue))
    return site


def _reach_by(provider: Provider, wire: Relay) -> None:
    """Its identity names the server's address: from now on that of the wire."""
    identity = Path(provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "identity.json"
    known = json.loads(identity.read_text())
    known["server"] = f"http://127.0.0.1:{wire.port}"
    identity.write_text(json.dumps(known))


def _clock_environment(clock: Path) -> dict[str, str]:
    """The wall clock follows a file; the monotonic clock stays true, as a step of the wall clock leaves it."""
    return {
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }

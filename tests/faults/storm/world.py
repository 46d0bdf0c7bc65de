"""The parts of a storm, all real: an Application Server and its database, print servers, printers, a CUPS for clients
that print through it, and wires between them that can be cut.

Where network namespaces can be had each of them is on a machine of its own (rig.network); else all are on this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from everprint.server.database_url import SQLITE_FILE
from rig.cupsd import Cupsd, run_cupsd
from rig.everprint import Server
from rig.folder import private_folder
from rig.network import THIS_MACHINE, Machine, Network, can_have_machines, run_network
from rig.postgresql import run_postgresql
from rig.process import Process
from tests.faults.storm.databases import NAME, OnPostgresql, OnSqlite
from tests.faults.storm.disk_layer import Disk, build
from tests.faults.storm.printers import VIRTUAL
from tests.faults.storm.relay import Relay, Wire
from tests.faults.storm.site import QUEUES, STRICT, Places, Plan, Site, run_site

CLIENTS, SERVER, DATABASE = "clients", "server", "database"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two machines that can be parted, and the wire between them."""

    one: str
    other: str
    wire: Relay


@dataclass(slots=True)
class World:
    """All of it. `network` is None where all are on one machine."""

    network: Network | None
    database: OnPostgresql | OnSqlite
    server: Server
    cups: Cupsd | None
    sites: list[Site]
    users: list[str]

    def machine(self, name: str) -> Machine:
        """Where that part is."""
        return self.network[name] if self.network else THIS_MACHINE

    def pairs(self) -> list[Pair]:
        """All who have something to say to each other."""
        found = [Pair(SERVER, DATABASE, self.database.wire)] if isinstance(self.database, OnPostgresql) else []
        for site in self.sites:
            name = site.provider.name
            found += [
                Pair(CLIENTS, name, site.to_provider),
                Pair(name, SERVER, site.to_server),
                Pair(name, _printer_of(name), site.to_printer),
            ]
        return found

    def part(self, pair: Pair) -> None:
        """They do not hear of each other any more."""
        if self.network is not None:
            self.network.part(pair.one, pair.other)
        else:
            pair.wire.become(Wire.CUT)

    def join(self, pair: Pair) -> None:
        """They do again."""
        if self.network is not None:
            self.network.join(pair.one, pair.other)
        else:
            pair.wire.become(Wire.SOUND)


@contextmanager
def run_world(
    *,
    printers: Sequence[str] = (VIRTUAL,),
    users: int,
    credit: Sequence[str],
    pages_per_minute: int = 2400,
    with_cups: bool = False,
    on_sqlite: bool = False,
    provider_command: Sequence[str | Path] | None = None,
    server_command: Sequence[str | Path] | None = None,
) -> Iterator[World]:
    """All of it for as long as the block lasts, within which this thread is where the clients are.

    There is a print server for each of the printers. `credit` goes round among the users. The commands run another
    build of the provider or the server than the installed one.
    """
    sites = [f"site{number}" for number in range(len(printers))]
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("storm"))
        names = [CLIENTS, SERVER, DATABASE, *sites, *map(_printer_of, sites)]
        network = stack.enter_context(run_network(names)) if can_have_machines() else None
        machines = {name: network[name] if network else THIS_MACHINE for name in names}
        library = build(folder)
        database: OnPostgresql | OnSqlite
        if on_sqlite:
            server, database = _server_on_sqlite(folder / "server", machines[SERVER], library)
        else:
            database = _run_postgresql(stack, machines[DATABASE])
            server = _server_on(database, folder / "server", machines[SERVER])
        server.process.argv = [str(word) for word in server_command or server.process.argv]
        server.process.inside = machines[SERVER].inside
        stack.enter_context(server.process)
        users_there = [f"user{number}" for number in range(users)]
        with machines[SERVER].inside():
            for number, name in enumerate(users_there):
                server.add_user(name, credit[number % len(credit)])
        made = [
            run_site(
                stack,
                folder / name,
                Plan(name, printer, pages_per_minute, provider_command),
                Places(machines[SERVER], machines[name], machines[_printer_of(name)]),
                server,
                library,
            )
            for name, printer in zip(sites, printers, strict=True)
        ]
        stack.enter_context(machines[CLIENTS].inside())
        cups = stack.enter_context(run_cupsd(dirty_clean_interval=0) if with_cups else nullcontext())
        if cups is not None:
            for site in made:
                for queue in map(site.queue, QUEUES):
                    # One that waits for credit would keep all after it waiting in CUPS.
                    cups.add_driverless_queue(queue, site.uri(queue), follows_jobs=queue == site.queue(STRICT))
        yield World(network, database, server, cups, made, users_there)


def _run_postgresql(stack: ExitStack, machine: Machine) -> OnPostgresql:
    with machine.inside():
        postgresql = stack.enter_context(run_postgresql())
        postgresql.process.inside = machine.inside
        postgresql.create_database(NAME)
    return OnPostgresql(postgresql, machine, stack.enter_context(Relay(postgresql.port, machine)))


def _server_on(database: OnPostgresql, folder: Path, machine: Machine) -> Server:
    folder.mkdir()
    with machine.inside():
        return Server(folder, database.url)


def _server_on_sqlite(folder: Path, machine: Machine, library: Path) -> tuple[Server, OnSqlite]:
    """Its commands write to the disk that the server writes to, so they are above the same layer."""
    folder.mkdir()
    with machine.inside():
        server = Server(folder)
    state = Path(server.environment["EVERPRINT_SERVER_STATE_FOLDER"])
    disk = Disk(state, folder / "disk", library)
    server.environment |= disk.environment
    process = server.process
    server.process = Process(process.argv, log=process.log, ready=server.is_ready, environment=server.environment)
    return server, OnSqlite(state / SQLITE_FILE, disk)


def _printer_of(site: str) -> str:
    return f"{site}-printer"

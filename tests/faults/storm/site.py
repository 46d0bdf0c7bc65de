"""A print server of a storm: on a disk that can lose power, with a clock that can step, a printer, and its wires.

It has two queues before its printer: `strict` waits while the server is away and refuses what somebody cannot pay
for, `later` prints on what is known, is charged afterwards, and lets those wait who cannot pay.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from rig.everprint import Provider, Server
from rig.network import THIS_MACHINE, Machine
from rig.process import Process
from tests.faults.storm.disk_layer import Disk
from tests.faults.storm.printers import Foreign, Virtual, run_printer
from tests.faults.storm.relay import Relay

PRICE = Decimal("0.10")
QUEUES = {
    "strict": ("--failure-mode", "hold", "--over-limit", "refuse"),
    "later": ("--failure-mode", "print-and-log-later", "--over-limit", "hold"),
}
STRICT = "strict"
_SETTINGS = {
    "device_poll_s": "0.5",
    "analysis_workers": "1",
    "free_space_mib": "1",
    # Clients die between Create-Job and Send-Document; nobody wants to wait five minutes for that at the end.
    "multiple_operation_time_out_s": "30",
}
# Debian keeps it in a folder of the machine's kind.
CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), Path("libfaketime.so.1"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a site is to be."""

    name: str
    printer: str  # printers.VIRTUAL or FOREIGN
    pages_per_minute: int
    provider_command: Sequence[str | Path] | None  # another build than the installed one


@dataclass(frozen=True, slots=True)
class Places:
    """The machines of a site; all may be the same."""

    server: Machine = THIS_MACHINE
    provider: Machine = THIS_MACHINE
    printer: Machine = THIS_MACHINE


@dataclass(slots=True)
class Site:
    """A print server, its printer, its disk, and its wires."""

    provider: Provider
    printer: Virtual | Foreign
    disk: Disk
    to_server: Relay
    to_printer: Relay
    to_provider: Relay
    clock: Path
    places: Places

    @property
    def process(self) -> Process:
        """The provider's process."""
        return self.provider.process

    def queue(self, name: str) -> str:
        """A queue's name is its provider's, too: names are unique in the log."""
        return f"{self.provider.name}-{name}"

    def uri(self, queue: str) -> str:
        """Where clients print to."""
        return f"ipp://{self.to_provider.host}:{self.to_provider.port}/ipp/print/{queue}"

    def step_clock(self, seconds: int) -> None:
        """Its wall clock is so far from the true one now."""
        self.clock.write_text(f"{seconds:+d}\n")

    def jobs(self) -> list[Job]:
        """What its journal says."""
        with closing(open_read_only(self.journal)) as connection:
            return read_jobs(connection)

    def unreported(self) -> int:
        """Events of jobs that the server has not taken."""
        with closing(open_read_only(self.journal)) as connection:
            (number,) = connection.execute("SELECT count(*) FROM outbox WHERE job_uuid IS NOT NULL").fetchone()
            return int(number)

    @property
    def journal(self) -> Path:
        """Where it is."""
        return Path(self.provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"


def run_site(stack: ExitStack, folder: Path, plan: Plan, places: Places, server: Server, library: Path) -> Site:
    """A site that prints; it ends with the stack."""
    folder.mkdir()
    printer = stack.enter_context(run_printer(plan.printer, places.printer, plan.pages_per_minute))
    to_server = stack.enter_context(Relay(server.port, places.server))
    to_printer = stack.enter_context(Relay(printer.port, places.printer))
    with places.server.inside():
        provider = Provider(server, folder, plan.name, **_SETTINGS)
    _reach_by(provider, to_server)
    # On a machine of its own it has the provider's own port: addresses that it tells are right.
    own_port = 0 if places.provider is THIS_MACHINE else provider.port
    to_provider = stack.enter_context(Relay(provider.port, places.provider, own_port))
    state = Path(provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"])
    disk = Disk(state, folder / "disk", library)
    clock = folder / "clock"
    clock.write_text("+0\n")
    environment = provider.environment | disk.environment | _clock_environment(clock)
    environment["LD_PRELOAD"] = f"{disk.environment['LD_PRELOAD']}:{CLOCK}"
    provider.process = Process(
        plan.provider_command or provider.process.argv,
        log=provider.process.log,
        ready=provider.is_alive,
        environment=environment,
    )
    provider.process.inside = places.provider.inside
    site = Site(provider, printer, disk, to_server, to_printer, to_provider, clock, places)
    uri = f"ipp://{to_printer.host}:{to_printer.port}/ipp/print"
    with places.server.inside():
        for queue, options in QUEUES.items():
            server.add_printer(site.queue(queue), plan.name, uri, *options)
            server.set_cost(site.queue(queue), str(PRICE), str(PRICE))
    stack.enter_context(provider.process)
    with places.provider.inside():
        for queue in QUEUES:
            provider.wait_for_queue(site.queue(queue))
    return site


def _reach_by(provider: Provider, wire: Relay) -> None:
    """Its identity names the server's address: from now on that of the wire."""
    identity = Path(provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "identity.json"
    known = json.loads(identity.read_text())
    known["server"] = f"http://{wire.host}:{wire.port}"
    identity.write_text(json.dumps(known))


def _clock_environment(clock: Path) -> dict[str, str]:
    """The wall clock follows a file; the monotonic clock stays true, as a step of the wall clock leaves it."""
    return {
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }

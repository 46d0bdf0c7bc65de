"""The sides that are measured: each is started with one queue and says where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench.connection import http_post
from bench.requests import USER
from bench.weight import processor_seconds
from rig.cupsd import run_cupsd
from rig.everprint import run_provider, run_server
from rig.process import Process
from rig.virtual_printer import run_virtual_printer


@dataclass(frozen=True, slots=True)
class Side:
    """Queues of one server, and the processes behind them."""

    uris: tuple[str, ...]
    pids: tuple[int, ...]

    @property
    def uri(self) -> str:
        """The first queue's."""
        return self.uris[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.uri).port
        assert port is not None
        return port

    def request(self, body: bytes, uri: str | None = None) -> bytes:
        """The whole HTTP request with that IPP body, to the first queue or the one named."""
        address = urlsplit(uri or self.uri)
        return http_post(address.netloc, address.path, body)

    def processor_seconds(self) -> float:
        """What its processes have worked so far."""
        return processor_seconds(*self.pids)


@contextmanager
def cupsd_raw_queue(dirty_clean_interval: int = 30, max_clients: int = 500) -> Iterator[Side]:
    """CUPS with a stopped raw queue: it accepts jobs and keeps them."""
    with run_cupsd(sync_on_close=True, dirty_clean_interval=dirty_clean_interval, max_clients=max_clients) as cups:
        cups.add_raw_queue("nowhere")
        yield Side((cups.uri("nowhere"),), (cups.process.pid,))


@contextmanager
def cupsd_driverless_queues(printers: Sequence[str]) -> Iterator[Side]:
    """CUPS with a driverless queue for each printer."""
    with run_cupsd(sync_on_close=True) as cups:
        names = [f"office-{number}" for number in range(1, len(printers) + 1)]
        for name, printer in zip(names, printers, strict=True):
            cups.add_driverless_queue(name, printer)
        yield Side(tuple(map(cups.uri, names)), (cups.process.pid,))


@dataclass(frozen=True, slots=True)
class Everprint(Side):
    """Everprint's two processes, which can be stopped and started again."""

    server: Process
    provider: Process
    journal: Path


@contextmanager
def everprint_queues(
    printers: Sequence[str], *options: str, finished_jobs_kept: int = 2_000, database: str = ""
) -> Iterator[Everprint]:
    """Everprint, server (on SQLite unless told otherwise) and provider, with a queue for each printer; its one user
    has plenty of credit."""
    most = "1000000"
    with (
        run_server(database) as server,
        run_provider(
            server,
            max_active_jobs=most,
            max_active_jobs_per_user=most,
            max_active_jobs_per_address=most,
            max_connections_per_address=most,
            finished_jobs_kept=str(finished_jobs_kept),
            log_level="warning",
        ) as provider,
    ):
        server.add_user(USER, "100000")
        names = [f"office-{number}" for number in range(1, len(printers) + 1)]
        for name, printer in zip(names, printers, strict=True):
            server.add_printer(name, provider.name, printer, *options)
            server.set_cost(name, "0.05", "0.20")
        for name in names:
            provider.wait_for_queue(name)
        pids = (provider.process.pid, server.process.pid)
        journal = Path(provider.environment["EVERPRINT_PROVIDER_STATE_FOLDER"]) / "journal.sqlite3"
        yield Everprint(tuple(map(provider.uri, names)), pids, server.process, provider.process, journal)


@contextmanager
def everprint_held_queue(finished_jobs_kept: int = 2_000) -> Iterator[Everprint]:
    """Everprint with a queue that holds all jobs until they are released."""
    with (
        run_virtual_printer("--pictures", "none") as printer,
        everprint_queues([printer.uri], "--hold", finished_jobs_kept=finished_jobs_kept) as side,
    ):
        yield side

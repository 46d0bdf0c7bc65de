"""A print server as its users meet it: the real command in its own process, on its own ports and folder."""

from __future__ import annotations

import json
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.provider.identity import Identity, store_identity
from everprint.provider.job import Job
from everprint.provider.journal.journal import read_jobs
from everprint.provider.journal.schema import open_read_only
from everprint.provider.offline.spendable_store import SpendableStore
from rig.folder import private_folder
from rig.ports import free_port, is_listening
from rig.process import Process
from rig.waiting import wait_for

EVERPRINT = Path(sys.executable).with_name("everprint")


class PrintServer:
    """Started and stopped, or killed, at will; its state folder stays."""

    def __init__(self, folder: Path, server: str, **settings: str | int | float | bool) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        self.port = free_port()
        self.tls_port = free_port()
        store_identity(self.state, Identity(server=server, provider_id="site-a", credential="secret", name="Site A"))
        values = {
            "state_folder": str(self.state),
            "listen": "127.0.0.1",
            "port": self.port,
            "tls_port": self.tls_port,
            "dns_sd": False,
            "analysis_workers": 1,
            "free_space_mib": 1,
            "device_poll_s": 0.5,
            "decision_wait_s": 30,  # a refusal is said in the answer, however busy the machine is
            **settings,
        }
        self.config = folder / "provider.toml"
        self.config.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
        self.process = self.process_of([EVERPRINT, "provider", "run", "--config", self.config])

    def process_of(self, argv: list[str | Path]) -> Process:
        """A process of this print server."""
        return Process(argv, log=self.folder / "log", ready=lambda: is_listening(self.port))

    def uri(self, queue: str, *, tls: bool = False, user: str = "") -> str:
        """The queue's URI."""
        at = f"{user}@" if user else ""
        return f"ipp{'s' if tls else ''}://{at}localhost:{self.tls_port if tls else self.port}/ipp/print/{queue}"

    def wait_for_queue(self, queue: str, *, ready: bool = True) -> None:
        """Waits until the queue is there and (if `ready`) its device was seen."""
        reached = (self.state / "snapshot.json").exists
        wait_for("the snapshot", reached)
        if ready:
            wait_for("the device", lambda: any((self.state / "devices").iterdir()))

    def health(self, page: str = "ready") -> tuple[int, dict[str, object]]:
        """Status and content of a health page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/{page}", timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def jobs(self) -> list[Job]:
        """What the journal says."""
        try:
            connection = open_read_only(self.state / "journal.sqlite3")
        except sqlite3.OperationalError:
            return []
        try:
            return read_jobs(connection)
        finally:
            connection.close()

    def job(self, job_id: int) -> Job:
        """One job, as the journal has it."""
        return next(job for job in self.jobs() if job.job_id == job_id)

    def wait_for_state(self, job_id: int, *states: JobState, within_s: float = 120.0) -> Job:
        """The job once it is in one of these states."""

        def look() -> Job | None:
            found = [job for job in self.jobs() if job.job_id == job_id and job.state in states]
            return found[0] if found else None

        job = wait_for(
            f"job {job_id} to be {' or '.join(states)}\n{self.process.log_tail(15)}", look, within_s=within_s
        )
        assert job is not None
        return job

    def amounts_as_of(self) -> datetime | None:
        """When all that people can spend was known here last; None before it was at all."""
        store = SpendableStore(self.state)
        try:
            return store.as_of if store.is_complete else None
        finally:
            store.close()

    def wait_for_amounts(self) -> None:
        """Until what people can spend was fetched, by a question asked from now on."""
        for before in (self.amounts_as_of(), None):  # the first answer may be to a question that was under way
            self._wait_for_amounts_after(before or self.amounts_as_of())

    def _wait_for_amounts_after(self, before: datetime | None) -> None:
        wait_for("the amounts", lambda: self.amounts_as_of() not in (None, before))

    def spooled(self) -> list[Path]:
        """The documents in the spool."""
        return sorted((self.state / "spool").iterdir())


@contextmanager
def run_print_server(server: str, **settings: str | int | float | bool) -> Iterator[PrintServer]:
    """A print server for as long as the block lasts."""
    with private_folder("provider") as folder:
        print_server = PrintServer(folder, server, **settings)
        print_server.process.start()
        try:
            yield print_server
        finally:
            print_server.process.stop()

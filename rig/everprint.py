"""Everprint's own parts as processes: the Application Server, Print Providers and their queues, by the real commands.

A world is a server, one provider and as many queues as wanted; each part can be stopped, killed and started again.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import cast

import psycopg

from everprint.contract.job_life import JobState
from everprint.server.database_url import SQLITE_FILE
from rig import ipptool
from rig.certificates import Certificates
from rig.folder import private_folder
from rig.migrated import give_migrated_database
from rig.ports import free_port
from rig.process import Process, part_environment
from rig.waiting import wait_for

EVERPRINT = Path(sys.executable).with_name("everprint")
ADMINISTRATOR, ADMINISTRATOR_PASSWORD = "admin", "only for this world 1"

Row = dict[str, object]


class CommandFailed(Exception):
    """An everprint command that failed; the text is its own."""


def everprint(*arguments: str | Path, environment: Mapping[str, str], given: str = "") -> str:
    """Runs an everprint command to its end; what it printed."""
    result = subprocess.run(
        [EVERPRINT, *arguments],
        env=part_environment(environment),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise CommandFailed(f"everprint {' '.join(map(str, arguments))}: {result.stderr.strip()}")
    return result.stdout


class Server:
    """An Application Server, set up; `process` runs it."""

    def __init__(
        self,
        folder: Path,
        database: str = "",
        certificates: Certificates | None = None,
        *,
        set_up: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`settings` are further keys of its TOML file, as the environment has them (see its reference page)."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        chosen = {
            "state_folder": str(folder / "state"),
            "database": database,
            "http_listen": f"127.0.0.1:{self.port}",
        }
        if certificates is not None:
            self.tls_port = free_port()
            chosen |= {"https_listen": f"127.0.0.1:{self.tls_port}", "certificate": str(certificates.certificate)}
            chosen |= {"certificate_key": str(certificates.key)}
        self.environment = _environment("SERVER", {**chosen, **(settings or {})})
        self.process = Process(
            [EVERPRINT, "server", "run"],
            log=folder / "server.log",
            ready=self.is_ready,
            environment=self.environment,
        )
        if set_up:
            give_migrated_database(lambda other: everprint("server", "migrate", environment=other), self.environment)
            self.command(
                "init", "--administrator", ADMINISTRATOR, "--password-file", "-", given=ADMINISTRATOR_PASSWORD
            )

    def is_alive(self) -> bool:
        """True if it says so."""
        return _says_ok(f"{self.url}/health/live")

    def is_ready(self) -> bool:
        """True if it says that it serves."""
        return _says_ok(f"{self.url}/health/ready")

    def command(self, *arguments: str | Path, given: str = "") -> str:
        """Runs `everprint server ...` beside the server; what it printed."""
        return everprint("server", *arguments, environment=self.environment, given=given)

    def listing(self, *arguments: str) -> list[Row]:
        """The rows of `everprint server ... --json`."""
        return cast("list[Row]", json.loads(self.command(*arguments, "--json")))

    def add_user(self, name: str, credit: str = "0", password: str | None = None, full_name: str = "") -> None:
        """A user with that credit; one without a password prints from trusted networks only."""
        secret: list[str] = ["--no-password"] if password is None else ["--password-file", "-"]
        called = ["--full-name", full_name] if full_name else []
        self.command("user", "add", name, "--credit", credit, *called, *secret, given=password or "")

    def add_printer(self, name: str, provider: str, device_uri: str, *options: str, trusted: bool = True) -> None:
        """A queue of that provider; `trusted` takes the users' word for their names on the loopback."""
        trust = ["--authentication", "requesting-user-name", "--trust", "127.0.0.0/8", "--trust", "::1/128"]
        where = ["--provider", provider, "--device-uri", device_uri]
        self.command("printer", "add", name, *where, *(trust if trusted else []), *options)

    def set_cost(self, printer: str, grey: str, colour: str, *options: str) -> None:
        """What one side costs."""
        self.command("printer", "set-cost", printer, "--grey", grey, "--colour", colour, *options)

    def balance(self, user: str) -> Decimal:
        """What the user has left, reserved amounts taken off."""
        return self.balances()[user]

    def balances(self) -> dict[str, Decimal]:
        """What each user has left: ask once for several, as each question is a process that costs a second."""
        return {str(row["name"]): Decimal(str(row["balance"])) for row in self.listing("user", "list")}

    def jobs(self) -> list[Row]:
        """The job log, the newest first."""
        return self.listing("job", "list", "--limit", "100000")

    def wait_for_settled(self, count: int, *, within_s: float = 120.0) -> list[Row]:
        """The job log, once it has so many jobs and all of them are in a final state."""

        def look() -> bool:
            states = self._states_of_jobs()
            return len(states) >= count and all(JobState(state).is_final for state in states)

        wait_for(f"{count} jobs in their final states", look, within_s=within_s, every_s=0.2)
        return self.jobs()

    def _states_of_jobs(self) -> list[str]:
        """Of each job, asked of the database itself: a command keeps a core busy for a second, which those who are
        waited for need. None while the database does not answer."""
        asked, url = "SELECT state FROM jobs_job", self.environment["EVERPRINT_SERVER_DATABASE"]
        try:
            if url.startswith("postgresql:"):
                with psycopg.connect(url) as cluster:
                    return [str(state) for (state,) in cluster.execute(asked)]
            path = Path(self.environment["EVERPRINT_SERVER_STATE_FOLDER"]) / SQLITE_FILE
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as embedded:
                return [str(state) for (state,) in embedded.execute(asked)]
        except (psycopg.OperationalError, sqlite3.OperationalError):
            return []


class Provider:
    """An enrolled Print Provider; `process` runs it."""

    def __init__(
        self,
        server: Server,
        folder: Path,
        name: str = "north",
        certificates: Certificates | None = None,
        **settings: str,
    ) -> None:
        """`settings` are further keys of its TOML file, as the environment has them."""
        self.name = name
        self.port = free_port()
        state = folder / "state"
        chosen = {"state_folder": str(state), "listen": "127.0.0.1", "port": str(self.port), "host_name": "localhost"}
        chosen["dns_sd"] = "false"
        if certificates is not None:
            self.tls_port = free_port()
            chosen |= {"tls_port": str(self.tls_port), "certificate": str(certificates.certificate)}
            chosen |= {"key": str(certificates.key)}
        self.environment = _environment("PROVIDER", {**chosen, **settings})
        code = cast("dict[str, str]", json.loads(server.command("provider", "code", "--json")))["code"]
        enrolment: list[str | Path] = [
            "--server",
            server.url,
            "--code",
            code,
            "--name",
            name,
            "--state-folder",
            state,
        ]
        everprint("provider", "enrol", *enrolment, environment=self.environment)
        self.process = Process(
            [EVERPRINT, "provider", "run"],
            log=folder / f"provider-{name}.log",
            ready=self.is_alive,
            environment=self.environment,
        )

    def is_alive(self) -> bool:
        """True if it says so."""
        return _says_ok(f"http://127.0.0.1:{self.port}/health/live")

    def uri(self, queue: str) -> str:
        """The queue's address for IPP clients."""
        return f"ipp://127.0.0.1:{self.port}/ipp/print/{queue}"

    def tls_uri(self, queue: str, user: str = "", password: str = "") -> str:
        """The queue's address over TLS, with a name and a password in it if they are given."""
        who = f"{user}:{password}@" if user else ""
        return f"ipps://{who}localhost:{self.tls_port}/ipp/print/{queue}"

    def jobs(self) -> list[Row]:
        """The jobs of its journal, running or not."""
        return cast("list[Row]", json.loads(everprint("provider", "jobs", "--json", environment=self.environment)))

    def wait_for_queue(self, queue: str, *, with_device: bool = True) -> None:
        """Until the queue answers, and has asked its device what it can do."""

        def look() -> bool:
            answer = ipptool.ask(self.uri(queue), "Get-Printer-Attributes")
            reasons = ipptool.strings(answer.first, "printer-state-reasons")
            return answer.status == "successful-ok" and not (with_device and "connecting-to-device" in reasons)

        wait_for(f"queue {queue}", look, every_s=0.05)


def _environment(role: str, settings: Mapping[str, str]) -> dict[str, str]:
    return {f"EVERPRINT_{role}_{key.upper()}": value for key, value in settings.items()}


def _says_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def run_server(database: str = "", certificates: Certificates | None = None, **settings: str) -> Iterator[Server]:
    """An Application Server on SQLite, or on the database of that URL, for as long as the context lasts."""
    with private_folder("server") as folder:
        server = Server(folder, database, certificates, settings=settings)
        with server.process:
            yield server


@contextmanager
def run_server_beside(first: Server, **settings: str) -> Iterator[Server]:
    """A further server on the first one's database: it has the same secret key, and a state folder of its own."""
    with private_folder("server") as folder:
        state = folder / "state"
        state.mkdir(mode=0o700)
        key = Path(first.environment["EVERPRINT_SERVER_STATE_FOLDER"]) / "secret-key"
        shutil.copy(key, state / "secret-key")
        database = first.environment["EVERPRINT_SERVER_DATABASE"]
        server = Server(folder, database, set_up=False, settings=settings)
        with server.process:
            yield server


@contextmanager
def run_provider(
    server: Server, name: str = "north", certificates: Certificates | None = None, **settings: str
) -> Iterator[Provider]:
    """A provider of that server for as long as the context lasts."""
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("provider"))
        provider = Provider(server, folder, name, certificates, **settings)
        stack.enter_context(provider.process)
        yield provider

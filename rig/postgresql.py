"""A private PostgreSQL cluster on the loopback and a socket of its own; trusts whoever connects.

PostgreSQL refuses to run as root, so root's cluster runs as the user postgres.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

from rig.folder import private_folder
from rig.ports import free_port
from rig.process import Process

SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = {fsync}
max_connections = 200
shared_buffers = 64MB
autovacuum = on
log_min_messages = warning
lc_messages = 'C'
"""


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A running cluster."""

    process: Process
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Its first database, reached by TCP."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """That database, reached by TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """A new, empty database; its URL."""
        self.psql(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url_of(name)

    def psql(self, statement: str, database: str = "postgres") -> str:
        """Runs one statement by psql; what it printed, unaligned and without headings."""
        result = subprocess.run(
            [
                *(program("psql"), "--no-psqlrc", "-At", "-v", "ON_ERROR_STOP=1"),
                "-c",
                statement,
                self.url_of(database),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise RuntimeError(f"psql: {result.stderr.strip()}")
        return result.stdout.strip()


@contextmanager
def run_postgresql(*, fsync: bool = False) -> Iterator[Postgresql]:
    """A new cluster for as long as the context lasts; `fsync` as in production costs time at every commit."""
    user = "postgres" if os.geteuid() == 0 else None
    with private_folder("postgresql") as folder:
        data = folder / "data"
        if user is not None:
            shutil.chown(folder, user)
        _initdb(data, user)
        port = free_port()
        settings = SETTINGS.format(port=port, folder=folder, fsync="on" if fsync else "off")
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(settings)
        process = Process(
            [program("postgres"), "-D", data],
            log=folder / "log",
            ready=lambda: _is_ready(port),
            user=user,
            stop_signal=SIGINT,  # a fast shutdown: does not wait for clients
        )
        with process:
            yield Postgresql(process, folder, port)


def _initdb(data: Path, user: str | None) -> None:
    argv = [program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    drop_root = ["setpriv", "--reuid", user, "--regid", user, "--init-groups", "--"] if user else []
    made = subprocess.run([*drop_root, *argv, "--no-sync"], capture_output=True, text=True, check=False, cwd="/")
    if made.returncode != 0:
        raise RuntimeError(f"initdb: {made.stderr.strip()}")


def _is_ready(port: int) -> bool:
    argv = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    return subprocess.run(argv, check=False).returncode == 0


def program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder a version: the newest is taken."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed (Debian package postgresql)")
    return found

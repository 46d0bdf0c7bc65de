"""A copy of a PostgreSQL out of its backup, started aside: it listens to nobody but us, and archives nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from everprint.server.restore_points.pgbackrest import PgBackRest
from everprint.server.restore_points.proof import NotProven, Proof, prove

_LOOK_EVERY_S = 0.2
_STOP_WITHIN_S = 60
_END_OF_LOG = 2000  # characters


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which copy."""

    database: str = "everprint"
    label: str | None = None
    """The backup to begin with; None: the newest, or the last one before the moment."""
    moment: str | None = None
    """PostgreSQL's *recovery_target_time*; None: all that was archived."""


def prove_backup(kept: PgBackRest, wanted: Wanted, scratch: Path | None = None) -> Proof:
    """Restores a copy below `scratch`, audits it, and removes it.

    Raises NotProven.
    """
    if os.geteuid() == 0:
        raise NotProven("PostgreSQL does not run as root: run this as the user postgres")
    try:
        with tempfile.TemporaryDirectory(prefix="everprint-copy-", dir=scratch) as folder:
            return _prove(kept, wanted, Path(folder))
    except OSError as error:
        raise NotProven(f"{scratch or tempfile.gettempdir()}: {error}; choose another folder") from error


def _prove(kept: PgBackRest, wanted: Wanted, folder: Path) -> Proof:
    data, tablespaces = folder / "data", folder / "tablespaces"
    data.mkdir(mode=0o700)
    tablespaces.mkdir(mode=0o700)
    kept.restore_aside(data, tablespaces, label=wanted.label, moment=wanted.moment)
    # A Unix socket's name is short: not below a folder that somebody chose.
    with tempfile.TemporaryDirectory(prefix="everprint-") as sockets, _running(data, folder, Path(sockets)):
        state = folder / "state"
        state.mkdir(mode=0o700)
        return prove(f"postgresql://postgres@/{wanted.database}?host={sockets}", state)


@contextmanager
def _running(data: Path, folder: Path, sockets: Path) -> Iterator[None]:
    """PostgreSQL on the copy once it has gone through the log, until the context ends."""
    programs = _programs(data)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([programs / "postgres", "-D", data, *_settings(folder, sockets)], stderr=output)
    try:
        while not _answers(programs, sockets):
            if process.poll() is not None:
                said = log.read_text("utf-8", "replace")[-_END_OF_LOG:]
                raise NotProven(f"PostgreSQL does not start on the copy; its log ends:\n{said}")
            time.sleep(_LOOK_EVERY_S)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _settings(folder: Path, sockets: Path) -> Iterator[str]:
    """Said on the command line: the copy brings settings of its own, which would win over a file."""
    hba, empty = folder / "hba", folder / "empty"
    hba.write_text("local all all trust\n")  # its socket is in a folder that is ours alone
    empty.write_text("")
    settings = {
        "config_file": empty,
        "hba_file": hba,
        "ident_file": empty,
        "listen_addresses": "",
        "unix_socket_directories": sockets,
        "port": 5432,
        "archive_mode": "off",
        "ssl": "off",
        "shared_preload_libraries": "",
        # Nobody asks before the end is reached; so it need not be as large as the primary.
        "hot_standby": "off",
        "fsync": "off",
        "autovacuum": "off",
    }
    for name, value in settings.items():
        yield "-c"
        yield f"{name}={value}"


def _answers(programs: Path, sockets: Path) -> bool:
    return subprocess.run([programs / "pg_isready", "-q", "-h", sockets], check=False).returncode == 0


def _programs(data: Path) -> Path:
    """Those of the copy's own version, where Debian keeps them, or the PATH's."""
    version = (data / "PG_VERSION").read_text("ascii").strip()
    debian = Path("/usr/lib/postgresql") / version / "bin"
    found = shutil.which("postgres", path=str(debian)) or shutil.which("postgres")
    if found is None:
        raise NotProven(f"PostgreSQL {version} is not installed here: nothing can be started on the copy")
    return Path(found).parent

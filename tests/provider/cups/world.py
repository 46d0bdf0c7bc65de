"""A print server as CUPS sites have it: cupsd with its queues, and an Everprint provider that adopts them.

Besides real printers there are scripted backends: what a real one may do at its worst, with a record of every start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from everprint.contract.job_life import JobState
from everprint.provider.job import Job
from rig.cupsd import Cupsd, run_cupsd
from rig.everprint import everprint
from rig.waiting import wait_for
from tests.provider.contract_server import PRINT, ContractServer
from tests.provider.world import PrintServer, run_print_server

# $0 is the URI: backends are told it so. Each start leaves a line, each printed document another one.
_SCRIPT = """#!/bin/sh
[ $# -ge 5 ] || exit 0
F={folder}
echo "start $1" >> $F/log
{does}
"""
PRINTS = 'cat > $F/paper.$1; echo "printed $1 $(wc -c < $F/paper.$1)" >> $F/log; exit 0'


@dataclass
class ScriptedPrinter:
    """A printer behind a backend of CUPS's that the test wrote."""

    folder: Path
    backend: Path

    def does(self, script: str) -> None:
        """From now on a start of the backend does that (sh)."""
        new = self.backend.with_name(f".{self.backend.name}")
        new.write_text(_SCRIPT.format(folder=self.folder, does=script))
        new.chmod(0o755)
        new.replace(self.backend)

    def let_go(self) -> None:
        """What waits with `until [ -e $F/go ]` goes on."""
        (self.folder / "go").touch()

    def hold_back(self) -> None:
        """It waits again."""
        (self.folder / "go").unlink(missing_ok=True)

    def log(self, cups_job: int) -> list[str]:
        """What became of a job: `start` and `printed`, in their order."""
        path = self.folder / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split()[0] for line in lines if line.split()[1] == str(cups_job)]

    def wait_for(self, cups_job: int, *log: str) -> None:
        """Until that became of it."""
        wait_for(f"job {cups_job}: {log}", lambda: self.log(cups_job) == list(log), within_s=120)


@dataclass(frozen=True)
class CupsSite:
    """What runs."""

    server: ContractServer
    cups: Cupsd
    provider: PrintServer
    _adopted: set[str] = field(default_factory=set)

    def command(self, *arguments: str) -> str:
        """Runs `everprint provider cups ...`; what it printed."""
        where = ["--server-bin", self.cups.folder / "bin", "--server-root", self.cups.server_root]
        return everprint("provider", "cups", *arguments, "--config", self.provider.config, *where, environment={})

    def adopt(self, *queues: str) -> None:
        """Adopts them, and waits until the print server knows them."""
        self.command("adopt", *queues)
        snapshot = self.provider.state / "snapshot.json"
        wait_for(
            f"queues {queues}",
            lambda: snapshot.exists() and all(f'"{queue}"' in snapshot.read_text() for queue in queues),
            within_s=30,
        )

    def scripted(self, queue: str, does: str = PRINTS) -> ScriptedPrinter:
        """An adopted queue with a scripted printer."""
        folder = self.cups.folder / f"printer-{queue}"
        folder.mkdir()
        folder.chmod(0o777)
        printer = ScriptedPrinter(folder, self.cups.backends / f"{queue}-device")
        printer.does(does)
        self.cups.add_raw_queue(queue, f"{queue}-device:/there", started=True)
        self.adopt(queue)
        return printer

    def lets_print(self) -> None:
        """The Application Server says yes from now on."""
        self.server.decide = lambda message: PRINT

    def jobs_of(self, cups_job: int) -> list[Job]:
        """What the journal says of a job of CUPS, oldest first."""
        return [job for job in self.provider.jobs() if job.cups is not None and job.cups.job_id == cups_job]

    def wait_for_state(self, cups_job: int, state: JobState) -> Job:
        """Our job for that of CUPS, once its state is that."""

        def look() -> Job | None:
            jobs = self.jobs_of(cups_job)
            return jobs[-1] if jobs and jobs[-1].state is state else None

        job = wait_for(f"job {cups_job} of CUPS to be {state}", look, within_s=120)
        assert job is not None
        return job

    def wait_for_cups(self, cups_job: int, state: str) -> None:
        """Until CUPS says that."""
        wait_for(f"job {cups_job} {state} in CUPS", lambda: self.cups.job_state(cups_job) == state, within_s=120)

    def pid_of_backend(self, cups_job: int) -> int:
        """Of the run of our backend for that job, once there is one."""
        program = str(self.cups.backends / "everprint").encode()

        def look() -> int:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    argv = path.read_bytes().split(b"\0")
                except OSError:
                    continue
                if program in argv and str(cups_job).encode() == argv[argv.index(program) + 1]:
                    return int(path.parent.name)
            return 0

        return wait_for(f"the backend of job {cups_job}", look, within_s=120)

    def kill_backend(self, cups_job: int) -> None:
        """Kills our backend alone, as a crash would."""
        os.kill(self.pid_of_backend(cups_job), 9)


@contextmanager
def run_cups_site(server: ContractServer, **settings: str | int | float | bool) -> Iterator[CupsSite]:
    """For as long as the block lasts."""
    with (
        run_cupsd(own_backends=True, log_level="debug", dirty_clean_interval=0) as cups,
        run_print_server(server.url, cups_socket=str(cups.socket), **settings) as provider,
    ):
        yield CupsSite(server, cups, provider)

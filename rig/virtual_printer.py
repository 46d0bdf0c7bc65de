"""Everprint's virtual printer as a device: its process, its commands, and what it really put out."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from everprint.virtual_printer.job import Job
from everprint.virtual_printer.record import JobFolders
from rig.folder import private_folder
from rig.ports import free_port
from rig.process import Process
from rig.waiting import wait_for

EVERPRINT = Path(sys.executable).with_name("everprint")


class VirtualPrinter:
    """A printer that runs, or can be started again in the same folder and on the same port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port, page_port = free_port(), free_port()
        self.uri = f"ipp://127.0.0.1:{self.port}/ipp/print"
        self.page = f"http://127.0.0.1:{page_port}/"
        folder.mkdir(parents=True, exist_ok=True)
        uri_file = folder / "uri"
        argv: list[str | Path] = [
            EVERPRINT,
            "virtual-printer",
            "--port",
            str(self.port),
            "--page-port",
            str(page_port),
        ]
        argv += ["--folder", folder, "--uri-file", uri_file, *options]
        self.process = Process(argv, log=folder / "log", ready=uri_file.exists)
        self.was_told = False  # whether it was given any command
        self._uri_file = uri_file
        self._earlier: frozenset[str] = frozenset()

    def start(self) -> None:
        """Starts it and waits until it listens."""
        self._uri_file.unlink(missing_ok=True)
        self.process.start()

    def tell(self, command: str, number: float | None = None) -> dict[str, object]:
        """Gives it a command, as `everprint virtual-printer tell` does; its state afterwards."""
        self.was_told = True
        message = {"do": command} if number is None else {"do": command, "number": number}
        request = urllib.request.Request(
            f"{self.page}control", json.dumps(message).encode(), {"content-type": "application/json"}
        )
        return _ask(request)

    def state(self) -> dict[str, object]:
        """What its page shows."""
        return _ask(urllib.request.Request(f"{self.page}state"))

    def jobs(self) -> list[Job]:
        """What its records say that came out, oldest first; the printer need not run."""
        return [job for job in JobFolders(self.folder).read_all(sweep=False) if job.key not in self._earlier]

    def leave_out_earlier_jobs(self) -> None:
        """From now on only jobs that come later are shown: to who is lent a printer that others used."""
        self._earlier = frozenset(job.key for job in JobFolders(self.folder).read_all(sweep=False))

    def job(self, job_id: int) -> Job:
        """The latest job of that number."""
        return next(job for job in reversed(self.jobs()) if job.job_id == job_id)

    def wait_for_end(self, job_id: int, *, within_s: float = 120.0) -> Job:
        """The job once it is over."""

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job.state.is_final else None

        job = wait_for(f"the end of job {job_id} at {self.page}", look, within_s=within_s, every_s=0.01)
        assert job is not None
        return job


def _ask(request: urllib.request.Request) -> dict[str, object]:
    with urllib.request.urlopen(request, timeout=30) as answer:
        said: dict[str, object] = json.load(answer)
    return said


@contextmanager
def run_virtual_printer(*options: str) -> Iterator[VirtualPrinter]:
    """A virtual printer for as long as the block lasts; as fast as it can unless told otherwise."""
    with private_folder("printer") as folder:
        printer = VirtualPrinter(folder, "--pages-per-minute", "0", *options)
        printer.start()
        try:
            yield printer
        finally:
            printer.process.stop()

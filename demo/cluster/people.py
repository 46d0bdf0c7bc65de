"""Who is on the lab's own side of the network: the printer, an administrator, and somebody who prints."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from everprint.cluster.lab.guests import ADMINISTRATOR
from everprint.cluster.lab.laboratory import Laboratory
from everprint.virtual_printer.job import JobState
from everprint.virtual_printer.record import JobFolders
from rig.everprint import EVERPRINT, Row

_ROOT = Path(__file__).parents[2]
_PORT = 6310
_PAGE = 100
_PATIENT_S, _QUICK_S = 300.0, 5.0


class AdministratorRefused(Exception):
    """The Application Server did not do what an administrator asked; its own words."""


@dataclass(frozen=True, slots=True)
class Try:
    """One time that somebody printed."""

    title: str
    at: float
    """When the answer came, in seconds of the Unix epoch."""
    took_s: float
    uri: str
    is_accepted: bool
    said: str

    @property
    def place(self) -> str:
        """The print server's address."""
        return urlsplit(self.uri).hostname or ""


class PrinterBeside:
    """A virtual printer."""

    def __init__(self, laboratory: Laboratory, address: str) -> None:
        self.uri = f"ipp://{address}:{_PORT}/ipp/print"
        self._folder = laboratory.folder / "printer"
        argv: list[str | Path] = [EVERPRINT, "virtual-printer", "--host", address, "--port", str(_PORT)]
        argv += ["--folder", self._folder, "--pages-per-minute", "0", "--pictures", "none"]
        self._process = _start(laboratory, argv, "printer", output=laboratory.folder / "printer.log")

    def printed(self) -> list[str]:
        """The titles of the jobs that came out."""
        jobs = JobFolders(self._folder).read_all(sweep=False)
        return [job.job_name for job in jobs if job.state is JobState.COMPLETED]

    def stop(self) -> None:
        """Switches it off; nothing happens if it is off."""
        self._process.terminate()
        self._process.wait()


class AdministratorBeside:
    """An administrator with a session at the Application Server."""

    def __init__(self, laboratory: Laboratory, url: str) -> None:
        argv = [sys.executable, "-m", "demo.cluster.administrator", url]
        self._process = _start(laboratory, argv, "administrator")
        password = laboratory.plan().password
        try:
            self._ask({"name": ADMINISTRATOR, "password": password, "within_s": _PATIENT_S})
        except AdministratorRefused:
            self.stop()
            raise

    def call(self, method: str, path: str, body: object = None, within_s: float = _PATIENT_S) -> Row:
        """The answer of an endpoint of the JSON API. Raises AdministratorRefused."""
        return cast("Row", self._ask({"method": method, "path": path, "body": body, "within_s": within_s}))

    def items(self, path: str) -> list[Row]:
        """All of a listing. Raises AdministratorRefused."""
        found: list[Row] = []
        while True:
            page = self.call("GET", f"{path}?size={_PAGE}&page={len(found) // _PAGE + 1}")
            items = cast("list[Row]", page["items"])
            found += items
            if len(items) < _PAGE:
                return found

    def is_answered(self) -> bool:
        """Does the server answer?"""
        try:
            self.call("GET", "/jobs?size=1", within_s=_QUICK_S)
        except AdministratorRefused:
            return False
        return True

    def stop(self) -> None:
        """Leaves."""
        _end(self._process)

    def _ask(self, wanted: object) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline() or '{"refused": "the administrator is gone"}')
        if "refused" in said:
            raise AdministratorRefused(said["refused"])
        return said["answer"]


class ClientBeside:
    """Somebody who prints until told to stop; the name is the first word of the jobs' titles."""

    def __init__(self, laboratory: Laboratory, document: Path, name: str, queues: Sequence[str]) -> None:
        self._log = laboratory.folder / f"client-{name}.log"
        argv = [sys.executable, "-m", "demo.cluster.client", str(document), name, *queues]
        self._process = _start(laboratory, argv, f"client-{name}", output=self._log)

    def tries(self) -> list[Try]:
        """Each time that it printed until now."""
        return read_tries(self._log)

    def stop(self) -> None:
        """Lets the last job be answered."""
        _end(self._process)


def read_tries(log: Path) -> list[Try]:
    """What a client's log says so far; a line that is still being written not."""
    whole, _, _ = log.read_text("utf-8").rpartition("\n")
    return [Try(**json.loads(line)) for line in whole.splitlines()]


def _start(
    laboratory: Laboratory, argv: Sequence[str | Path], name: str, output: Path | None = None
) -> subprocess.Popen[str]:
    with (laboratory.folder / f"{name}.errors").open("wb") as errors:
        return subprocess.Popen(
            laboratory.beside(["env", f"--chdir={_ROOT}", *(str(word) for word in argv)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if output is None else output.open("w"),
            stderr=errors,
            text=True,
        )


def _end(process: subprocess.Popen[str]) -> None:
    """It ends when nobody speaks to it any more."""
    if process.stdin is not None:
        process.stdin.close()
    process.wait()

"""Who is on the people's side of the network: somebody who prints, and somebody who asks what became of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import quote, urlsplit

from everprint.cluster.drill.note import note

Row = dict[str, object]
Beside = Callable[[Sequence[str]], list[str]]
"""The command that runs another where people are: in the lab another network namespace, else here."""

PATIENT_S, _QUICK_S = 300.0, 5.0
_PAGE = 100


class NotAnswered(Exception):
    """The Application Server or a printer did not do what it was asked; its own words."""


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


@dataclass(frozen=True, slots=True)
class Access:
    """How the Application Server is asked: with a token, or signed in with a name and a password."""

    url: str
    token: str = ""
    name: str = ""
    password: str = ""
    authority: str = ""
    """A file with the certificates that vouch for it, if this machine does not know them."""


class Asker:
    """Somebody who may ask the Application Server."""

    def __init__(self, beside: Beside, folder: Path, access: Access) -> None:
        """Raises NotAnswered if the server does not know them."""
        self._process = _start(beside, ["everprint.cluster.drill.asking"], folder / "asking.errors")
        who = {"token": access.token, "name": access.name, "password": access.password}
        try:
            self._ask({"do": "meet", "url": access.url, "authority": access.authority, **who, "within_s": PATIENT_S})
        except NotAnswered:
            self.stop()
            raise

    def call(self, method: str, path: str, body: object = None, within_s: float = PATIENT_S) -> Row:
        """The answer of an endpoint of the JSON API. Raises NotAnswered."""
        wanted = {"do": "call", "method": method, "path": path, "body": body, "within_s": within_s}
        return cast("Row", self._ask(wanted))

    def items(self, path: str, text: str = "") -> list[Row]:
        """All of a listing that have the text. Raises NotAnswered."""
        found: list[Row] = []
        while True:
            query = f"size={_PAGE}&page={len(found) // _PAGE + 1}" + (f"&text={quote(text)}" if text else "")
            items = cast("list[Row]", self.call("GET", f"{path}?{query}")["items"])
            found += items
            if len(items) < _PAGE:
                return found

    def printed(self, printer: str) -> list[str]:
        """The names of the jobs that came out of that printer. Raises NotAnswered."""
        return cast("list[str]", self._ask({"do": "printed", "uri": printer, "within_s": PATIENT_S}))

    def is_answered(self) -> bool:
        """Does the Application Server answer?"""
        try:
            self.call("GET", "/jobs?size=1", within_s=_QUICK_S)
        except NotAnswered:
            return False
        return True

    def lives(self, health: str) -> bool:
        """Does a health address say that its service lives?"""
        return self._ask({"do": "lives", "url": health, "within_s": _QUICK_S}) is True

    def stop(self) -> None:
        """Leaves."""
        _end(self._process)

    def _ask(self, wanted: object) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        said = json.loads(line or '{"refused": "who asked is gone; see asking.errors"}')
        if "refused" in said:
            raise NotAnswered(said["refused"])
        answer: object = said["answer"]
        return answer


class Client:
    """Somebody who prints until told to stop; the label is the first word of the jobs' titles."""

    def __init__(
        self,
        beside: Beside,
        folder: Path,
        label: str,
        user: str,
        queues: Sequence[str],
        document: Path | None,
        pause_s: float,
    ) -> None:
        self._log = folder / f"{label}.jobs"
        if document is None:
            document = folder / "note.pdf"
            document.write_bytes(note("Printing went on."))
        words = ["everprint.cluster.drill.printing", str(document.resolve()), f"{pause_s:g}", user, label, *queues]
        self._process = _start(beside, words, folder / f"{label}.errors", self._log)

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


def _start(beside: Beside, words: Sequence[str], errors: Path, output: Path | None = None) -> subprocess.Popen[str]:
    with errors.open("wb") as complaints:
        return subprocess.Popen(
            beside([sys.executable, "-m", *words]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if output is None else output.open("w"),
            stderr=complaints,
            text=True,
        )


def _end(process: subprocess.Popen[str]) -> None:
    """It ends when nobody speaks to it any more."""
    if process.stdin is not None:
        process.stdin.close()
    process.wait()

"""The CUPS backend `everprint:`: asks the Print Provider whether a job may print, then runs the printer's backend.

cupsd starts it as `everprint job-id user title copies options [file]` with DEVICE_URI=everprint:URI (backend(7)).
It runs on its own, with nothing but Python's standard library: `everprint provider cups adopt` copies this file into
CUPS's folder of backends.

Invariants: the real backend is started only when the provider says so, at most once, with the document that the
provider has; and its end is told until the provider has taken it. The open document that the provider hands over
comes with a lock: while we or the real backend live, no other run can take it for dead. Exit code 4 (stop the queue)
is never used.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

OK, HOLD, RETRY = 0, 3, 6
_NOT_BEGUN = OK  # we were to end before anything was begun: the provider asks cupsd what became of the job
_PREFIX = "everprint:"
_CONFIGURATION = "everprint-backend.json"  # in CUPS_SERVERROOT; written by `cups adopt`
_WAIT_S = (0.2, 0.5, 1.0, 2.0)
_LOOK_S = 0.2
_MOST_MESSAGE_OCTETS = 1 << 20
_MOST_PPD_OCTETS = 4 << 20
_BACK_CHANNEL, _SIDE_CHANNEL = 3, 4  # of backends, when cupsd gives them (cups-backend(7))
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_PPD_DEFAULT = re.compile(rb"^\*Default(Duplex|ColorModel):\s*(\S{1,80})", re.MULTILINE)
_PAGES = re.compile(rb"^PAGE: total (\d{1,7})")


class Broken(Exception):
    """The connection to the provider is gone."""


class Termination:
    """Whether cupsd asked for our end: by cancelling the job, or because it stops."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, _signal: int, _frame: object) -> None:
        self.asked = True


class Job:
    """One job, as cupsd gave it."""

    def __init__(self, argv: list[str], file: str | None, document: BinaryIO) -> None:
        self.argv = argv[1:6]
        self.real_uri = os.environ.get("DEVICE_URI", "").removeprefix(_PREFIX)
        self.document = document
        # A file is printed `copies` times by the real backend, which is then given the file itself.
        self.file = file if file is not None and self.argv[3].strip() not in ("", "0", "1") else None
        self.run = secrets.token_hex(8)
        self.fd: int | None = None  # the document as the provider handed it over
        self.lock: int | None = None  # and what shows that we, or the real backend, live
        self.result: dict[str, object] | None = None  # of the real backend's last run

    def hello(self) -> dict[str, object]:
        """Who we are and what there is to print."""
        environment = os.environ
        return {
            "do": "hello",
            "run": self.run,
            "queue": environment.get("PRINTER", ""),
            "argv": self.argv,
            "octets": os.fstat(self.document.fileno()).st_size,
            "by_file": self.file is not None,
            "content_type": environment.get("CONTENT_TYPE", ""),
            "final_content_type": environment.get("FINAL_CONTENT_TYPE", ""),
            "ppd_defaults": _ppd_defaults(environment.get("PPD", "")),
            "printing": self.fd is not None,
        }


class Line:
    """The connection to the provider: messages are lines of JSON."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._rest = b""
        self.fds: list[int] = []
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise Broken(str(error)) from error

    def fileno(self) -> int:
        """For select()."""
        return self._socket.fileno()

    def say(self, **message: object) -> None:
        """Raises Broken."""
        self._send(json.dumps(message).encode() + b"\n")

    def send(self, document: BinaryIO) -> None:
        """All of it, from its start. Raises Broken."""
        document.seek(0)
        while piece := document.read(1 << 16):
            self._send(piece)

    def _send(self, octets: bytes) -> None:
        try:
            self._socket.sendall(octets)
        except InterruptedError:
            raise
        except OSError as error:
            raise Broken(str(error)) from error

    def hear(self, wait_s: float | None) -> dict[str, Any] | None:
        """The next message, or None if there is none in that time. Raises Broken."""
        while b"\n" not in self._rest:
            if not select.select([self._socket], [], [], wait_s)[0]:
                return None
            try:
                octets, fds, _, _ = socket.recv_fds(self._socket, 1 << 16, 2)
            except OSError as error:
                raise Broken(str(error)) from error
            self.fds += fds
            self._rest += octets
            if not octets or len(self._rest) > _MOST_MESSAGE_OCTETS:
                raise Broken("the print server hung up")
        line, _, self._rest = self._rest.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        """Hangs up."""
        self._socket.close()


class Backend:
    """One run of this program."""

    def __init__(
        self, job: Job, configuration: dict[str, str], termination: Termination, inherited: list[int]
    ) -> None:
        self._job = job
        self._configuration = configuration
        self._termination = termination
        self._inherited = inherited
        self._said = ""

    def run(self) -> int:
        """The exit code for cupsd, once the provider has said it."""
        tries = 0
        while True:
            try:
                line = Line(self._configuration["socket"])
            except Broken:
                if self._termination.asked and self._job.fd is None:
                    return _NOT_BEGUN
                self._tell_user("Waits for the print server (everprint provider) on this machine.")
                time.sleep(_WAIT_S[min(tries, len(_WAIT_S) - 1)])
                tries += 1
                continue
            tries = 0
            try:
                return self._talk(line)
            except Broken:
                time.sleep(_WAIT_S[0])
            finally:
                line.close()

    def _talk(self, line: Line) -> int:
        """Until the provider says how to end. Raises Broken."""
        job = self._job
        line.say(**job.hello())
        terminated = told = False
        # The provider listens to nothing else while it waits for the document, or until it can take it.
        sent = job.fd is not None
        while True:
            if self._termination.asked and not sent:
                return _NOT_BEGUN
            if job.result is not None and not told:
                line.say(do="result", **job.result)
                told = True
            elif self._termination.asked and not terminated:
                line.say(do="terminated")
                terminated = True
            message = line.hear(_LOOK_S) or {}
            match message.get("do"):
                case "send":
                    line.send(job.document)
                    sent = True
                case "state":
                    self._tell_user(str(message["text"]))
                case "print":
                    self._take_document(line)
                    self._print(line)
                    sent, told = True, False
                case "exit":
                    if message.get("jobstate"):
                        _write(f"JOBSTATE: {message['jobstate']}")
                    self._tell_user(str(message["text"]))
                    return int(message["code"])
                case _:
                    pass

    def _take_document(self, line: Line) -> None:
        """It came with the word to print; the first time with the lock. Raises Broken."""
        job = self._job
        if job.lock is None and len(line.fds) == 2:
            job.lock = line.fds.pop()
        if len(line.fds) != 1:
            raise Broken("the document did not come with the word to print it")
        if job.fd is not None:
            os.close(job.fd)
        job.fd = line.fds.pop()
        job.result = None

    def _print(self, line: Line) -> None:
        """Runs the real backend to its end. Raises Broken if the provider went away meanwhile."""
        job = self._job
        assert job.fd is not None and job.lock is not None
        scheme = job.real_uri.partition(":")[0]
        program = Path(os.environ.get("CUPS_SERVERBIN", "/usr/lib/cups")) / "backend" / scheme
        if not _SCHEME.fullmatch(scheme) or scheme == "everprint" or not program.is_file():
            job.result = {"status": 1, "taken": 0, "pages": None, "terminated": False}
            self._tell_user(f"CUPS has no backend {scheme!r} for this printer.")
            return
        os.lseek(job.fd, 0, os.SEEK_SET)
        child = subprocess.Popen(
            [job.real_uri, *job.argv, *([job.file] if job.file else [])],
            executable=program,
            stdin=subprocess.DEVNULL if job.file else job.fd,
            stderr=subprocess.PIPE,
            env={**os.environ, "DEVICE_URI": job.real_uri},
            pass_fds=[*self._inherited, job.lock],
            **self._rights(program),
        )
        watch = Watch(child, line, self._termination)
        watch.until_it_ends()
        taken = None if job.file else os.lseek(job.fd, 0, os.SEEK_CUR)
        job.result = {
            "status": child.returncode,
            "taken": taken,
            "pages": watch.pages,
            "terminated": self._termination.asked,
        }
        if watch.broken:
            raise Broken("while it printed")

    def _rights(self, program: Path) -> dict[str, Any]:
        """As cupsd does it: a backend that others may run runs as CUPS's user, another one as root."""
        if os.geteuid() != 0 or not program.stat().st_mode & 0o011:
            return {}
        return {"user": self._configuration["user"], "group": self._configuration["group"], "extra_groups": []}

    def _tell_user(self, text: str) -> None:
        """*job-printer-state-message*, once."""
        if text != self._said:
            self._said = text
            _write("INFO: " + " ".join(text.split()))


class Watch:
    """Passes on what the real backend says and what it is told."""

    def __init__(self, child: subprocess.Popen[bytes], line: Line, termination: Termination) -> None:
        assert child.stderr is not None
        self.pages: int | None = None  # that it has told of
        self.broken = False  # the provider went away
        self._child = child
        self._stderr = child.stderr.fileno()
        self._line = line
        self._termination = termination
        self._stop_asked = False  # by the provider
        self._rest = b""

    def until_it_ends(self) -> None:
        """It, and nobody else who may still hold its standard error."""
        stopped = False
        while self._child.poll() is None:
            if (self._stop_asked or self._termination.asked) and not stopped:
                self._child.terminate()
                stopped = True
            self._look(_LOOK_S)
        while self._look(0):
            pass

    def _look(self, wait_s: float) -> bool:
        """True if it said something."""
        waiting: list[Line | int] = [self._stderr] if self.broken else [self._stderr, self._line]
        ready = select.select(waiting, [], [], wait_s)[0]
        if self._line in ready:
            try:
                self._stop_asked = (self._line.hear(0) or {}).get("do") == "cancel" or self._stop_asked
            except Broken:
                self.broken = True
        if self._stderr not in ready:
            return False
        octets = os.read(self._stderr, 1 << 16)
        if not octets and wait_s:
            time.sleep(wait_s)  # it closed its standard error before its end
        *lines, self._rest = (self._rest + octets).split(b"\n")
        for said in lines:
            self.pages = _pages(said, self.pages)
            _write_octets(said + b"\n")
        return bool(octets)


def _pages(line: bytes, before: int | None) -> int | None:
    """Sides that the real backend says are printed so far: `PAGE: total N`."""
    found = _PAGES.match(line)
    return max(int(found[1]), before or 0) if found else before


def _ppd_defaults(path: str) -> dict[str, str]:
    """What the queue does where the job says nothing; empty for one without a PPD."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(_MOST_PPD_OCTETS)
    except OSError:
        return {}
    return {"PPD": "yes", **{name.decode(): value.decode("latin-1") for name, value in _PPD_DEFAULT.findall(text)}}


def _write(line: str) -> None:
    _write_octets(line.encode("utf-8", "replace") + b"\n")


def _write_octets(octets: bytes) -> None:
    try:
        os.write(2, octets)
    except OSError:
        return  # cupsd is gone: whoever prints goes on


def _keep(argv: list[str]) -> list[tuple[str | None, BinaryIO]]:
    """The documents, each as a file that can be read again. Filters write to us until all is read."""
    if len(argv) > 6:
        return [(name, Path(name).open("rb")) for name in argv[6:]]
    kept = tempfile.TemporaryFile(dir=os.environ.get("TMPDIR"))  # noqa: SIM115 - it is closed with us
    while piece := os.read(0, 1 << 16):
        kept.write(piece)
    kept.flush()
    return [(None, kept)]


def main(argv: list[str]) -> int:
    """The exit code; see cups-backend(7)."""
    if len(argv) < 6:
        return OK  # cupsd looks for devices: there are none of ours
    inherited = [fd for fd in (_BACK_CHANNEL, _SIDE_CHANNEL) if _is_open(fd)]
    path = Path(os.environ.get("CUPS_SERVERROOT", "/etc/cups")) / _CONFIGURATION
    try:
        configuration = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        _write(f"ERROR: {path} cannot be read ({error}): run 'everprint provider cups adopt' again.")
        return HOLD
    termination = Termination()
    documents = _keep(argv)
    if termination.asked:
        return _NOT_BEGUN  # the filters were ended with us: what they wrote may be half of it
    for file, document in documents:
        code = Backend(Job(argv, file, document), configuration, termination, inherited).run()
        if code != OK:
            return code
    return OK


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv))
    except Exception as error:
        # cupsd starts us anew, and the provider knows how far the job was.
        _write(f"ERROR: the backend everprint failed: {error!r}")
        sys.exit(RETRY)

"""Asks a service how it is, over HTTP or HTTPS, and believes nothing but a 200 within the time.

The answer may come from a guest that went wrong: no more than a little of it is read, redirections are not followed,
and a slow drip does not hold the asker. The certificate is not checked: the question is whether it lives, and a
certificate that expired must not restart anything.
"""

from __future__ import annotations

import http.client
import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from everprint.monitor.deadline import conversation

_MOST_OCTETS = 64 << 10
_PAUSE_S = 0.5
_LEAST_S = 0.1
_LOOKS_IN_A_ROW = 3
_TIMES_WHEN_SHORT = 3
_STALLED_PERCENT = 60.0
_LOAD_PER_PROCESSOR = 2.0


class Unhealthy(Exception):
    """It does not live, as far as can be told from here. Says what came instead."""


class NotListening(Unhealthy):
    """Its machine answers for it that nobody listens: it is being started again there, or has ended."""


def ask(url: str, within_s: float) -> None:
    """Returns if the service answers 200. Raises Unhealthy."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    tls = _unchecked() if parts.scheme == "https" else None
    try:
        with conversation(parts, within_s, tls) as (connection, is_over):
            connection.request("GET", path or "/", headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read(_MOST_OCTETS)
        if is_over.is_set():
            raise Unhealthy(f"{url} did not end its answer within {within_s:g} s")
    except ConnectionRefusedError as error:
        raise NotListening(f"{url} does not answer: {error}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unhealthy(f"{url} does not answer: {str(error) or type(error).__name__}") from error
    if answer.status != http.client.OK:
        raise Unhealthy(f"{url} answers {answer.status}")


def _unchecked() -> ssl.SSLContext:
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    return tls


def wait_for_life(url: str, within_s: float) -> None:
    """Returns at the first 200; a bad answer, or a refused connection, is asked about again until the time is over.

    So a slow answer has all the time that there is, a single bad one restarts nothing, and a service that hangs is
    known for that after just so long. On a host that is short of processors it has several times as long: to start
    something again there makes all slower. Raises Unhealthy with what came last, NotListening if it refused at all: a
    service that is being started again is slow with its first answer.
    """
    deadline = time.monotonic() + within_s * (_TIMES_WHEN_SHORT if is_short_of_processors() else 1)
    has_refused = False
    while True:
        left_s = deadline - time.monotonic()
        try:
            ask(url, max(left_s, _LEAST_S))
        except Unhealthy as error:
            has_refused = has_refused or isinstance(error, NotListening)
            if time.monotonic() + _PAUSE_S >= deadline:
                raise (NotListening if has_refused else Unhealthy)(str(error)) from error
        else:
            return
        time.sleep(_PAUSE_S)


def is_short_of_processors(proc: Path = Path("/proc")) -> bool:
    """Did somebody have to wait for a processor most of the last ten seconds, or was far too much to do for a minute?

    The kernel's pressure stall information (cpu), where it is switched on, and the load average.
    """
    try:
        some = (proc / "pressure" / "cpu").read_text("ascii").splitlines()[0]
        stalled = float(some.partition("avg10=")[2].partition(" ")[0])
    except (OSError, ValueError, IndexError):
        stalled = 0.0
    try:
        load = float((proc / "loadavg").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        load = 0.0
    return stalled >= _STALLED_PERCENT or load >= _LOAD_PER_PROCESSOR * (os.cpu_count() or 1)


class Fault:
    """A mark in a file that the last look found a failure: what stops it then need not be polite."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"everprint-{name}.failed"

    def note(self) -> None:
        """It has failed."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch()

    def is_noted(self) -> bool:
        """Did the last look find a failure?"""
        return self._path.exists()

    def forget(self) -> None:
        """It is well, or another one now."""
        self._path.unlink(missing_ok=True)


class Grace:
    """The time that a service has for its start: until it answered at several looks in a row.

    Its end, and how many good looks there were, are in a file, by the clock of the running kernel. A first answer
    alone does not end it: what is still starting beside the service may keep the next one waiting.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"everprint-{name}.starting"

    def begin(self, for_s: float) -> None:
        """From now on it may be silent for so long."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._write(int(time.monotonic() + for_s), 0)

    def lasts(self) -> bool:
        """Is it still starting, and in its time?"""
        return time.monotonic() < self._read()[0]

    def is_over(self) -> bool:
        """Has it had its time, and was not well at several looks in a row since?"""
        return 0 < self._read()[0] <= time.monotonic()

    def count(self, *, is_well: bool) -> None:
        """What a look found; nothing is to be counted while no time was given."""
        until, well = self._read()
        if not until:
            return
        if not is_well:
            self._write(until, 0)
        elif well + 1 < _LOOKS_IN_A_ROW:
            self._write(until, well + 1)
        else:
            self.end()

    def end(self) -> None:
        """It has started, or is stopped."""
        self._path.unlink(missing_ok=True)

    def _write(self, until: int, well: int) -> None:
        self._path.write_text(f"{until} {well}", "ascii")

    def _read(self) -> tuple[int, int]:
        try:
            words = self._path.read_text("ascii").split()
        except (OSError, UnicodeDecodeError):
            return 0, 0
        if len(words) != 2 or not all(word.isdigit() and len(word) < 16 for word in words):
            return 0, 0
        return int(words[0]), int(words[1])


def judge(url: str, within_s: float, restart_s: float, grace: Grace, say: Callable[[str], None]) -> bool:
    """Is the service well? False: not now, and it is in the time of a start.

    One that is well and then refuses connections is being started again by its own systemd, which is quicker than
    anything that could be done from outside: it has *restart_s* for that, once until it was well again. One that
    takes a connection and is silent hangs. Raises Unhealthy for a service that has failed.
    """
    is_starting = grace.lasts()
    try:
        (ask if is_starting else wait_for_life)(url, within_s)
    except Unhealthy as error:
        if is_starting:
            grace.count(is_well=False)
        elif isinstance(error, NotListening) and not grace.is_over():
            grace.begin(restart_s)
        else:
            raise
        say(str(error))
        return False
    grace.count(is_well=True)
    return True

"""Asks a service how it is, over HTTP or HTTPS, and believes nothing but a 200 within the time.

The answer may come from a guest that went wrong: no more than a little of it is read, redirections are not followed,
and a slow drip does not hold the asker. The certificate is not checked: the question is whether it lives, and a
certificate that expired must not restart anything.
"""

from __future__ import annotations

import http.client
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

from everprint.monitor.deadline import ends_after

_MOST_OCTETS = 64 << 10
_PAUSE_S = 0.5
_LEAST_S = 0.1


class Unhealthy(Exception):
    """It does not live, as far as can be told from here. Says what came instead."""


def ask(url: str, within_s: float) -> None:
    """Returns if the service answers 200. Raises Unhealthy."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        unchecked = ssl.create_default_context()
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(parts.netloc, timeout=within_s, context=unchecked)
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=within_s)
    try:
        connection.connect()
        with ends_after(within_s, connection.sock) as is_over:
            connection.request("GET", path or "/", headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read(_MOST_OCTETS)
        if is_over.is_set():
            raise Unhealthy(f"{url} did not end its answer within {within_s:g} s")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unhealthy(f"{url} does not answer: {str(error) or type(error).__name__}") from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise Unhealthy(f"{url} answers {answer.status}")


def wait_for_life(url: str, within_s: float) -> None:
    """Returns at the first 200; a bad answer, or a refused connection, is asked about again until the time is over.

    So a slow answer has all the time that there is, a single bad one restarts nothing, and a service that hangs is
    known for that after just so long. Raises Unhealthy with what came last.
    """
    deadline = time.monotonic() + within_s
    while True:
        left_s = deadline - time.monotonic()
        try:
            ask(url, max(left_s, _LEAST_S))
        except Unhealthy:
            if time.monotonic() + _PAUSE_S >= deadline:
                raise
        else:
            return
        time.sleep(_PAUSE_S)


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
    """The time that a service has for its first answer. Its end is in a file, by the clock of the running kernel."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"everprint-{name}.starting"

    def begin(self, for_s: float) -> None:
        """From now on it may be silent for so long."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(str(int(time.monotonic() + for_s)), "ascii")

    def lasts(self) -> bool:
        """Has it neither answered nor had its time?"""
        try:
            text = self._path.read_text("ascii")
        except (OSError, UnicodeDecodeError):
            return False
        return text.isdigit() and len(text) < 16 and time.monotonic() < int(text)

    def end(self) -> None:
        """It answered, or is stopped."""
        self._path.unlink(missing_ok=True)

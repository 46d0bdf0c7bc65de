"""One server process per state folder: a lock that the kernel drops when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "server.lock"


class AlreadyRunning(Exception):
    """A server runs on this state folder."""


@contextmanager
def only_one(state_folder: Path) -> Iterator[None]:
    """Holds the lock while the context lasts.

    Raises AlreadyRunning.
    """
    descriptor = os.open(state_folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"a server is running on {state_folder}: stop it first") from None
        yield
    finally:
        os.close(descriptor)

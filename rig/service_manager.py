"""The socket of a service manager: what a part tells systemd, read by us (sd_notify(3))."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Self

from rig.waiting import wait_for


class ServiceManager:
    """Collects notices; `environment` is what a service is started with. Use it as a context manager."""

    def __init__(self, folder: Path, watchdog_s: float | None = None) -> None:
        self._path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told: list[str] = []
        self.environment = {"NOTIFY_SOCKET": str(self._path)}
        if watchdog_s is not None:
            self.environment["WATCHDOG_USEC"] = str(round(watchdog_s * 1e6))

    def told(self) -> list[str]:
        """All lines that were told so far, in order."""
        while True:
            try:
                self._told += self._socket.recv(65536, socket.MSG_DONTWAIT).decode().splitlines()
            except BlockingIOError:
                return list(self._told)

    def forget(self) -> None:
        """What was told so far counts no more."""
        self.told()
        self._told.clear()

    def wait_for(self, line: str, *, times: int = 1) -> None:
        """Until the line was told so many times."""
        wait_for(f"{line} to be told", lambda: self.told().count(line) >= times, within_s=60)

    def __enter__(self) -> Self:
        self._socket.bind(str(self._path))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

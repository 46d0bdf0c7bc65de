"""What a service tells systemd, its service manager: that it serves, that it lives, that it stops (sd_notify(3)).

Invariant: the sign of life (*WATCHDOG=1*) comes from the event loop that does the work, after a look at liveness. A
loop that hangs, or a part that died, gives none, and systemd starts the service anew (*WatchdogSec*). Without systemd
all of it does nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, MutableMapping
from typing import Self

from everprint.monitor.health import Health, Level

log = logging.getLogger(__name__)

# Signs of life within the time after which systemd loses patience: one may be late.
_SIGNS_A_PERIOD = 3
# For what is told once. A manager that takes no datagram for so long is in trouble of its own; the service goes on.
_PATIENCE_S = 1.0


class ServiceNotices:
    """Speaks to the socket that systemd named. Use it from the event loop's thread."""

    def __init__(self, address: str = "", watchdog_s: float | None = None) -> None:
        """`address` is a path, or @ and a name for an abstract one; empty: there is nobody to tell."""
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._watchdog_s = watchdog_s
        self._is_well = True

    @classmethod
    def of_process(cls, environment: MutableMapping[str, str] = os.environ) -> Self:
        """What systemd asked of this process. Takes it out of the environment: our children have nothing to say."""
        address = environment.pop("NOTIFY_SOCKET", "")
        period_us, process = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        is_ours = not process or process == str(os.getpid())
        return cls(address, int(period_us) / 1e6 if is_ours and period_us.isdigit() and int(period_us) else None)

    def ready(self, status: str) -> None:
        """It serves; `status` is the line that `systemctl status` shows."""
        self._tell("READY=1", f"STATUS={status}")

    def stopping(self) -> None:
        """It was told to stop, and finishes what is under way."""
        self._tell("STOPPING=1", "STATUS=Stopping.")

    async def give_signs_of_life(self, liveness: Callable[[], Health]) -> None:
        """Gives them in time for as long as nothing fails, until it is cancelled."""
        if not self._address or self._watchdog_s is None:
            return
        while True:
            self._give_sign(liveness())
            await asyncio.sleep(self._watchdog_s / _SIGNS_A_PERIOD)

    def _give_sign(self, health: Health) -> None:
        is_well = health.level is not Level.FAIL
        if is_well:
            self._tell("WATCHDOG=1", patience_s=0.0)
        elif self._is_well:
            failed = [f"{check.name}: {check.message}" for check in health.checks if check.level is Level.FAIL]
            log.critical("not alive, systemd will start it anew reason=%s", "; ".join(failed))
        self._is_well = is_well

    def _tell(self, *lines: str, patience_s: float = _PATIENCE_S) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to_manager:
                to_manager.settimeout(patience_s)
                to_manager.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.warning("systemd cannot be told notice=%s reason=%s", lines[0], error)

"""Printers that only take octets, by programs that we did not write: a raw port (p910nd) and LPD (CUPS's cups-lpd).

Both are made to be started for each connection, with the connection as standard input and output, as inetd does.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rig.cupsd import Cupsd

_END_S = 10.0


@contextmanager
def run_behind_port(
    argv: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """The port, for as long as the block lasts. What the programs say goes to `log`."""
    running: list[subprocess.Popen[bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening, log.open("ab") as said:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return  # closed: the block is over
                with connection:
                    ends = connection.fileno()
                    running.append(subprocess.Popen(argv, stdin=ends, stdout=ends, stderr=said, env=environment))

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join(_END_S)
            for program in running:
                program.kill()
                program.wait()


@contextmanager
def run_raw_port(prints_to: Path) -> Iterator[int]:
    """A raw port whose paper is that file, written over by each job; the port, for as long as the block lasts."""
    prints_to.touch()
    # It wants a lock below /run, which is not the machine's.
    start = 'mount -t tmpfs rig /run && mkdir -p /run/lock/p910nd && exec /usr/sbin/p910nd -f "$0"'
    argv: list[str | Path] = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", start, prints_to]
    with run_behind_port(argv, prints_to.with_suffix(".log")) as port:
        yield port


@contextmanager
def run_lpd(cupsd: Cupsd) -> Iterator[int]:
    """CUPS's LPD server in front of a cupsd's queues; the port, for as long as the block lasts."""
    argv = ["/usr/lib/cups/daemon/cups-lpd", "-h", f"127.0.0.1:{cupsd.port}"]
    with run_behind_port(argv, cupsd.folder / "lpd.log", cupsd.environment) as port:
        yield port

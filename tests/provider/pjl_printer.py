"""A printer at a raw port that understands PJL and tells of its jobs, as the test wants it to."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

UEL = b"\x1b%-12345X"


@dataclass
class PjlPrinter:
    """What it got, and what it shall do."""

    port: int = 0
    pages: int = 4  # what it says that a job had
    status: int = 10001  # what it says when asked
    speaks: bool = True
    hangs_up_after: int | None = None  # octets
    waits: threading.Event = field(default_factory=threading.Event)  # until then it says nothing of a job's end
    got: list[bytes] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return f"socket://127.0.0.1:{self.port}"

    @property
    def jobs(self) -> list[bytes]:
        """Connections that brought a document, not only a question."""
        return [octets for octets in self.got if b"@PJL INFO STATUS" not in octets and octets]

    def pjl(self, job: int = 0) -> list[str]:
        """The lines before the document."""
        head = self.jobs[job].split(b"%PDF", 1)[0]
        return [line.strip() for line in head.decode("latin-1").replace("\x1b%-12345X", "").splitlines()]

    def serve(self, connection: socket.socket) -> None:
        number = len(self.got)
        self.got.append(b"")
        with connection:
            connection.settimeout(30)
            while octets := connection.recv(65536):
                self.got[number] += octets
                if self.hangs_up_after is not None and len(self.got[number]) > self.hangs_up_after:
                    return
                if not self.speaks:
                    continue
                if b"@PJL INFO STATUS" in self.got[number]:
                    said = f'@PJL INFO STATUS\r\nCODE={self.status}\r\nDISPLAY="{self.status}"\r\nONLINE=TRUE\r\n\f'
                    connection.sendall(said.encode())
                    return
                ended = re.search(rb'@PJL EOJ NAME="([^"]*)"\r\n' + re.escape(UEL), self.got[number])
                if ended:
                    connection.sendall(b"@PJL USTATUS DEVICE\r\nCODE=10023\r\n\f")
                    self.waits.wait(30)
                    name = ended[1].decode()
                    said = f'@PJL USTATUS JOB\r\nEND\r\nNAME="{name}"\r\nPAGES={self.pages}\r\n\f'
                    for piece in (said[:20], said[20:]):
                        connection.sendall(piece.encode())


@contextmanager
def run_pjl_printer() -> Iterator[PjlPrinter]:
    """The printer for as long as the block lasts."""
    printer = PjlPrinter()
    printer.waits.set()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        printer.port = listening.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_serve, args=(printer, connection), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield printer
        printer.waits.set()
        listening.shutdown(socket.SHUT_RDWR)


def _serve(printer: PjlPrinter, connection: socket.socket) -> None:
    try:
        printer.serve(connection)
    except OSError:
        return  # the queue hung up

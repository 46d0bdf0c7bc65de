"""What the demo runs: an Application Server, a Print Provider, two virtual printers, and perhaps a CUPS.

All ports are free ones, all files are in one folder, and no process outlives us, however we end.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.clients import Client, CupsClient, IpptoolClient
from demo.errands import ERRANDS, LIBRARY, OFFICE
from demo.progress import Progress
from rig.cupsd import run_cupsd
from rig.everprint import Provider, Server
from rig.virtual_printer import VirtualPrinter

PAGES_PER_MINUTE = "240"  # slow enough to watch


class AlreadyRunning(Exception):
    """Another demo uses the folder."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is running."""

    server: Server
    provider: Provider
    printers: dict[str, VirtualPrinter]
    client: Client


def password_of(person: str) -> str:
    """A password that can be guessed, for people who are not there."""
    return f"{person} prints a lot"


@contextmanager
def fresh_folder(folder: Path) -> Iterator[Path]:
    """The demo's folder, empty, and ours alone while the block lasts; what is in it stays to be looked at.

    Raises AlreadyRunning.
    """
    folder.mkdir(exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"A demo is running already in {folder}: end it first.") from None
        for entry in folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
        yield folder
    finally:
        os.close(lock)


@contextmanager
def run_parts(folder: Path, client: str, progress: Progress) -> Iterator[Parts]:
    """Starts everything and makes the people, the printers and their costs known to each other."""
    with ExitStack() as stack:
        printers = {
            OFFICE: _start_printer(stack, folder, progress, "Office", "--colour", "--paper", "a4", "--paper", "a3"),
            LIBRARY: _start_printer(stack, folder, progress, "Library", "--mono"),
        }
        with progress.step("Setting up the Application Server"):
            (folder / "server").mkdir()
            server = Server(folder / "server")
        with progress.step("Starting the Application Server"):
            stack.enter_context(server.process)
        with progress.step("Enrolling a print server and starting it"):
            (folder / "provider").mkdir()
            provider = Provider(server, folder / "provider")
            stack.enter_context(provider.process)
        with progress.step(f"Making {len(ERRANDS)} people with credit"):
            for errand in ERRANDS:
                server.add_user(errand.person, str(errand.credit), password_of(errand.person), errand.full_name)
        with progress.step("Making two print queues with their costs"):
            refusing = ("--over-limit", "refuse")  # so that every errand ends, and one of them badly
            server.add_printer(OFFICE, provider.name, printers[OFFICE].uri, "--info", "Office, colour", *refusing)
            server.set_cost(OFFICE, "0.05", "0.20")
            server.add_printer(LIBRARY, provider.name, printers[LIBRARY].uri, "--info", "Library, grey")
            server.set_cost(LIBRARY, "0.03", "0.03", "--grey-two-sided", "0.02")
            for queue in printers:
                provider.wait_for_queue(queue)
        yield Parts(server, provider, printers, _start_client(stack, client, provider, progress))


def _start_printer(stack: ExitStack, folder: Path, progress: Progress, name: str, *options: str) -> VirtualPrinter:
    printer = VirtualPrinter(
        folder / f"printer-{name.lower()}", "--name", name, "--pages-per-minute", PAGES_PER_MINUTE, *options
    )
    with progress.step(f"Starting the virtual printer {name}"):
        stack.callback(printer.process.stop)
        printer.start()
    return printer


def _start_client(stack: ExitStack, client: str, provider: Provider, progress: Progress) -> Client:
    if client == "ipptool":
        return IpptoolClient(provider)
    with progress.step("Starting a private CUPS with driverless queues"):
        cups = stack.enter_context(run_cupsd())
        made = CupsClient(cups, provider, {})
        for queue in (OFFICE, LIBRARY):
            made.add_queue(queue)
    return made

"""Puts a virtual printer together and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from everprint.documents.pool import AnalyserPool
from everprint.ipp.service import IppApplication
from everprint.serving import Listener, serve, stop_on_signals
from everprint.virtual_printer.access import Access, Network
from everprint.virtual_printer.device import Pace
from everprint.virtual_printer.front import Front
from everprint.virtual_printer.model import build_model, keep_uuid
from everprint.virtual_printer.operations import PATH, Operations
from everprint.virtual_printer.pictures import Pictures, SheetCamera
from everprint.virtual_printer.printer import Forgets, Habits, Printer
from everprint.virtual_printer.record import JobFolders
from everprint.virtual_printer.web import Web

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    folder: Path
    listener: Listener
    name: str = "Virtual printer"
    colour: bool = True
    papers: tuple[str, ...] = ("a4",)
    pages_per_minute: float = 30
    pictures: Pictures = Pictures.ALL
    forgets: Forgets = Forgets.NOTHING
    keep_jobs: int = 10_000
    multiple_operation_time_out_s: int = 60
    control_from: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running printer is found."""

    printer_uri: str
    page: str


async def run_printer(options: Options, on_listening: Callable[[Addresses], None]) -> None:
    """Prints until SIGTERM or SIGINT.

    Raises CannotListen, WorkerFailed, BadRecord, OSError (the folder cannot be used).
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    folder = options.folder.resolve()
    folders = JobFolders(folder)
    model = build_model(
        options.name,
        keep_uuid(folder),
        colour=options.colour,
        loaded=options.papers,
        multiple_operation_time_out_s=options.multiple_operation_time_out_s,
    )
    async with AnalyserPool(workers=1) as pool:
        printer = Printer(
            model,
            folders,
            pool,
            SheetCamera(pool, options.pictures),
            habits=Habits(options.forgets, options.keep_jobs),
            pace=Pace(options.pages_per_minute),
        )
        printer.power_on()
        web = Web(printer, Access(options.control_from), stop)
        application = Front(printer, IppApplication(Operations(printer).handle, pages=web), web)

        def tell(listening: list[tuple[str, int]]) -> None:
            on_listening(_addresses(options.listener, listening[0]))

        try:
            await serve(application, [options.listener], stop=stop, on_listening=tell)
        finally:
            printer.power_off()


def _addresses(listener: Listener, listening: tuple[str, int]) -> Addresses:
    """How clients on this machine call it; a wildcard address is no name."""
    host, port = listening
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "localhost"
    elif ":" in host:
        host = f"[{host}]"
    secure = "s" if listener.certificate else ""
    return Addresses(f"ipp{secure}://{host}:{port}{PATH}", f"http{secure}://{host}:{port}/")

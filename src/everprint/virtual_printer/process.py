"""Puts a virtual printer together and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from everprint.documents.pool import AnalyserPool
from everprint.ipp.service import IppApplication
from everprint.serving import Listener, serve, stop_on_signals
from everprint.serving.asgi import Receive, Scope, Send
from everprint.serving.listener import EVERY_ADDRESS
from everprint.virtual_printer.access import Access, Network
from everprint.virtual_printer.addresses import page_address, printer_uri
from everprint.virtual_printer.device import Pace
from everprint.virtual_printer.front import Front
from everprint.virtual_printer.model import build_model, keep_uuid
from everprint.virtual_printer.operations import Operations
from everprint.virtual_printer.pictures import Pictures, SheetCamera
from everprint.virtual_printer.port import Port
from everprint.virtual_printer.printer import Forgets, Habits, Printer
from everprint.virtual_printer.record import JobFolders
from everprint.virtual_printer.web import Web, redirect

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    folder: Path
    listener: Listener
    page_port: int = 0
    name: str = "Virtual printer"
    colour: bool = True
    papers: tuple[str, ...] = ("a4",)
    pages_per_minute: float = 30
    pictures: Pictures = Pictures.ALL
    forgets: Forgets = Forgets.NOTHING
    keep_jobs: int = 10_000
    multiple_operation_time_out_s: int = 60
    document_formats: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
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
    async with AnalyserPool(workers=1) as pool:
        printer = Printer(
            build_model(
                options.name,
                keep_uuid(folder),
                colour=options.colour,
                loaded=options.papers,
                multiple_operation_time_out_s=options.multiple_operation_time_out_s,
                document_formats=options.document_formats,
                lacks=options.lacks,
            ),
            folders,
            pool,
            SheetCamera(pool, options.pictures),
            habits=Habits(options.forgets, options.keep_jobs),
            pace=Pace(options.pages_per_minute),
        )
        try:
            await _serve(printer, options, stop, on_listening)
        finally:
            printer.power_off()


async def _serve(
    printer: Printer, options: Options, stop: asyncio.Event, on_listening: Callable[[Addresses], None]
) -> None:
    """Both ports, with the power on from the beginning."""

    async def elsewhere(scope: Scope, _receive: Receive, send: Send) -> None:
        await redirect(printer.page_port, scope, send)

    ipp = IppApplication(Operations(printer).handle, pages=elsewhere)
    port = Port(printer, options.listener, Front(printer, ipp))
    printer.power_on()
    try:
        ipp_serving = asyncio.create_task(port.serve(stop))
        # Told to stop while it started, it never opens: whoever waits for that looks again at its end.
        ipp_serving.add_done_callback(lambda _: printer.changes.announce())
        await printer.changes.until(lambda: printer.port_is_open or ipp_serving.done())

        def tell(listening: list[tuple[str, int]]) -> None:
            _, printer.page_port = listening[0]
            on_listening(_addresses(options.listener, port.listener.port, printer.page_port))

        if not ipp_serving.done():
            web = Web(printer, Access(options.control_from), stop)
            page_listener = replace(options.listener, port=options.page_port)
            await serve(web, [page_listener], stop=stop, on_listening=tell)
    finally:
        stop.set()
    await ipp_serving


def _addresses(listener: Listener, port: int, page_port: int) -> Addresses:
    """How clients call it: by the name or address it was told to listen on; every address is none."""
    host = "localhost" if listener.host in (EVERY_ADDRESS, "0.0.0.0", "::") else listener.host  # noqa: S104
    called = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    tls = listener.certificate is not None
    return Addresses(printer_uri(called, tls=tls), page_address(called, page_port, tls=tls))

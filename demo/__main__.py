"""The show: `python -m demo` leaves everything running for you; `--once` checks every figure and ends.

However it ends (Ctrl-C, SIGTERM, SIGHUP, even kill -9), no process is left.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from demo.check import differences
from demo.clients import NoClient, has_cups, has_ipptool
from demo.errands import ERRANDS, REFUSED
from demo.parts import AlreadyRunning, Parts, fresh_folder, password_of, run_parts
from demo.progress import Progress
from demo.server_watch import ServerWatch
from demo.table import FINAL, Line, draw, read_trays
from rig.everprint import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CommandFailed
from rig.process import StartFailed

FOLDER = Path(__file__).parents[1] / ".demo"
PATIENCE_S = 120.0
REFRESH_S = 0.2


class Stopped(BaseException):
    """A signal told us to stop."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if all went as it should."""
    options = _parse(arguments)
    console = Console(highlight=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with fresh_folder(options.folder.resolve()) as folder:
            return _show(console, folder, _choose_client(options.client), once=options.once)
    except Stopped:
        console.print("\nAll stopped.")
        return 0
    except (AlreadyRunning, StartFailed, CommandFailed, NoClient) as error:
        console.print(f"[red]{error}[/]", soft_wrap=True)
        return 1


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo", description="One print job after another, end to end.")
    parser.add_argument("--once", action="store_true", help="check every figure against the truth, then end")
    parser.add_argument("--client", choices=["cups", "ipptool"], help="who prints; CUPS if it is here")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where all files go, fresh each time (.demo)")
    return parser.parse_args(arguments)


def _choose_client(wanted: str | None) -> str:
    """Raises NoClient."""
    if wanted != "ipptool" and has_cups() and has_ipptool():
        return "cups"
    if wanted != "cups" and has_ipptool():
        return "ipptool"
    raise NoClient("To print, the demo needs CUPS (cups, cups-client) and ipptool (cups-ipp-utils).")


def _stop(_number: int, _frame: FrameType | None) -> None:
    # What is being stopped is not to be stopped half way by an impatient second Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _show(console: Console, folder: Path, client: str, *, once: bool) -> int:
    console.print("[bold]Everprint[/]: one Application Server, one print server, two printers, four people\n")
    with run_parts(folder, client, Progress(console)) as parts:
        (folder / "documents").mkdir()
        console.print()
        lines = _print_all(console, parts, folder / "documents")
        verdict = parts.client.verdict(REFUSED)
        _tell_verdict(console, verdict)
        if once:
            return _check(console, parts, lines, verdict)
        _tell_where(console, parts)
        while True:
            signal.pause()


def _print_all(console: Console, parts: Parts, documents: Path) -> dict[str, Line]:
    """Everybody prints; what is known of it when all jobs are over."""
    title = f"Printed with {parts.client.name}"
    with ServerWatch(parts.server) as watch, Live(console=console, auto_refresh=False) as live:

        def look() -> dict[str, Line]:
            lines = watch.lines
            trays = read_trays(printer.state() for printer in parts.printers.values())
            live.update(draw(lines, trays, title), refresh=True)
            return lines

        for errand in ERRANDS:
            document = documents / errand.file_name
            errand.make(document)
            parts.client.submit(errand, document)
            look()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            lines = look()
            if len(lines) == len(ERRANDS) and all(line.state in FINAL for line in lines.values()):
                break
            time.sleep(REFRESH_S)
    console.print()
    return lines


def _tell_verdict(console: Console, verdict: Sequence[tuple[str, str]]) -> None:
    shown = Table.grid(padding=(0, 2))
    for who, what in verdict:
        shown.add_row(f"[dim]{who}[/]", what)
    title = f"What {REFUSED.full_name}'s computer is told about {REFUSED.title!r}"
    console.print(Panel(shown, title=title, title_align="left", expand=False))


def _check(console: Console, parts: Parts, lines: dict[str, Line], verdict: Sequence[tuple[str, str]]) -> int:
    found = differences(parts, lines, verdict)
    for difference in found:
        console.print(f"[red]wrong[/] {difference}", soft_wrap=True)
    if not found:
        console.print("[green]Every figure is right[/], at the Application Server and in the printers' trays.")
    return 1 if found else 0


def _tell_where(console: Console, parts: Parts) -> None:
    shown = Table.grid(padding=(0, 2))
    shown.add_row("Application Server", f"[bold]{parts.server.url}/[/]")
    shown.add_row("  administrator", f"{ADMINISTRATOR}, password: {ADMINISTRATOR_PASSWORD}")
    for errand in ERRANDS:
        shown.add_row(f"  {errand.full_name}", f"{errand.person}, password: {password_of(errand.person)}")
    for queue, printer in parts.printers.items():
        shown.add_row(f"Printer {queue}", f"{printer.page} (its sheets; make it jam)")
        shown.add_row("  print to", parts.provider.uri(queue))
    console.print(Panel(shown, title="All of it is running", title_align="left", expand=False))
    console.print("Ctrl-C ends it.")


if __name__ == "__main__":
    sys.exit(main())

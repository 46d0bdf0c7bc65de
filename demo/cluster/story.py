"""The story itself: somebody prints all the time, something fails, and every job is accounted for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from demo.cluster.balance import Balance, balance_of
from demo.cluster.failures import FAILURES, Scene, StoryFailed, Times, bring_all_back
from demo.cluster.people import AdministratorBeside, AdministratorRefused, ClientBeside, PrinterBeside
from demo.cluster.teller import Onlooker, Teller
from everprint.cluster.lab.guests import server_url
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.topology.model import Role, Topology

JOBS_BEFORE, JOBS_AFTER = 4, 4
_LOOK_EVERY_S = 0.5
_QUEUE = "office"


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who takes part."""

    laboratory: Laboratory
    printer: PrinterBeside
    administrator: AdministratorBeside
    document: Path
    queues: list[str]


def tell_story(teller: Teller, laboratory: Laboratory, failures: Sequence[str], patience_s: float) -> int:
    """In a lab that runs. The exit code: 0 if every job was printed once and charged once. Raises StoryFailed."""
    with ExitStack() as stack:
        cast = _set_up(teller, laboratory, stack, patience_s)
        rows = []
        for number, name in enumerate(failures, 1):
            rows.append(_fail(teller, cast, name, f"{name}-{number}", patience_s))
            if number < len(failures):
                bring_all_back(_scene(teller, cast, patience_s, lambda: None))
    teller.table(rows)
    return 0 if all(balance.is_right for _, balance in rows) else 1


def _scene(teller: Teller, cast: _Cast, patience_s: float, look: Callable[[], None]) -> Scene:
    def wait(what: str, until: Callable[[], bool]) -> None:
        _wait(what, until, patience_s, look)

    return Scene(cast.laboratory, teller.say, wait, cast.administrator.is_answered)


def _fail(teller: Teller, cast: _Cast, name: str, label: str, patience_s: float) -> tuple[Times, Balance]:
    """One failure while somebody prints; the label is the first word of the jobs' titles."""
    client = ClientBeside(cast.laboratory, cast.document, label, cast.queues)
    scene = _scene(teller, cast, patience_s, Onlooker(teller, client, cast.printer).look)

    def accepted() -> int:
        return len([one for one in client.tries() if one.is_accepted])

    try:
        teller.say("Somebody prints all the time, in turn at both print servers")
        scene.wait("jobs to be accepted", lambda: accepted() >= JOBS_BEFORE)
        times = FAILURES[name](scene)
        enough = accepted() + JOBS_AFTER
        scene.wait("jobs to be accepted after it", lambda: accepted() >= enough)
    finally:
        client.stop()
    teller.say("Nobody prints any more; the last jobs are printed and paid")
    with suppress(StoryFailed):  # what is wrong is told
        scene.wait("every job to be printed and paid", lambda: _balance(cast, client).is_settled)
    balance = _balance(cast, client)
    for line in balance.lines():
        teller.say(line)
    return times, balance


def _balance(cast: _Cast, client: ClientBeside) -> Balance:
    """While the server does not answer, no job of its log is known."""
    try:
        logged = cast.administrator.items("/jobs")
    except AdministratorRefused:
        logged = []
    return balance_of(client.tries(), cast.printer.printed(), logged)


def _set_up(teller: Teller, laboratory: Laboratory, stack: ExitStack, patience_s: float) -> _Cast:
    teller.say("Setting up a user, a queue at each print server for one printer, and what a side costs")
    topology = laboratory.topology()
    printer = PrinterBeside(laboratory, str(topology.networks[0].gateway))
    stack.callback(printer.stop)
    administrator = _signed_in(laboratory, server_url(topology), patience_s)
    stack.callback(administrator.stop)
    administrator.call("POST", "/users", {"name": "alice", "credit": "1000", "full_name": "Alice Adams"})
    providers = {str(one["name"]): one["id"] for one in administrator.items("/providers")}
    queues = []
    for vm in topology.vms:
        if vm.role is Role.PRINT_SERVER:
            if vm.name not in providers:
                raise StoryFailed(f"{vm.name} answers, and the Application Server does not know it")
            queues.append(f"ipp://{vm.address}:8631/ipp/print/{_QUEUE}-{vm.name}")
            _add_queue(administrator, topology, f"{_QUEUE}-{vm.name}", providers[vm.name], printer.uri)
    document = laboratory.folder / "note.pdf"
    _make_note(document)
    return _Cast(laboratory, printer, administrator, document, queues)


def _signed_in(laboratory: Laboratory, url: str, patience_s: float) -> AdministratorBeside:
    """An emulated server may have been started a second time since it answered first."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return AdministratorBeside(laboratory, url)
        except AdministratorRefused:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_EVERY_S)


def _add_queue(administrator: AdministratorBeside, topology: Topology, name: str, provider: object, uri: str) -> None:
    queue = {"name": name, "provider_id": provider, "device_uri": uri, "authentication": "requesting-user-name"}
    queue |= {"trusted_networks": [str(topology.networks[0].addresses)], "failure_mode": "print-and-log-later"}
    made = administrator.call("POST", "/printers", queue)
    prices = dict.fromkeys(("grey_one_sided", "grey_two_sided"), "0.05")
    prices |= dict.fromkeys(("colour_one_sided", "colour_two_sided"), "0.20")
    administrator.call("PUT", f"/printers/{made['id']}/costs/other", prices)


def _make_note(path: Path) -> None:
    """One page, black."""
    pdf = Canvas(str(path), pagesize=A4, invariant=1)
    pdf.setFont("Helvetica", 14)
    pdf.drawString(64, 700, "Printing went on.")
    pdf.save()


def _wait(what: str, until: Callable[[], bool], within_s: float, look: Callable[[], None]) -> None:
    deadline = time.monotonic() + within_s
    while not until():
        look()
        if time.monotonic() > deadline:
            raise StoryFailed(f"waited {within_s:g} s in vain for {what}")
        time.sleep(_LOOK_EVERY_S)
    look()

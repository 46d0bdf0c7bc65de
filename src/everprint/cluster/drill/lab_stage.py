"""What people need in a lab to print: a printer, somebody with credit, and a queue at each print server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from everprint.cluster.drill.causing import AtLab
from everprint.cluster.drill.drill import Drill
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.people import Access, Asker, Client, NotAnswered
from everprint.cluster.drill.stage import Stage
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.lab.whereabouts import ADMINISTRATOR, address_of, server_url
from everprint.cluster.topology.model import Role, Topology

USER = "alice"
_QUEUE = "office"
_PRINTER_PORT, _PROVIDER_PORT = 6310, 8631
_LOOK_EVERY_S = 0.5
_CREDIT = "1000"


@contextmanager
def lab_stage(laboratory: Laboratory, within_s: float, pause_s: float = 3.0) -> Iterator[Stage]:
    """For as long as this is open: the printer is gone then. A second time what is there is taken.

    Raises DrillFailed, NotAnswered and LabError.
    """
    topology = laboratory.topology()
    if topology.vms and not laboratory.plan().image:
        raise DrillFailed("the lab's VMs have empty disks, and nobody can print: start it with --image")
    printer = f"ipp://{topology.networks[0].gateway}:{_PRINTER_PORT}/ipp/print"
    process = _start_printer(laboratory, str(topology.networks[0].gateway))
    try:
        asker = _signed_in(laboratory, server_url(topology), within_s)
        try:
            queues = _set_up(asker, topology, printer)
            yield Stage(asker, USER, queues, printer, None, is_free=False, pause_s=pause_s)
        finally:
            asker.stop()
    finally:
        process.terminate()
        process.wait()


def lab_drill(
    laboratory: Laboratory,
    stage: Stage,
    within_s: float,
    tell: Callable[[str], None],
    look_on: Callable[[Client], None],
) -> Drill:
    """Drills of a lab that runs. Raises LabError."""
    return Drill(
        laboratory.topology(),
        laboratory,
        AtLab(laboratory),
        stage,
        laboratory.beside,
        laboratory.folder,
        "lab",
        within_s,
        tell,
        look_on,
    )


def _start_printer(laboratory: Laboratory, address: str) -> subprocess.Popen[bytes]:
    """A virtual printer on the people's side of the network; what it printed outlives it."""
    argv: list[str | Path] = [sys.executable, "-m", "everprint", "virtual-printer"]
    argv += ["--host", address, "--port", str(_PRINTER_PORT), "--folder", laboratory.folder / "printer"]
    argv += ["--pages-per-minute", "0", "--pictures", "none"]
    with (laboratory.folder / "printer.log").open("ab") as log:
        words = laboratory.beside([str(word) for word in argv])
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _signed_in(laboratory: Laboratory, url: str, within_s: float) -> Asker:
    """An emulated server may have been started a second time since it answered first."""
    access = Access(url, name=ADMINISTRATOR, password=laboratory.plan().password)
    deadline = time.monotonic() + within_s
    while True:
        try:
            return Asker(laboratory.beside, laboratory.folder, access)
        except NotAnswered:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_EVERY_S)


def _set_up(asker: Asker, topology: Topology, printer: str) -> list[str]:
    """The queues' URIs."""
    if not any(user["name"] == USER for user in asker.items("/users", USER)):
        asker.call("POST", "/users", {"name": USER, "credit": _CREDIT, "full_name": "Alice Adams"})
    providers = {str(one["name"]): one["id"] for one in asker.items("/providers")}
    known = {str(one["name"]) for one in asker.items("/printers", _QUEUE)}
    queues = []
    for program in topology.programs:
        if program.role is not Role.PRINT_SERVER:
            continue
        if program.name not in providers:
            raise DrillFailed(f"{program.name} answers, and the Application Server does not know it")
        name = f"{_QUEUE}-{program.name}"
        queues.append(f"ipp://{address_of(topology, program)}:{_PROVIDER_PORT}/ipp/print/{name}")
        if name not in known:
            _add_queue(asker, topology, name, providers[program.name], printer)
    return queues


def _add_queue(asker: Asker, topology: Topology, name: str, provider: object, device: str) -> None:
    queue = {"name": name, "provider_id": provider, "device_uri": device, "authentication": "requesting-user-name"}
    queue |= {"trusted_networks": [str(topology.networks[0].addresses)], "failure_mode": "print-and-log-later"}
    made = asker.call("POST", "/printers", queue)
    prices = dict.fromkeys(("grey_one_sided", "grey_two_sided"), "0.05")
    prices |= dict.fromkeys(("colour_one_sided", "colour_two_sided"), "0.20")
    asker.call("PUT", f"/printers/{made['id']}/costs/other", prices)

"""Boots an image in QEMU on this machine, asks its service, and says where the seconds went."""

from __future__ import annotations

import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from everprint.cluster.image.build import RAW
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import need
from everprint.cluster.image.seed import Seed, write_seed
from everprint.cluster.image.timings import Mark, Unit, read_marks, read_units
from everprint.cluster.image.trial_machine import TrialMachine, qemu_command, running
from everprint.contract.enrolment_codes import new_code

ROLES = ("server", "provider")
_DATA_SIZE = 2 << 30
_OWN_ADDRESS, _OUTSIDE = "10.0.2.15/24", "10.0.2.2"  # of QEMU's user network
_PORTS = {"server": 9191, "provider": 8631}
_AGAIN_S = 0.05


@dataclass(frozen=True)
class Boot:
    """One boot of a role: seconds and processor seconds from QEMU's start to the first answer that it is ready."""

    role: str
    answered_s: float
    cpu_s: float
    marks: tuple[Mark, ...]
    units: tuple[Unit, ...]


def try_image(
    folder: Path, *, role: str, boots: int, accelerator: str, within_s: float, say: Callable[[str], None]
) -> list[Boot]:
    """Boots the image in a role as often as asked: the first boot sets the VM up. Each ends by a power cut.

    A print server is enrolled at an Application Server that is booted from the same image before, and is not counted.

    Raises ImageError with the console's last lines if a service does not answer in time.
    """
    need("qemu-system-x86_64")
    if not (folder / RAW).exists():
        raise ImageError(f"{folder} holds no image: make one with `everprint cluster image build`")
    code = new_code()
    with tempfile.TemporaryDirectory(prefix="everprint-trial-") as name, ExitStack() as open_:
        trial = _Trial(folder, Path(name), accelerator, within_s)
        trial.make("server", _server(code))
        if role == "provider":
            say("Boot of an Application Server to enrol at")
            port = _free_port()
            server = open_.enter_context(running(trial.command("server", port)))
            trial.wait("server", server, port)
            trial.make("provider", _provider(code, port))
        found = []
        for number in range(1, boots + 1):
            say(f"Boot {number} of {boots}" + (" (sets the VM up)" if number == 1 else ""))
            found.append(trial.boot(role))
    return found


def _server(code: str) -> dict[str, object]:
    return {
        "roles": ["server"],
        "administrator": {"name": "admin", "password": "only for this trial 1"},
        "codes": [code],
        "server": {
            "http_listen": [f"*:{_PORTS['server']}"],
            "own_certificate": False,
            "allowed_hosts": ["127.0.0.1", _OUTSIDE],
        },
    }


def _provider(code: str, port: int) -> dict[str, object]:
    enrol = {"server": f"http://{_OUTSIDE}:{port}", "code": code, "name": "trial"}
    return {"roles": ["provider"], "enrol": enrol}


class _Trial:
    def __init__(self, folder: Path, scratch: Path, accelerator: str, within_s: float) -> None:
        self._folder, self._scratch = folder, scratch
        self._accelerator, self._within_s = accelerator, within_s

    def make(self, role: str, everprint: dict[str, object]) -> None:
        """The disks of a VM of its own."""
        write_seed(Seed(f"trial-{role}", everprint, _OWN_ADDRESS, _OUTSIDE), self._scratch / f"{role}.seed")
        with (self._scratch / f"{role}.data").open("wb") as data:
            data.truncate(_DATA_SIZE)

    def command(self, role: str, port: int) -> list[str]:
        data, seed = (self._scratch / f"{role}.{kind}" for kind in ("data", "seed"))
        return qemu_command(self._folder, data, seed, self._accelerator, port, _PORTS[role])

    def boot(self, role: str) -> Boot:
        port = _free_port()
        with running(self.command(role, port)) as machine:
            answered, cpu = self.wait(role, machine, port)
            while (units := read_units(machine.lines())) is None:
                self._check(machine, "it did not say how long its units took")
                time.sleep(_AGAIN_S)
            return Boot(role, answered, cpu, read_marks(machine.lines()), units)

    def wait(self, role: str, machine: TrialMachine, port: int) -> tuple[float, float]:
        """Until the service is ready; the seconds and processor seconds that it took."""
        while not _is_ready(port):
            self._check(machine, f"its {role} gave no answer")
            time.sleep(_AGAIN_S)
        return machine.passed_s(), machine.cpu_s()

    def _check(self, machine: TrialMachine, missing: str) -> None:
        ended = machine.ended()
        if ended or machine.passed_s() > self._within_s:
            raise ImageError(
                f"the image did not come up in {self._within_s:g} s: {ended or missing}. "
                f"Its console said last:\n{machine.said_last()}"
            )


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _is_ready(port: int) -> bool:
    try:
        # Long enough for the first answer of a slow processor: asking anew would only give it more to do.
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=60) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False

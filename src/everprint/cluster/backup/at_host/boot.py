"""Boots a copy of a VM at a host until it says that it is ready, lets it prove its ledger, and cuts its power.

Sent there as text: it needs QEMU. The copy cannot outlive this process, and this process has an end.
"""

from __future__ import annotations

import base64
import ctypes
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_POLL_S = 0.5
_ASK_S = 5.0
_LAST_OCTETS = 1500
_PR_SET_PDEATHSIG = 1


class AgentSilent(Exception):
    """The guest's agent does not answer, or refuses. Says what."""


def main(text: str) -> None:
    """Writes a JSON object: `ready_s` (null: it never was), `said`, `audit` (what it printed), `audit_code`."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    order = json.loads(text)
    folder = Path(tempfile.mkdtemp(prefix="verify-"))
    try:
        sys.stdout.write(json.dumps(_boot(order, folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ready(text: str) -> None:
    """Asks a VM that runs until it says that it is ready. Writes `ready_s` (null: it never was) and `said`."""
    order = json.loads(text)
    began = time.monotonic()
    while (said := _asked(str(order["url"]))) and time.monotonic() - began < float(str(order["within_s"])):
        time.sleep(_POLL_S)
    sys.stdout.write(json.dumps({"ready_s": None if said else round(time.monotonic() - began, 1), "said": said}))


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _boot(order: dict[str, object], folder: Path) -> dict[str, object]:
    port, agent = str(_free_port()), folder / "agent"
    argv = order["argv"]
    assert isinstance(argv, list)
    argv = [str(word).replace("{port}", port).replace("{agent}", str(agent)) for word in argv]
    url = str(order["url"]).replace("{port}", port)
    until = time.monotonic() + float(str(order["within_s"]))
    began = time.monotonic()
    with (folder / "console").open("wb") as console:
        qemu = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, preexec_fn=_die_with_us
        )
    try:
        said = _wait(qemu, until, lambda: _asked(url) if url else _pinged(agent))
        if said:
            last = (folder / "console").read_bytes()[-_LAST_OCTETS:].decode("utf-8", "replace").strip()
            return {"ready_s": None, "said": said, "console": last}
        report: dict[str, object] = {"ready_s": round(time.monotonic() - began, 1), "said": ""}
        if audit := order["audit"]:
            assert isinstance(audit, list)
            try:
                report["audit_code"], report["audit"] = _run_in(agent, list(map(str, audit)), until)
            except (AgentSilent, OSError) as error:
                report["audit_code"], report["audit"] = None, str(error)
        return report
    finally:
        qemu.kill()
        qemu.wait()


def _die_with_us() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(qemu: subprocess.Popen[bytes], until: float, ask: Callable[[], str]) -> str:
    """Nothing once it is ready; what it said last if it never is."""
    while True:
        said = ask()
        if not said:
            return ""
        if qemu.poll() is not None:
            return f"QEMU ended with {qemu.returncode}"
        if time.monotonic() > until:
            return said
        time.sleep(_POLL_S)


def _asked(url: str) -> str:
    """Nothing if it answers 200."""
    # On this machine's loopback, to the QEMU that we started: a certificate proves nothing here.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, timeout=_ASK_S, context=context):  # noqa: S310 (http or https, as the topology's reader saw to)
            return ""
    except urllib.error.HTTPError as error:
        return f"its readiness answers {error.code}: {error.read(300).decode('utf-8', 'replace').strip()}"
    except (OSError, ValueError) as error:
        return f"its readiness does not answer: {error}"


def _pinged(agent: Path) -> str:
    try:
        _told(agent, "guest-ping", {})
    except (AgentSilent, OSError) as error:
        return f"its agent does not answer: {error}"
    return ""


def _run_in(agent: Path, argv: list[str], until: float) -> tuple[int, str]:
    """Runs a program in the guest: its exit code and what it printed. Raises AgentSilent or OSError."""
    arguments = {"path": argv[0], "arg": argv[1:], "capture-output": True}
    while True:
        try:
            begun = _told(agent, "guest-exec", arguments)
            break
        except (AgentSilent, OSError):
            # The agent starts beside the service, and may come later.
            if time.monotonic() > until:
                raise
            time.sleep(_POLL_S)
    assert isinstance(begun, dict)
    while time.monotonic() < until:
        status = _told(agent, "guest-exec-status", {"pid": begun["pid"]})
        assert isinstance(status, dict)
        if status["exited"]:
            said = base64.b64decode(status.get("out-data", "")) or base64.b64decode(status.get("err-data", ""))
            return int(status.get("exitcode", -1)), said.decode("utf-8", "replace")
        time.sleep(_POLL_S)
    raise AgentSilent(f"{argv[0]} did not end in time")


def _told(agent: Path, command: str, arguments: dict[str, object]) -> object:
    """What the agent returns. Raises AgentSilent or OSError."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_ASK_S)
        line.connect(str(agent))
        answers = line.makefile("rb")
        mark = time.monotonic_ns() % (1 << 31)
        # 0xFF ends what a connection before this one may have left half said (guest-sync-delimited).
        line.sendall(b"\xff" + _asking("guest-sync", {"id": mark}))
        while (said := _answer(answers.readline())).get("return") != mark:
            pass
        line.sendall(_asking(command, arguments))
        said = _answer(answers.readline())
        if "return" not in said:
            raise AgentSilent(f"{command}: {said.get('error', said)}")
        return said["return"]


def _asking(command: str, arguments: dict[str, object]) -> bytes:
    return json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n"


def _answer(line: bytes) -> dict[str, object]:
    if not line:
        raise AgentSilent("it broke off")
    said = json.loads(line.lstrip(b"\xff"))
    return said if isinstance(said, dict) else {}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

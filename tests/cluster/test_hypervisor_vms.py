"""VMs on a platform of their own, which here is libvirt's own driver for tests (test:///), spoken to by virsh."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command
from everprint.cluster.hypervisor.connection import Connection, HypervisorTrouble

DOMAIN = """<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>{name}</name>
<memory>1048576</memory><vcpu>1</vcpu><os><type>hvm</type></os><test:runstate>{state}</test:runstate></domain>"""
RUNS, PAUSED, OFF = 1, 3, 5
HEAD = """name = "print"
modes = [1]
[hypervisor]
uri = "{uri}"
[[networks]]
name = "people"
bridge = "VM-Network"
addresses = "127.0.0.0/8"
[[storage]]
name = "images"
kind = "shared-folder"
path = "/vmfs"
"""
VM = """[[vms]]
name = "{name}"
role = "print-server"
reports_to = "https://print.example.org:9192"
memory = "1 GiB"
cores = 1
disk = "4 GiB"
storage = "images"
network = "people"
address = "127.0.0.{number}"
protection = "{protection}"
health = "{health}"
"""


class Lives(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def lives() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Lives) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/live"
        server.shutdown()


@pytest.fixture
def topology(tmp_path: Path, lives: str) -> Path:
    """Its driver begins anew with each program: what one starts, the next finds off again."""
    states = {"print1": RUNS, "print2": RUNS, "print3": OFF, "print4": PAUSED}
    nodes = "".join(DOMAIN.format(name=name, state=state) for name, state in states.items())
    (tmp_path / "node.xml").write_text(f"<node>{nodes}</node>")
    text = HEAD.format(uri=f"test://{tmp_path}/node.xml")
    for number, name in enumerate((*states, "print5"), 2):
        health = lives if name != "print2" else "http://127.0.0.1:1/health/live"
        text += VM.format(name=name, number=number, protection="app-ha", health=health)
    path = tmp_path / "print.toml"
    path.write_text(text)
    return path


def on(topology: Path, *words: str) -> Result:
    at = 2 if words[0] == "hypervisor" else 1
    return CliRunner().invoke(everprint_command, ["cluster", *words[:at], str(topology), *words[at:]])


def test_status_has_what_the_platform_says_and_what_the_services_answer(topology: Path) -> None:
    result = on(topology, "status", "--json")
    told = json.loads(result.output)
    assert {vm["name"]: (vm["state"], vm["health"]) for vm in told["vms"]} == {
        "print1": ("started", "well"),
        "print2": ("failed", "failed"),
        "print3": ("stopped", "down"),
        "print4": ("failed", "failed"),
        "print5": ("unknown", "unknown"),
    }
    assert (result.exit_code, told["status"], told["hosts"]) == (1, "fail", [])
    assert "does not answer" in told["vms"][1]["last_failure"]
    assert told["vms"][4]["last_failure"] == "unknown: it has no VM of that name"
    assert "print is on a platform of its own" in on(topology, "status").output


def test_vms_are_started_and_stopped_and_looked_at(topology: Path, tmp_path: Path) -> None:
    assert on(topology, "hypervisor", "start", "print3").output == "print3 is running.\n"
    assert on(topology, "hypervisor", "stop", "print1", "--force").output == "print1 is shut off.\n"
    assert on(topology, "hypervisor", "stop", "print1").exit_code == 0
    twice = on(topology, "hypervisor", "start", "print1")
    assert (twice.exit_code, "already active" in twice.output) == (1, True)
    gone = on(topology, "hypervisor", "stop", "print5")
    assert (gone.exit_code, "failed to get domain" in gone.output) == (1, True)
    assert on(topology, "hypervisor", "console", "print1").exit_code == 2, "there is no terminal"
    screen = tmp_path / "screen.png"
    assert on(topology, "hypervisor", "console", "print1", "--screen", str(screen)).exit_code == 0
    assert screen.read_bytes().startswith(b"\x89PNG")
    assert on(topology, "hypervisor", "start", "other").exit_code == 2


def test_what_the_driver_lacks_is_asked_of_it_and_what_follows_is_said(topology: Path) -> None:
    said = on(topology, "hypervisor", "capabilities").output.splitlines()
    assert "state: yes" in said
    assert "snapshots: yes" in said
    # libvirt's own driver for tests has no function for it; if it gets one, this line is to go.
    assert any(line.startswith("backup: NO; use the platform's own backup") for line in said)
    found = {
        one["name"]: one["has"] for one in json.loads(on(topology, "hypervisor", "capabilities", "--json").output)
    }
    assert (found["state"], found["backup"]) == (True, False)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("test:///nowhere/node.xml", "node.xml"),
        # Debian's libvirt is built without it.
        ("hyperv://host.example.org", "use one that has, or the platform's own tools"),
    ],
)
def test_a_platform_that_cannot_be_asked_says_why(topology: Path, uri: str, said: str) -> None:
    with pytest.raises(HypervisorTrouble, match=said):
        Connection(uri).states(["print1"])
    text = topology.read_text()
    topology.write_text(text.replace(text.split('uri = "')[1].split('"')[0], uri))
    for words in (("status",), ("hypervisor", "capabilities"), ("hypervisor", "start", "print1")):
        result = on(topology, *words)
        assert result.exit_code == 1
        assert said in " ".join(result.output.split())

"""Certificates that parts make for themselves, from the first start to a print server that believes its server."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from pathlib import Path

from rig.everprint import run_server
from rig.ports import free_port
from tests.provider.contract_server import ContractServer
from tests.provider.world import EVERPRINT, run_print_server


def everprint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([EVERPRINT, *arguments], capture_output=True, text=True, check=False, timeout=120)


def test_a_print_server_makes_one_and_says_what_to_trust(server: ContractServer) -> None:
    with run_print_server(server.url, own_certificate=True, host_name="print-a.example") as office:
        shown = json.loads(everprint("provider", "certificate", "--config", office.config, "--json").stdout)
        assert {"print-a.example", "print-a.local", "localhost", "127.0.0.1"} <= set(shown["names"])
        pem = everprint("provider", "certificate", "--config", office.config, "--pem").stdout
        trust = ssl.create_default_context(cadata=pem)
        with (
            socket.create_connection(("127.0.0.1", office.tls_port), timeout=30) as plain,
            trust.wrap_socket(plain, server_hostname="print-a.example"),
        ):
            pass
        for line in ("names:", "valid until:", "trust:"):
            assert line in everprint("provider", "certificate", "--config", office.config).stdout


def test_without_a_certificate_the_command_says_how_to_get_one(tmp_path: Path) -> None:
    config = tmp_path / "provider.toml"
    config.write_text(f'state_folder = "{tmp_path}"\n')
    none = everprint("provider", "certificate", "--config", config)
    assert (none.returncode, "own_certificate = true" in none.stderr) == (1, True)


def test_a_print_server_is_enrolled_with_the_fingerprint_of_its_server_and_with_no_other(tmp_path: Path) -> None:
    port = free_port()
    with run_server(own_certificate="true", https_listen=f"127.0.0.1:{port}") as server:
        trust = json.loads(server.command("certificate", "--json"))["trust"]
        code = json.loads(server.command("provider", "code", "--json"))["code"]
        state = tmp_path / "state"
        how = ["--server", f"https://localhost:{port}", "--code", code, "--name", "A", "--state-folder", str(state)]
        nobody = everprint("provider", "enrol", *how)
        assert nobody.returncode == 1, "nothing vouches for it"
        wrong = everprint("provider", "enrol", *how, "--fingerprint", f"00{trust[2:]}")
        assert wrong.returncode == 1
        assert "another fingerprint" in wrong.stderr
        assert not (state / "identity.json").exists(), "it is not enrolled"
        right = everprint("provider", "enrol", *how, "--fingerprint", trust)
        assert right.returncode == 0, right.stderr
        identity = json.loads((state / "identity.json").read_text())
        assert identity["ca_file"] == str(state / "server-authority.pem")
        assert (state / "server-authority.pem").read_text() == server.command("certificate", "--pem")

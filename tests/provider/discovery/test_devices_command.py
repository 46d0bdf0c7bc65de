"""`everprint provider devices` with a real CUPS, whose backends find what the test plugs in, and announcements."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from zeroconf import Zeroconf

from rig.cupsd import Cupsd, run_cupsd
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.world import EVERPRINT, run_print_server

PLUGGED_IN = """#!/bin/sh
[ $# -eq 0 ] || exit 1
echo 'direct usb://Example/9000?serial=1 "Example 9000" "Example 9000 at USB" "MFG:Example;MDL:9000;" "2nd floor"'
echo 'network ipp://anna:secret@192.0.2.9/ipp/print "Unknown" "Hall"'
echo 'network socket "Unknown" "A backend that is only there"'
"""


def plug_in(cups: Cupsd) -> None:
    for backend in list(cups.backends.iterdir()):
        backend.unlink()
    found = cups.backends / "usb"
    found.write_text(PLUGGED_IN)
    found.chmod(0o755)


# What the backend and the other print server announce. A loaded machine may be through with listening before
# it heard all of it, as `--seconds` says: so the test asks again until all is there.
EXPECTED = {"Office by test_devices_command", "Example 9000 at USB", "Hall"}


def listed(config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [EVERPRINT, "provider", "devices", "--config", config, *options]
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)


def test_what_cups_and_the_network_have_is_listed(
    server: ContractServer, printer: VirtualPrinter, tmp_path: Path
) -> None:
    """A print server's announcement is heard by another one, and not by itself."""
    try:
        Zeroconf(interfaces=["127.0.0.1"]).close()
    except OSError as error:
        pytest.skip(f"no multicast on the loopback here: {error}")
    server.add_queue("office", printer.uri, info="Office by test_devices_command")
    other = tmp_path / "other.toml"
    with (
        run_cupsd(own_backends=True) as cups,
        run_print_server(
            server.url, dns_sd=True, dns_sd_interfaces=["127.0.0.1"], cups_socket=str(cups.folder / "cups.sock")
        ) as site,
    ):
        plug_in(cups)
        site.wait_for_queue("office")
        settings = site.config.read_text().splitlines()
        state = json.dumps(str(tmp_path / "nothing"))
        other.write_text(
            "\n".join([f"state_folder = {state}", *(line for line in settings if "state_folder" not in line)])
        )

        def heard() -> list[dict[str, object]]:
            answer = listed(other, "--seconds", "2", "--json")
            assert answer.returncode == 0, answer.stderr
            rows: list[dict[str, object]] = json.loads(answer.stdout)
            return rows if {row["name"] for row in rows} >= EXPECTED else []

        rows = {row["name"]: row for row in wait_for("what is plugged in and announced", heard, within_s=180.0)}
        office = rows["Office by test_devices_command"]
        assert office["device_uri"] == f"ipp://127.0.0.1:{site.port}/ipp/print/office"
        assert (office["usable"], office["found_by"]) == (True, "dns-sd")
        usb = rows["Example 9000 at USB"]
        assert (usb["device_uri"], usb["usable"]) == ("usb://Example/9000?serial=1", False)
        assert (usb["location"], usb["found_by"]) == ("2nd floor", "cups")
        assert rows["Hall"]["device_uri"] == "ipp://192.0.2.9/ipp/print"
        assert "A backend that is only there" not in rows

        def own_devices() -> str:
            said = listed(site.config, "--seconds", "1").stdout
            return said if "Example 9000 at USB" in said else ""

        own = wait_for("what is plugged in at the print server itself", own_devices, within_s=180.0)
        assert "Office by test_devices_command" not in own


def test_without_cups_it_says_so_and_lists_the_rest(tmp_path: Path) -> None:
    config = tmp_path / "provider.toml"
    config.write_text(
        f'state_folder = "{tmp_path}"\ncups_socket = "{tmp_path / "none"}"\ndns_sd_interfaces = ["127.0.0.1"]\n'
    )
    answer = listed(config, "--seconds", "1")
    assert "CUPS does not answer" in answer.stderr
    both = "Announcements cannot be heard" in answer.stderr  # no multicast on this machine's loopback
    assert answer.returncode == (1 if both else 0), answer.stderr

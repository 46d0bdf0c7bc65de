"""`everprint virtual-printer` as people type it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from everprint.serving import Listener
from everprint.virtual_printer.commands import COMMANDS
from everprint.virtual_printer.process import Options, run_printer
from rig import ipptool
from rig.certificates import make_certificates
from rig.folder import private_folder
from rig.process import Process
from rig.virtual_printer import EVERPRINT, VirtualPrinter


def everprint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = [str(EVERPRINT), "virtual-printer", *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)


def test_its_help_names_every_command() -> None:
    said = everprint("tell", "--help").stdout
    assert [name for name in COMMANDS if f" {name} " not in said] == []
    assert "tell" in everprint("--help").stdout


def test_tell_gives_a_command_and_says_how_it_is(printer: VirtualPrinter) -> None:
    assert everprint("tell", printer.page, "jam").stdout == "Virtual printer: stopped. Paper is jammed.\n"
    cleared = everprint("tell", printer.page, "clear", "--json").stdout
    assert json.loads(cleared)["state"] == "idle"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["jam", "1.5"], "number: expected a whole number of sheets"),
        (["slow"], "number: slow needs how many pages per minute"),
        (["explode"], "'explode' is not one of"),
    ],
)
def test_tell_says_what_is_wrong_with_a_command(printer: VirtualPrinter, arguments: list[str], said: str) -> None:
    result = everprint("tell", printer.page, *arguments)
    assert result.returncode == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [("localhost", "is not the address of a printer's page"), ("http://127.0.0.1:9/", "no virtual printer answers")],
)
def test_tell_says_when_nobody_is_there(url: str, said: str) -> None:
    result = everprint("tell", url, "jam")
    assert result.returncode != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--paper", "a2"], "'a2' is not one of"),
        (["--control-from", "home"], "'home' does not appear to be an IPv4 or IPv6 network"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--tls-key", __file__], "without --tls-certificate"),
        (["--host", "203.0.113.7", "--port", "0"], "cannot listen here"),
        (["--folder", "/proc/nowhere"], "/proc/nowhere cannot be used"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(tmp_path: Path, options: list[str | Path], said: str) -> None:
    folder = [] if "--folder" in options else ["--folder", tmp_path]
    result = everprint(*folder, *options)
    assert result.returncode != 0
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_record_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    record = tmp_path / "jobs" / "1-abcd" / "job.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"job_id": "one"}')
    result = everprint("--folder", tmp_path, "--port", "0", "--page-port", "0")
    assert result.returncode == 1
    assert str(record) in result.stderr
    assert "Traceback" not in result.stderr


def test_with_a_certificate_it_speaks_ipps_and_https() -> None:
    with private_folder("tls-printer") as folder:
        certificates = make_certificates(folder)
        uri_file = folder / "uri"
        argv: list[str | Path] = [EVERPRINT, "virtual-printer", "--port", "0", "--page-port", "0", "--folder", folder]
        argv += ["--host", "localhost", "--uri-file", uri_file]
        argv += ["--tls-certificate", certificates.certificate, "--tls-key", certificates.key]
        with Process(argv, log=folder / "log", ready=uri_file.exists):
            uri, page = uri_file.read_text().split()
            assert (uri[:7], page[:8]) == ("ipps://", "https://")
            said = ipptool.ask(uri, "Get-Printer-Attributes").first
            assert (said["uri-security-supported"], said["printer-uri-supported"]) == ("tls", uri)
            assert said["printer-more-info"] == page
            told = everprint("tell", page, "jam", "--tls-ca", certificates.authority)
            assert told.stdout == "Virtual printer: stopped. Paper is jammed.\n", told.stderr


def test_who_is_told_to_stop_while_it_starts_ends_without_having_listened(tmp_path: Path) -> None:
    listened = []

    async def scene() -> None:
        options = Options(tmp_path, Listener("127.0.0.1", 0))
        printing = asyncio.create_task(run_printer(options, listened.append))
        await asyncio.sleep(0)  # it is as far as the start of its worker
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(printing, 60)

    asyncio.run(scene())
    assert not listened

"""`everprint provider cups adopt | release | status`: only the device changes, and all of it can be undone."""

from __future__ import annotations

import json
import re

import pytest

from rig.everprint import CommandFailed
from rig.virtual_printer import VirtualPrinter
from tests.provider.cups.world import CupsSite


def queue_settings(site: CupsSite, queue: str) -> str:
    """All that CUPS keeps of the queue, but for moments."""
    text = (site.cups.server_root / "printers.conf").read_text()
    found = re.search(rf"<(?:Default)?Printer {queue}>.*?</(?:Default)?Printer>", text, re.DOTALL)
    assert found
    kept = [line for line in found[0].splitlines() if not re.match(r"StateTime|ConfigTime|Attribute marker", line)]
    return "\n".join(kept)


def test_adopting_keeps_all_but_the_device_and_is_undone(site: CupsSite, printer: VirtualPrinter) -> None:
    cups = site.cups
    cups.add_driverless_queue("shown", printer.uri)
    options = ("-o", "sides-default=two-sided-long-edge", "-o", "printer-error-policy=stop-printer")
    cups.command("lpadmin", "-p", "shown", "-D", "The office", "-L", "2nd floor", *options)
    cups.command("lpadmin", "-d", "shown")
    cups.add_raw_queue("secret", "ipp://ann:correct-horse@127.0.0.1:9/ipp/print", started=True)
    before, secret = queue_settings(site, "shown"), queue_settings(site, "secret")
    ppd = (cups.server_root / "ppd/shown.ppd").read_text()

    said = site.command("adopt", "shown", "secret")
    assert f"shown: adopted (everprint:{printer.uri})" in said
    assert "correct-horse" not in said
    assert cups.device_uri("shown") == f"everprint:{printer.uri}"
    adopted = queue_settings(site, "shown")
    changed = set(before.splitlines()) ^ set(adopted.splitlines())
    assert {line.partition(" ")[0] for line in changed} == {"DeviceURI", "ErrorPolicy"}
    assert "ErrorPolicy retry-job" in adopted
    assert (cups.server_root / "ppd/shown.ppd").read_text() == ppd
    assert (cups.backends / "everprint").stat().st_mode & 0o777 == 0o700
    (office,) = [queue for queue in site.server.queues if queue.name == "shown"]
    assert office.device_uri == f"everprint:{printer.uri}"
    assert not [queue for queue in site.server.queues if "correct-horse" in queue.device_uri]

    assert "shown: adopted already" in site.command("adopt", "shown")
    assert queue_settings(site, "shown") == adopted
    listed = {row["queue"]: row for row in json.loads(site.command("status", "--json"))}
    assert listed["shown"]["adopted"] is True
    assert "correct-horse" not in json.dumps(listed)

    assert "shown: released" in site.command("release", "shown", "secret")
    assert queue_settings(site, "shown") == before
    assert queue_settings(site, "secret") == secret
    assert "shown: was not adopted" in site.command("release", "shown")


def test_a_queue_that_is_not_there_is_named(site: CupsSite) -> None:
    with pytest.raises(CommandFailed, match="CUPS has no queue nowhere; it has:"):
        site.command("adopt", "nowhere")


def test_without_cups_it_says_what_to_do(site: CupsSite) -> None:
    site.cups.process.stop()
    with pytest.raises(CommandFailed, match="is it running"):
        site.command("adopt", "shown")
    site.cups.process.start()

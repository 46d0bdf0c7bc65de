"""The clusters' page in a browser, told by the command that people run beside their cluster."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import Page, expect

from everprint.cli.main import everprint_command
from everprint.cluster.live.apply import apply
from everprint.cluster.ocf import runs
from everprint.cluster.prediction.simulator import Event
from tests.cluster.live.world import TEXT, World, topology_of
from tests.server.pages.axe import violations
from tests.server.pages.site import PHONE, Site
from tests.server.pages.test_every_page import FAULTS


class Beside:
    """A cluster of folders, and `everprint cluster report` beside it."""

    def __init__(self, folder: Path, site: Site) -> None:
        folder.mkdir()
        self.world, self.folder, self.address = World(folder), folder, site.address
        apply(topology_of(), self.world.hosts, lambda _: None, form_within_s=30, pause_s=0.05)
        self.world.happens()
        (folder / "t.toml").write_text(TEXT)
        (folder / "token").write_text(token() + "\n")

    def report(self, *words: str) -> str:
        argv = ["cluster", "report", str(self.folder / "t.toml"), "--via", self.world.via, "--once"]
        argv += ["--server", self.address, "--token-file", str(self.folder / "token"), *words]
        done = CliRunner().invoke(everprint_command, argv)
        return "" if done.exit_code == 0 else done.output


def token() -> str:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import make_token
    from everprint.server.people.models import User

    return make_token(User.objects.get(name="admin"), "cluster", [Permission.REPORT_CLUSTERS]).text


def row(page: Page, name: str) -> str:
    """A row's text, its cells by spaces."""
    return " ".join(page.locator(f"#print-{name}").inner_text().split())


def test_a_cluster_is_shown_live_on_a_phone_too_and_by_keyboard(site: Site, tmp_path: Path) -> None:
    page = site.tab("admin")
    page.goto("/clusters")
    expect(page.locator("main")).to_contain_text("everprint cluster report")
    beside = Beside(tmp_path / "cluster", site)
    assert beside.report() == ""
    # Nobody reloads the page from here on.
    page.evaluate("window.stays = true")
    expect(page.locator("main")).to_contain_text("All runs, with all the safety that was planned.")
    expect(page.locator("#cluster-print")).to_contain_text(re.compile(r"seen \d+ s ago"))
    assert "print1 print-server Well" in row(page, "vm-print1")
    assert "fence_ipmilan: answers" in row(page, "host-alpha")
    runs.note(beside.folder / "beta/var/lib/everprint/runs", "print1", runs.FAILED, "it is paused")
    runs.note(beside.folder / "beta/var/lib/everprint/runs", "print1", runs.STARTED)
    kept = beside.folder / "beta/var/lib/everprint/evidence/print1/20261127T112305Z"
    kept.mkdir(parents=True)
    (kept / "reason.txt").write_text("it is paused\n")
    beside.world.happens(Event.fails("alpha"))
    (beside.folder / "alpha" / "gone").touch()
    assert beside.report() == ""
    expect(page.locator("main")).to_contain_text("All runs, with less safety than was planned.")
    expect(page.locator("#print-vm-print1")).to_contain_text("started again on beta: it is paused")
    expect(page.locator("#print-host-alpha")).to_contain_text("Off")
    assert page.evaluate("window.stays") is True
    summary = page.locator("#print-vm-print1 summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#print-vm-print1 details")).to_contain_text("beta:/var/lib/everprint/evidence/print1")
    # It stays open while the page keeps itself true.
    assert beside.report() == ""
    expect(page.locator("#print-vm-print1 details[open]")).to_have_count(1)
    assert page.evaluate(FAULTS) + violations(page) == []
    phone = site.tab("admin", width=PHONE)
    phone.goto("/clusters")
    expect(phone.locator("main")).to_contain_text("All runs, with less safety")
    assert phone.evaluate(FAULTS) == []
    (beside.folder / "beta" / "gone").touch()
    assert beside.report() == "", "that nobody tells is told"
    expect(page.locator("main")).to_contain_text("Its hosts have no majority")
    expect(page.locator("main")).to_contain_text("no route to beta")
    assert "does not answer" in beside.report("--server", "http://127.0.0.1:1")
    (beside.folder / "token").write_text("everprint_0123456789abcdef.wrong")
    assert "refuses the report: 401" in beside.report()

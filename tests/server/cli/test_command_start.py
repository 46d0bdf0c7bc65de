"""What a start of the server does without: people wait for it after a fail-over."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from everprint.cli.command_list import CommandList
from everprint.collection import collect_from_now_on, collection_put_off

# Everything that `everprint server run` imports until it listens.
START = """
import sys
import everprint.cli.server
from everprint.server.start import set_up
set_up()
import everprint.server.asgi, everprint.server.urls, everprint.serving
print(*sys.modules)
"""
# What only people's commands, pages, reports and scheduled work need, or a setting that is not set here.
NOT_NEEDED = {
    "PIL",
    "cryptography",
    "everprint.cli.server_users",
    "everprint.server.reports.query",
    "everprint.server.schedule.works",
    "ldap",
    "ninja",
    "pydantic",
    "qrcode",
    "reportlab",
}


# And until it has answered the first page and the API.
PARTS = """
import gc, sys
from everprint.server.start import set_up
set_up()
import everprint.server.urls
assert gc.get_freeze_count() == 0
everprint.server.urls.load_parts()
assert gc.isenabled() and gc.get_freeze_count() > 100_000
print(*sys.modules)
"""
# What only somebody needs who signs in elsewhere, or wants a PDF or a QR code.
SELDOM_NEEDED = {"PIL", "httpx", "joserfc", "ldap", "reportlab"}


def imported_by(script: str, state: Path) -> set[str]:
    environment = os.environ | {"EVERPRINT_SERVER_STATE_FOLDER": str(state)}
    environment |= {"EVERPRINT_SERVER_OWN_CERTIFICATE": "false"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return set(said.stdout.split())


def test_a_server_that_starts_imports_only_what_it_starts_with(tmp_path: Path) -> None:
    imported = imported_by(START, tmp_path)
    assert "everprint.server.providers.contract.application" in imported
    assert not imported & NOT_NEEDED


def test_what_pages_and_the_api_seldom_need_is_not_waited_for(tmp_path: Path) -> None:
    imported = imported_by(PARTS, tmp_path)
    assert {"everprint.server.pages.views.reports", "everprint.server.api.endpoints.reports"} <= imported
    assert not imported & SELDOM_NEEDED


def test_a_command_is_imported_when_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "later_command.py").write_text(
        "import click\n@click.command()\ndef count_nothing():\n    'Counts nothing, and says so.'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    group = CommandList("group", later={"count-nothing": "later_command"})
    context = click.Context(group)
    assert group.list_commands(context) == ["count-nothing"]
    assert group.get_command(context, "count") is None
    assert "later_command" not in sys.modules
    assert "Counts nothing, and says so." in group.get_help(context)
    assert "later_command" in sys.modules


def test_nothing_is_collected_until_it_serves() -> None:
    assert gc.isenabled()
    with collection_put_off():
        assert not gc.isenabled()
        with collection_put_off():
            pass
        assert not gc.isenabled(), "what was put off before stays so"
        collect_from_now_on()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    gc.unfreeze()

"""A seeded server in a process of its own, and a real browser to look at it with.

The browser lives as long as a test module: its driver keeps an event loop in this thread, which other modules' tests
must not find.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from rig.process import Process
from tests.server.conftest import Database
from tests.server.pages.seeded import SeededSchool
from tests.server.pages.site import ARGUMENTS, CHROMIUM, Site

LISTENS = "listens on "


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without the parts that draw windows."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed (requirements/debian.txt)")
    # The driver runs its loop in this thread, but never while the test itself runs: Django need not fear it.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seeded_school(tmp_path_factory: pytest.TempPathFactory) -> SeededSchool:
    return SeededSchool(tmp_path_factory.mktemp("school"))


@pytest.fixture
def site(database: Database, seeded_school: SeededSchool, browser: Browser, tmp_path: Path) -> Iterator[Site]:
    """A small school's server; the test itself plays the Print Provider. Ends with: no page complained."""
    world = seeded_school.give(database)
    shutil.copy(database.state_folder / "secret-key", tmp_path / "secret-key")
    log = tmp_path / "server.log"
    environment = {
        "EVERPRINT_SERVER_STATE_FOLDER": str(tmp_path),
        "EVERPRINT_SERVER_DATABASE": database.url,
        "EVERPRINT_SERVER_HTTP_LISTEN": "127.0.0.1:0",
        "EVERPRINT_SERVER_FREE_SPACE_MIB": "1",
    }
    process = Process(
        [sys.executable, "-c", "from everprint.cli.main import main; main()", "server", "run"],
        log=log,
        ready=lambda: log.exists() and LISTENS in log.read_text(),
        environment=environment,
    )
    with process:
        address = log.read_text().split(LISTENS, 1)[1].split()[0]
        site = Site(address, world, browser)
        yield site
        site.close()
    assert site.complaints == [], f"{site.complaints}\n{process.log_tail()}"

"""`make demo`: every figure is right, and however it ends, no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.check import differences_at_the_server
from demo.errands import ERRANDS
from demo.table import Line
from rig.migrated import FOLDER
from rig.process_tree import Member, descendants
from rig.waiting import wait_for

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C ends it."


@contextmanager
def demo(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The demo as a process, and the file with what it says."""
    said = folder / "said"
    argv = [sys.executable, "-m", "demo", "--folder", str(folder / "demo"), *options]
    with said.open("wb") as out:
        process = subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    try:
        yield process, said
    finally:
        family = descendants(process.pid)
        process.kill()
        process.wait()
        for member in family:
            member.kill()


def alive(family: list[Member]) -> list[Member]:
    return [member for member in family if member.is_alive]


@pytest.mark.parametrize("client", ["cups", "ipptool"])
def test_every_figure_is_right(tmp_path: Path, client: str) -> None:
    # The one with CUPS is as people run it: its database comes from nothing, too.
    environment = {name: value for name, value in os.environ.items() if client != "cups" or name != FOLDER}
    with demo(tmp_path, "--once", "--client", client, environment=environment) as (process, said):
        process.wait(180)
        text = said.read_text()
        assert process.returncode == 0, text
        assert "Every figure is right" in text
        assert "account-limit-reached" in text
        assert "€6.00" in text
        assert (tmp_path / "demo" / "printer-office" / "jobs").is_dir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_it_leaves_everything_running_until_it_is_ended_and_then_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    with demo(tmp_path, "--client", "ipptool") as (process, said):
        wait_for("the demo", lambda: READY in said.read_text() or process.poll() is not None, within_s=180)
        text = said.read_text()
        assert READY in text, text
        assert all(errand.person in text for errand in ERRANDS)
        family = descendants(process.pid)
        assert len(alive(family)) >= 4
        second = subprocess.run(
            [sys.executable, "-m", "demo", "--folder", str(tmp_path / "demo")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 1
        assert "A demo is running already" in second.stdout
        process.send_signal(number)
        process.wait(60)
        wait_for("the end of its processes", lambda: not alive(family), within_s=60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_can_be_ended_while_it_starts(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, "--client", "ipptool") as (process, said):
        wait_for("its first part", lambda: "done Starting the virtual printer" in said.read_text(), within_s=120)
        time.sleep(0.3)
        family = descendants(process.pid)
        assert family
        process.send_signal(number)
        process.wait(60)
        assert process.returncode == 0
        assert "All stopped." in said.read_text()
        assert not alive(family)


def test_a_wrong_figure_is_named() -> None:
    errand = ERRANDS[0]
    truth = errand.truth
    right = Line(
        truth.state, truth.pages, truth.sheets, truth.sides, truth.colour_sides, truth.cost, truth.balance, ""
    )
    assert differences_at_the_server(errand, right) == []
    for field in ("state", "pages", "sheets", "sides", "colour_sides", "cost", "balance"):
        values = {name: getattr(right, name) for name in Line.__slots__}
        wrong = Line(**{**values, field: "aborted" if field == "state" else values[field] + 1})
        (difference,) = differences_at_the_server(errand, wrong)
        assert difference.startswith(f"alice: {field.replace('colour_sides', 'sides in colour')} is ")
    assert differences_at_the_server(errand, None) == ["alice: the server never heard of 'Annual report'"]

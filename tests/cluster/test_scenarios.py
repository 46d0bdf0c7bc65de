"""Scenario folders, played to Pacemaker's own simulator: it, not our code, says who goes where."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cluster.story import SCENARIOS, tell


@pytest.mark.parametrize("folder", SCENARIOS, ids=[folder.name for folder in SCENARIOS])
def test_the_engine_does_what_is_expected(folder: Path, tmp_path: Path) -> None:
    log, cibs = tell(folder)
    assert log == (folder / "expect").read_text("utf-8")
    # The engine's own checker, on the cluster that runs: nothing in the configuration is wrong or doubtful.
    path = tmp_path / "cib.xml"
    path.write_text(cibs[0], "utf-8")
    checked = subprocess.run(["crm_verify", "-V", "-x", path], capture_output=True, text=True, check=False)
    if folder.name == "without-fencing":
        assert "Resource start-up disabled since no STONITH resources have been defined" in checked.stderr
    else:
        assert (checked.returncode, checked.stderr) == (0, "")


def test_the_checker_sees_what_is_wrong(tmp_path: Path) -> None:
    _, cibs = tell(next(folder for folder in SCENARIOS if folder.name == "two-hosts"))
    path = tmp_path / "cib.xml"
    path.write_text(cibs[0].replace('rsc="print1"', 'rsc="print9"').replace('with-rsc="print1"', 'with-rsc="x"'))
    assert subprocess.run(["crm_verify", "-x", path], capture_output=True, check=False).returncode != 0

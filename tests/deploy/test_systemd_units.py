"""The units: read by systemd itself where it is on the machine, and held to what the programs do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
EVERPRINT = Path(sys.executable).with_name("everprint")
INSTALLED = "/opt/everprint/bin/everprint"
# In tenths, as systemd rates: 96 is a unit without any protection, 100 the worst.
MOST_EXPOSED = 20

of_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")


def as_here(unit: Path, folder: Path) -> Path:
    """The unit with the program of this machine, which must be there."""
    text = unit.read_text("utf-8")
    assert INSTALLED in text
    here = folder / unit.name
    here.write_text(text.replace(INSTALLED, str(EVERPRINT)))
    return here


def analyze(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *argv], capture_output=True, text=True, check=False)


@of_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_has_nothing_to_say_against_it(unit: Path, tmp_path: Path) -> None:
    verified = analyze("verify", as_here(unit, tmp_path))
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    broken = as_here(unit, tmp_path)
    broken.write_text(broken.read_text().replace("Restart=always", "Restart=perhaps"))
    assert "perhaps" in analyze("verify", broken).stderr, "it is read at all"


@of_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_protected(unit: Path, tmp_path: Path) -> None:
    rated = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", as_here(unit, tmp_path))
    if "unrecognized option" in rated.stderr:
        pytest.skip("this systemd rates no files")
    assert rated.returncode == 0, rated.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_says_what_the_program_does(unit: Path) -> None:
    lines = unit.read_text("utf-8").splitlines()
    role = unit.stem.removeprefix("everprint-")
    assert "Type=notify" in lines, "it tells when it serves"
    assert any(line.startswith("WatchdogSec=") for line in lines), "it gives signs of life"
    assert f"StateDirectory=everprint/{role}" in lines, "where its settings have it by default"
    assert f"User=everprint-{role}" in lines
    assert f"u everprint-{role} " in (unit.parent / "everprint.sysusers").read_text("utf-8")

"""Units of the database layer and of backups, read by systemd itself where it is on the machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = [unit for folder in ("cluster", "database") for unit in (DEPLOY / folder).iterdir()]
EVERPRINT = Path(sys.executable).with_name("everprint")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_has_nothing_to_say_against_them(tmp_path: Path) -> None:
    for unit in (unit for unit in UNITS if unit.suffix in (".service", ".timer")):
        # Programs of this machine, which must be there; a template with what it is started with.
        text = re.sub(r"/opt/everprint/bin/\w+", str(EVERPRINT), unit.read_text("utf-8"))
        (tmp_path / unit.name.replace("@.", "@full.")).write_text(text.replace("/usr/bin/etcd", str(EVERPRINT)))
    (tmp_path / "everprint-backup@diff.service").write_text((tmp_path / "everprint-backup@full.service").read_text())
    made = sorted(tmp_path.iterdir())
    argv = ["systemd-analyze", "verify", *made]
    read = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stdout + read.stderr) == (0, "")
    with made[0].open("a") as broken:
        broken.write("[Sevrice]\n")
    assert "Sevrice" in subprocess.run(argv, capture_output=True, text=True, check=False).stderr, (
        "they are read at all"
    )

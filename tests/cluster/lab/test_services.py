"""Services on the lab's hosts, without starting any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.plan import for_the_lab
from everprint.cluster.lab.services import LENT, check_services, set_up_services, unit_files
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.drill.service_cluster import TEXT


def topology(text: str = TEXT) -> Topology:
    return for_the_lab(parse_topology(text, "t.toml"))[0]


def test_each_service_is_a_unit_that_runs_this_machines_own_everprint() -> None:
    files = unit_files(topology())
    unit, _ = files["/etc/systemd/system/everprint-server.service"]
    assert "ExecStart=/usr/lib/everprint-lab/server\n" in unit
    server, mode = files["/usr/lib/everprint-lab/server"]
    assert mode == 0o755
    assert "export EVERPRINT_SERVER_STATE_FOLDER=/srv/state/server/state\n" in server
    assert server.endswith(f"exec {sys.executable} -m everprint server run\n")
    provider, _ = files["/usr/lib/everprint-lab/print1"]
    assert "--server http://10.97.0.50:9191 --name print1" in provider
    for text in (server, provider):
        assert subprocess.run(["sh", "-n"], input=text, text=True, check=False).returncode == 0
    assert sys.prefix in files[LENT][0].splitlines()


@pytest.mark.parametrize(
    ("taken", "put", "reason"),
    [
        ('follows = "print1"', "", "no virtual address follows print1"),
        ('kind = "shared-folder"', 'kind = "local"\nhosts = ["alpha"]', "services need a shared folder"),
    ],
)
def test_services_that_the_lab_cannot_run_are_refused(taken: str, put: str, reason: str) -> None:
    check_services(topology(), Path("/"))
    with pytest.raises(LabError, match=reason):
        check_services(topology(TEXT.replace(taken, put)), Path("/"))
    with pytest.raises(LabError, match="not in /elsewhere"):
        check_services(topology(), Path("/elsewhere"))


def test_what_the_services_begin_with_is_theirs_whatever_this_machines_own_everprint_is_set_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVERPRINT_SERVER_DATABASE", f"sqlite://{tmp_path}/other.sqlite3")
    set_up_services(topology(), tmp_path, "a password of the lab")
    assert not (tmp_path / "other.sqlite3").exists()
    assert list((tmp_path / "state/server/state").glob("*.sqlite3"))
    assert (tmp_path / "state/print1/code").read_text()

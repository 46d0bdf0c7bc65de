"""What hosts tell when they are asked: here folders of this machine, reached as any others by a program."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from everprint.cluster.check.live import check_hosts
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology
from everprint.monitor.health import Level
from tests.cluster.topology.sample import FULL

# A host is a folder: what is in its bin goes before this machine's programs.
VIA = """#!/bin/sh
root=$(dirname "$0"); host=$1; shift
[ -d "$root/$host" ] || { echo "no route to $host" >&2; exit 255; }
PATH="$root/$host/bin:$PATH" exec "$@"
"""


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts = HostsVia([str(self.put("via", VIA))])
        for host in ("alpha", "beta"):
            self.put(
                f"{host}/bin/dpkg-query", "#!/bin/sh\necho corosync 3.1 installed\necho pacemaker 2.1 installed\n"
            )
            self.put(f"{host}/bin/fence_ipmilan", "#!/bin/sh\ncat >$(dirname $0)/asked\nexit 0\n")
        (folder / "images").mkdir()

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(stat.S_IRWXU)
        return path

    @property
    def topology(self) -> Topology:
        return parse_topology(FULL.replace("/srv/images", str(self.folder / "images")), "t.toml")

    def found(self) -> dict[str, tuple[Level, str]]:
        return {finding.code: (finding.level, finding.what) for finding in check_hosts(self.topology, self.hosts)}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_of_healthy_hosts_it_says_that_fencing_answers(world: World) -> None:
    findings = check_hosts(world.topology, world.hosts)
    assert [(finding.code, finding.level, finding.subject) for finding in findings] == [
        ("fencing-answers", Level.OK, "alpha"),
        ("fencing-answers", Level.OK, "beta"),
    ]
    asked = (world.folder / "beta/bin/asked").read_text().splitlines()
    assert "action=status" in asked
    assert "ip=203.0.113.11" in asked
    assert list((world.folder / "images").iterdir()) == [], "the marker is taken away"


def test_a_host_that_is_not_there_is_told_and_the_others_are_checked(world: World) -> None:
    (world.folder / "alpha").rename(world.folder / "elsewhere")
    found = world.found()
    assert found["host-unreachable"] == (Level.FAIL, "alpha cannot be reached: no route to alpha")
    assert found["fencing-answers"][0] is Level.OK


@pytest.mark.parametrize(("ahead", "level"), [(2, Level.WARN), (60, Level.FAIL)])
def test_clocks_that_are_apart_are_told(world: World, ahead: int, level: Level) -> None:
    world.put("beta/bin/date", f"#!/bin/sh\necho $(( $(/bin/date +%s) + {ahead} )).5\n")
    # A machine so busy that the answer takes longer than the difference cannot be sure, and says nothing.
    if ahead == 60:
        assert world.found()["clocks-apart"][0] is level
    else:
        assert world.found().get("clocks-apart", (level, ""))[0] is level


def test_versions_that_are_apart_are_told(world: World) -> None:
    world.put("beta/bin/dpkg-query", "#!/bin/sh\necho corosync 3.1 installed\necho pacemaker 3.0 installed\n")
    level, what = world.found()["versions-apart"]
    assert (level, what) == (Level.WARN, "pacemaker differs: alpha 2.1, beta 3.0")


def test_a_package_that_is_missing_on_one_host_is_told(world: World) -> None:
    world.put("beta/bin/dpkg-query", "#!/bin/sh\necho corosync 3.1 installed\nexit 1\n")
    level, what = world.found()["versions-apart"]
    assert (level, what) == (Level.FAIL, "pacemaker differs: alpha 2.1, beta none")


def test_a_folder_that_the_second_host_does_not_share_is_told(world: World) -> None:
    world.put("beta/bin/test", "#!/bin/sh\nexit 1\n")
    level, what = world.found()["storage-not-reached"]
    assert level is Level.FAIL
    assert "beta does not see" in what
    assert list((world.folder / "images").iterdir()) == []


def test_a_folder_that_is_not_there_is_told(world: World) -> None:
    (world.folder / "images").rmdir()
    assert "alpha cannot write" in world.found()["storage-not-reached"][1]


def test_a_silent_power_device_is_told(world: World) -> None:
    world.put("beta/bin/fence_ipmilan", "#!/bin/sh\necho 'Connection timed out' >&2\nexit 1\n")
    found = [finding for finding in check_hosts(world.topology, world.hosts) if finding.code == "fencing-silent"]
    assert [(finding.subject, finding.level) for finding in found] == [("alpha", Level.FAIL)]
    assert "does not answer beta: Connection timed out" in found[0].what


def test_a_fence_agent_that_is_not_installed_is_told(world: World) -> None:
    (world.folder / "beta/bin/fence_ipmilan").unlink()
    (world.folder / "alpha/bin/fence_ipmilan").unlink()
    world.put("via", VIA.replace(":$PATH", ":/usr/bin:/bin"))
    world.put("beta/bin/fence_ipmilan", "#!/no/such/interpreter\n")
    assert world.found()["fencing-silent"][0] is Level.FAIL

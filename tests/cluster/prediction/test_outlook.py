"""Who goes where if a host fails, as the engine says."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.prediction.outlook import if_hosts_fail
from everprint.cluster.prediction.simulator import CannotPredict, Event, simulate
from everprint.cluster.topology.reader import read_topology

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def test_without_a_failure_everything_stays() -> None:
    outlook = if_hosts_fail(read_topology(SCENARIOS / "host-lost" / "topology.toml"), ())
    assert outlook.fits
    assert all(move.before == move.after for move in outlook.moves)
    assert sum(load.memory_mib for load in outlook.loads) == 4096


def test_what_does_not_fit_is_named() -> None:
    outlook = if_hosts_fail(read_topology(SCENARIOS / "no-room" / "topology.toml"), ("alpha",))
    assert (outlook.fenced, outlook.homeless, outlook.fits) == (("alpha",), ("print3",), False)
    assert {load.name for load in outlook.loads} == {"beta", "gamma"}
    assert outlook.as_json()["fits"] is False


def test_a_minority_stops_everything() -> None:
    outlook = if_hosts_fail(read_topology(SCENARIOS / "majority-lost" / "topology.toml"), ("alpha", "beta"))
    assert outlook.homeless == ("print1", "print2")


def test_a_quorum_device_lets_one_of_two_hosts_go_on() -> None:
    outlook = if_hosts_fail(read_topology(SCENARIOS / "two-hosts" / "topology.toml"), ("beta",))
    assert outlook.fits


def test_a_configuration_that_is_none_is_an_error() -> None:
    with pytest.raises(CannotPredict):
        simulate("no CIB", Event.nothing())


def test_without_the_simulator_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("everprint.cluster.hosts.program._FOR_ROOT", str(tmp_path))
    with pytest.raises(CannotPredict, match="install the package pacemaker-cli-utils"):
        simulate("<cib/>", Event.nothing())

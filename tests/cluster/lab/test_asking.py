"""A machine that has no processor to spare keeps a lab waiting, and does not end it."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.hosts.program import ProgramHangs
from everprint.cluster.lab import laboratory
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.topology.reader import parse_topology
from rig.vm_lab import topology_text


def test_a_service_that_nobody_gets_round_to_asking_does_not_live_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_words: object, **_options: object) -> None:
        raise ProgramHangs("nsenter did not end within 60 s")

    monkeypatch.setattr(laboratory, "find_anchor", lambda _folder: 1)
    monkeypatch.setattr(laboratory, "run_program", hang)
    lab = Laboratory(tmp_path)
    assert not lab.lives(parse_topology(topology_text(), "topology.toml").vms[0])
    with pytest.raises(LabError, match="did not end within 60 s"):
        lab.states()

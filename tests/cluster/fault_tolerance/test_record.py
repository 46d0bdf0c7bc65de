"""What is kept and told of a fault-tolerant VM: the record, its condition, the trial's verdict, its definition."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from everprint.cluster.fault_tolerance.condition import Condition, Guard, read_condition, written_condition
from everprint.cluster.fault_tolerance.definition import (
    BadDefinition,
    Definition,
    read_definition,
    written_definition,
)
from everprint.cluster.fault_tolerance.machine import Machine
from everprint.cluster.fault_tolerance.record import BadRecord, Record, read_record
from everprint.cluster.fault_tolerance.verdict import (
    NotProven,
    Verdict,
    installed_version,
    require_proof,
    version_of,
    write_verdict,
)


def test_a_record_goes_through_a_vms_life() -> None:
    record = Record("a", "alpha")
    assert read_record("") is None
    assert read_record(str(record)) == record
    protected = record.with_twin("beta")
    assert str(protected) == "a@alpha b@beta"
    assert read_record(str(protected)) == protected
    assert protected.alone() == record
    after = protected.taken_over()
    assert str(after) == "b@beta"
    # Never the disk that is current.
    assert str(after.with_twin("gamma")) == "b@beta a@gamma"


@pytest.mark.parametrize("word", ["c@alpha", "a@alpha a@beta", "a@alpha b@alpha", "alpha", "a@alpha b@beta a@gamma"])
def test_a_word_that_is_no_record_is_refused(word: str) -> None:
    with pytest.raises(BadRecord, match="does not say which disk"):
        read_record(word)


@pytest.mark.parametrize(
    "condition",
    [
        Condition(Guard.PROTECTED, "beta", 1.0, 52.5, 118.0),
        Condition(Guard.RESYNCHRONISING, "beta", 0.25),
        Condition(Guard.DEGRADED, reason="no other host offers a twin"),
    ],
)
def test_a_condition_is_read_as_it_was_written(condition: Condition) -> None:
    assert read_condition(written_condition(condition)) == condition


def test_what_a_condition_costs_is_told() -> None:
    protected = Condition(Guard.PROTECTED, "beta", 1.0, 50.0, 120.0)
    assert protected.still == pytest.approx(0.1)
    assert "stands still for 10% of the time" in str(protected)
    assert read_condition('degraded - x "') is None
    assert '"' not in written_condition(Condition(Guard.DEGRADED, reason='said "no"\nand more'))


def test_only_the_qemu_that_passed_is_proven(tmp_path: Path) -> None:
    file = tmp_path / "everprint" / "verdict.json"
    with pytest.raises(NotProven, match="was never tried"):
        require_proof(file, "7.2.22 Debian", "tcg")
    write_verdict(file, Verdict("7.2.22 Debian", "tcg,thread=multi", passed=True))
    require_proof(file, "7.2.22 Debian", "tcg")
    with pytest.raises(NotProven, match=r"has 7\.2\.23 Debian with tcg"):
        require_proof(file, "7.2.23 Debian", "tcg")
    with pytest.raises(NotProven, match="with kvm"):
        require_proof(file, "7.2.22 Debian", "kvm")
    write_verdict(file, Verdict("7.2.22 Debian", "kvm", passed=False, reason="it stood still"))
    with pytest.raises(NotProven, match="failed the trial: it stood still"):
        require_proof(file, "7.2.22 Debian", "kvm")
    file.write_text("{")
    with pytest.raises(NotProven, match="cannot be read"):
        require_proof(file, "7.2.22 Debian", "kvm")


def test_qemus_version_is_said_in_one_way(tmp_path: Path) -> None:
    program = tmp_path / "qemu"
    program.write_text("#!/bin/sh\necho 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)'\n")
    program.chmod(0o755)
    monitor = {"qemu": {"major": 7, "minor": 2, "micro": 22}, "package": "Debian 1:7.2+dfsg-7"}
    assert installed_version((str(program),)) == version_of(monitor) == "7.2.22 Debian 1:7.2+dfsg-7"
    with pytest.raises(NotProven, match="does not tell its version"):
        installed_version((str(tmp_path / "none"),))


def test_a_definition_is_read_as_it_was_written(tmp_path: Path) -> None:
    machine = Machine("print1", 512, Path("/k"), None, "quiet", "52:54:00:00:00:01", system=Path("/s"))
    definition = Definition(
        machine, {"a": "/d/1", "b": "/d/2"}, 64, True, "br0", 20000, {"alpha": "192.0.2.1"}, "alpha"
    )
    file = tmp_path / "print1.json"
    file.write_text(written_definition(definition))
    assert read_definition(file) == definition
    place = definition.place("alpha", "b", tmp_path)
    assert (place.disk, place.tap) == (Path("/d/2"), "ft525400000001")
    assert len(place.tap) < 16  # an interface's longest name
    for text in ("{", "{}", written_definition(dataclasses.replace(definition)).replace("memory_mib", "memory")):
        file.write_text(text)
        with pytest.raises(BadDefinition):
            read_definition(file)

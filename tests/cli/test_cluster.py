"""`everprint cluster check` and `plan`, as people and scripts call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from everprint.cli.main import everprint_command

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "deploy" / "topologies" / "mode-1-and-2.toml")
NO_ROOM = str(ROOT / "tests" / "cluster" / "scenarios" / "no-room" / "topology.toml")


def run(*words: str) -> Result:
    return CliRunner().invoke(everprint_command, ["cluster", *words])


def test_a_good_topology_has_nothing_to_mend() -> None:
    result = run("check", SAMPLE)
    assert (result.exit_code, result.output) == (0, "0 to mend, 0 warnings.\n")


def test_findings_say_where_what_why_and_what_to_do() -> None:
    result = run("check", NO_ROOM)
    assert result.exit_code == 1
    assert f"{NO_ROOM}:" in result.output
    assert "[no-room]" in result.output
    assert "Why it matters: " in result.output
    assert "What to do: " in result.output


def test_findings_are_told_to_programs() -> None:
    report = json.loads(run("check", NO_ROOM, "--json").output)
    assert report["status"] == "fail"
    assert {"no-room", "one-link"} <= {finding["code"] for finding in report["findings"]}


def test_mistakes_end_with_2_and_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('name = "X"\nmodes = [9]\n')
    result = run("check", str(path))
    assert result.exit_code == 2
    assert f"{path}:1: 'X' cannot be a name" in result.output
    assert f"{path}:2: modes cannot be [9]; write [1], [2] or [1, 2]" in result.output


def test_hosts_are_asked_by_the_named_program() -> None:
    result = run("check", SAMPLE, "--via", "sh -c 'echo far away >&2; exit 255'")
    assert result.exit_code == 1
    assert "alpha cannot be reached: far away [host-unreachable]" in result.output
    assert run("check", SAMPLE, "--via", "'").exit_code == 2
    assert run("check", SAMPLE, "--via", "").exit_code == 2


@pytest.mark.parametrize(
    "words",
    [["--authority", SAMPLE], ["--free"], ["--queue", "ipp://p/ipp/print/q"], ["--token-file", SAMPLE], ["--yes"]],
)
def test_what_only_a_drill_on_real_hosts_heeds_is_not_left_unheeded_in_the_lab(words: list[str]) -> None:
    result = run("drill", "host", *words)
    assert result.exit_code == 2
    assert f"{words[0]} goes with --live" in result.output


def test_a_plan_says_who_goes_where() -> None:
    result = run("plan", SAMPLE, "--if-fails", "alpha")
    assert result.exit_code == 0, result.output
    assert "alpha would be fenced first" in result.output
    assert "Everything runs." in result.output
    now = json.loads(run("plan", SAMPLE, "--json").output)
    assert {move["name"] for move in now["moves"]} == {"server", "print1", "print2"}
    assert now["fits"] is True


def test_a_plan_that_does_not_fit_ends_with_1() -> None:
    result = run("plan", NO_ROOM, "--if-fails", "alpha")
    assert result.exit_code == 1
    assert "These would run nowhere: print3." in result.output


def test_a_plan_writes_what_it_was_made_of(tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    assert run("plan", SAMPLE, "--output", str(folder)).exit_code == 0
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == {"cib.xml", "corosync.conf", "domains/print1.xml", "domains/print2.xml", "domains/server.xml"}


def test_hosts_that_are_not_there_and_hypervisors_cannot_be_planned() -> None:
    assert "there is no host delta; known: alpha, beta, gamma" in run("plan", SAMPLE, "--if-fails", "delta").output
    hypervisor = str(ROOT / "deploy" / "topologies" / "hypervisor.toml")
    assert run("plan", hypervisor).exit_code == 1
    assert run("check", hypervisor, "--live").exit_code == 2
    assert run("check", hypervisor).exit_code == 0

"""Commands at hosts: input, outputs and endings come through whole, and not reaching a host is told apart."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.hosts.program import ProgramHangs, ProgramMissing, run_program
from everprint.cluster.hosts.ssh import SshHosts
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.reader import parse_topology
from tests.cluster.topology.sample import FULL


def test_input_outputs_and_ending_come_through() -> None:
    answer = run_program(["sh", "-c", "cat; echo no >&2; exit 3"], stdin=b"yes\n", timeout_s=60)
    assert (answer.code, answer.output, answer.errors, answer.is_well) == (3, "yes\n", "no\n", False)
    assert answer.complaint == "no"


def test_a_program_that_is_missing_or_hangs_is_told_apart() -> None:
    with pytest.raises(ProgramMissing, match="no-such-program is not installed here"):
        run_program(["no-such-program"], timeout_s=60)
    with pytest.raises(ProgramHangs, match="did not end within"):
        run_program(["sleep", "600"], timeout_s=0.2)


def test_the_engines_programs_are_found_by_who_is_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert run_program(["crm_simulate", "--version"], timeout_s=60).is_well


def test_a_host_that_is_not_reached_is_no_answer() -> None:
    assert HostsVia(["env", "-S"]).run("true", []).is_well
    with pytest.raises(HostUnreachable, match="alpha cannot be reached: gone"):
        HostsVia(["sh", "-c", "echo gone >&2; exit 255"]).run("alpha", ["true"])
    with pytest.raises(HostUnreachable, match="is not installed here"):
        HostsVia(["no-such-program"]).run("alpha", ["true"])


# Does with the last argument what sshd does: gives it to a shell.
SSH = """#!/bin/sh
for last; do :; done
echo "$@" >"$(dirname "$0")/called"
[ -e "$(dirname "$0")/down" ] && { echo "Connection refused" >&2; exit 255; }
exec sh -c "$last"
"""


def test_ssh_passes_each_argument_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ssh").write_text(SSH)
    (tmp_path / "sudo").write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    for name in ("ssh", "sudo"):
        (tmp_path / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    hosts = SshHosts(parse_topology(FULL, "t"))
    words = ["a b", "$HOME", "'", "*", ""]
    assert hosts.run("beta", ["printf", "[%s]", *words]).output == "".join(f"[{word}]" for word in words)
    called = (tmp_path / "called").read_text()
    assert "-l root 192.0.2.12" in called
    assert "BatchMode=yes" in called
    assert hosts.run("alpha", ["echo", "x y"]).output == "x y\n", "by sudo, as that login is not root's"
    assert "sudo -n --" in (tmp_path / "called").read_text()
    (tmp_path / "down").touch()
    with pytest.raises(HostUnreachable, match="alpha cannot be reached: Connection refused"):
        hosts.run("alpha", ["true"])

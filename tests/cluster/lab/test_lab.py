"""The lab itself: real Corosync, Pacemaker and fence agents on three hosts, to which `apply` applies a topology."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from everprint.cluster.compilation.domain import console_log
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.changes import plan_changes
from everprint.cluster.live.drain import drain, undrain
from everprint.cluster.live.status import NoCluster
from everprint.cluster.standing.overview import ask_overview
from rig.waiting import wait_for
from tests.cluster.namespaces import need_namespaces


@pytest.fixture(scope="module", autouse=True)
def namespaces(tmp_path_factory: pytest.TempPathFactory) -> None:
    need_namespaces(tmp_path_factory.mktemp("probe"))


ADDRESS = "10.98.0.50"
VM = "print1"
FURTHER = "/usr/lib/everprint-lab/further"
LONG_S = 240.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    laboratory = Laboratory(tmp_path_factory.mktemp("lab") / "cluster")
    text = resources.files("everprint.cluster.lab").joinpath("rehearsal.toml").read_text("utf-8")
    laboratory.up(text, print, further={FURTHER: (b"#!/bin/sh\necho here\n", 0o750)})
    yield laboratory
    laboratory.down()
    assert not laboratory.folder.exists()
    assert processes_of(laboratory.folder) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and process.name != str(os.getpid()):
            try:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if os.fsencode(folder) in words:
                found.append(words.decode("utf-8", "replace"))
    return found


def home(lab: Laboratory, name: str = "print-address") -> str:
    """Where the engine has started the address, or a VM; empty: nowhere, or nobody tells."""
    try:
        found = [one.host for one in lab.status().resources if one.name == name and one.state == "started"]
    except NoCluster:
        return ""
    return found[0] if found else ""


def state(lab: Laboratory, host: str) -> str:
    try:
        return next(each.state for each in lab.status().hosts if each.name == host)
    except NoCluster:
        return ""


# A host that has the address refuses the connection; if nobody has it, nobody answers.
ASK = """import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=2)
except ConnectionRefusedError:
    sys.exit(0)
except OSError:
    sys.exit(1)
"""


def answers(lab: Laboratory) -> bool:
    argv = lab.beside([sys.executable, "-IS", "-c", ASK, ADDRESS])
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0


def domains(lab: Laboratory, host: str) -> list[str]:
    """What libvirt runs there; nothing if it is off."""
    try:
        return lab.run(host, ["virsh", "--quiet", "list", "--name"]).output.split()
    except HostUnreachable:
        return []


def hosts_of_the_vm(lab: Laboratory) -> list[str]:
    return [host.name for host in lab.plan().hosts if VM in domains(lab, host.name)]


def come_back(lab: Laboratory, host: str) -> None:
    lab.do("on", host)
    wait_for(f"{host} to join again", lambda: state(lab, host) == "online", within_s=LONG_S)


def test_what_was_applied_is_so_and_the_address_answers(lab: Laboratory) -> None:
    assert plan_changes(lab.topology(), lab) == []
    assert {host.state for host in lab.status().hosts} == {"online"}
    wait_for("the address", lambda: answers(lab), within_s=LONG_S)


def test_a_console_is_shown_wherever_its_vm_runs(lab: Laboratory) -> None:
    def shown(vm: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "everprint", "cluster", "lab", "console", "--folder", str(lab.folder), vm]
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    for host in lab.plan().hosts:
        words = "the last words" if host.name == home(lab, VM) else "of another host"
        lab.run(host.name, ["sh", "-c", f'echo "{words}" >>"$0"', console_log(VM)])
    assert shown(VM).stdout.endswith("the last words\n")
    assert f"no VM other; it has {VM}" in shown("other").stderr


def test_each_host_has_the_further_files_that_were_given(lab: Laboratory) -> None:
    for host in lab.plan().hosts:
        answer = lab.run(host.name, [FURTHER])
        assert (answer.is_well, answer.output) == (True, "here\n")


def test_a_vm_moves_live_from_a_host_that_is_drained(lab: Laboratory) -> None:
    before = home(lab, VM)
    assert hosts_of_the_vm(lab) == [before]
    drain(lab.topology(), lab, before, within_s=LONG_S, tell=print)
    wait_for("the VM to run elsewhere", lambda: home(lab, VM) not in ("", before), within_s=LONG_S)
    after = home(lab, VM)
    assert hosts_of_the_vm(lab) == [after]
    moved = lab.run(after, ["virsh", "domjobinfo", VM, "--completed"])
    assert "Incoming migration" in moved.output, moved.output + moved.complaint
    undrain(lab.topology(), lab, before)
    wait_for(f"{before} to take part again", lambda: state(lab, before) == "online", within_s=LONG_S)
    assert home(lab, VM) == after, "nothing goes back by itself"


def test_a_host_loses_its_power_and_its_vm_is_started_elsewhere(lab: Laboratory) -> None:
    lost = home(lab, VM)
    lab.do("off", lost)
    wait_for("the VM to run elsewhere", lambda: home(lab, VM) not in ("", lost), within_s=LONG_S)
    assert hosts_of_the_vm(lab) == [home(lab, VM)]
    (vm,) = (one for one in ask_overview(lab.topology(), lab).vms if one.name == VM)
    assert vm.last_fail_over is not None
    told = (vm.last_fail_over.source, vm.last_fail_over.target, vm.last_fail_over.why)
    assert told == (lost, home(lab, VM), f"{lost} was fenced")
    come_back(lab, lost)


def test_nothing_starts_elsewhere_while_nobody_can_say_that_the_host_is_off(lab: Laboratory) -> None:
    lost = home(lab)
    lab.do("bmc-off", lost)
    lab.do("off", lost)
    wait_for("the engine to miss it", lambda: state(lab, lost) == "lost", within_s=LONG_S)
    other = next(host.name for host in lab.plan().hosts if host.name != lost)
    history = ["crm_mon", "--one-shot", "--fence-history=3", "--output-as=xml"]
    asked = re.compile(rf'<fence_event [^>]*target="{lost}"')
    wait_for("the engine to ask the BMC", lambda: asked.search(lab.run(other, history).output), within_s=LONG_S)
    assert home(lab) in ("", lost)
    assert not answers(lab)
    lab.do("bmc-on", lost)
    wait_for("another host to have the address", lambda: home(lab) not in ("", lost), within_s=LONG_S)
    wait_for("the address", lambda: answers(lab), within_s=LONG_S)
    come_back(lab, lost)


def test_a_host_that_stands_still_is_switched_off_and_cannot_go_on(lab: Laboratory) -> None:
    still = home(lab)
    lab.do("freeze", still)
    wait_for("another host to have the address", lambda: home(lab) not in ("", still), within_s=LONG_S)
    wait_for("the address", lambda: answers(lab), within_s=LONG_S)
    with pytest.raises(LabError, match=f"{still} is off"):
        lab.do("thaw", still)
    with pytest.raises(HostUnreachable, match="is off"):
        lab.run(still, ["true"])


def test_a_second_lab_in_the_folder_is_refused_and_harms_nothing(lab: Laboratory) -> None:
    with pytest.raises(LabError, match="a lab runs in"):
        lab.up((lab.folder / "topology.toml").read_text(), print)
    assert home(lab)


def test_no_host_can_reach_the_machines_magic_keys(lab: Laboratory) -> None:
    """An engine that panics writes there, and would reboot the machine that all hosts share."""
    hidden = "test ! -e /proc/sysrq-trigger || test -c /proc/sysrq-trigger"
    assert lab.run(home(lab), ["sh", "-c", hidden]).is_well


def test_down_ends_a_lab_whose_up_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    argv = [sys.executable, "-m", "everprint", "cluster", "lab", "up", "--folder", str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as up:
        wait_for("a host to run", lambda: (folder / "hosts/alpha/first-process").exists(), within_s=LONG_S)
        up.send_signal(signal.SIGKILL)
    assert processes_of(folder) != []
    Laboratory(folder).down()
    wait_for("all to end", lambda: processes_of(folder) == [], within_s=LONG_S)
    assert not folder.exists()

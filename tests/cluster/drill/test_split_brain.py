"""Whatever is cut, stands still or refuses, no VM ever runs twice: its own disk is asked.

The VM does nothing but count on its disk (`rig.run_witness`). What takes longer is for `make lab-test`
(EVERPRINT_DRILLS).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.laboratory import Laboratory
from everprint.cluster.live.status import NoCluster
from everprint.monitor.health import Level
from rig.run_witness import Run, make_witness, overlaps, read_runs
from rig.tiny_guest import GuestImpossible
from rig.waiting import wait_for
from tests.cluster.namespaces import need_namespaces

VM = "witness"
LONG_S = 240.0
thorough = pytest.mark.skipif("EVERPRINT_DRILLS" not in os.environ, reason="of make lab-test")

_HOST = """
[[hosts]]
name = "{name}"
address = "10.95.0.{number}"
second_address = "10.96.0.{number}"
memory = "8 GiB"
cores = 2
[[hosts.fencing]]
agent = "fence_ipmilan"
address = "10.95.0.254"
port = 902{number}
user = "fence"
password_script = "/etc/everprint/bmc-password"
options = {{ lanplus = "1", cipher = "3", power_wait = "0", power_timeout = "5" }}
"""
TEXT = (
    'name = "split"\nmodes = [1]\n[timing]\ntoken = "1 s"\nmonitor = "2 s"\nfailures_before_move = 20\n'
    + "".join(_HOST.format(name=name, number=number) for number, name in enumerate(("alpha", "beta", "gamma"), 1))
    + f"""
[[networks]]
name = "people"
bridge = "br0"
addresses = "10.95.0.0/24"
gateway = "10.95.0.254"
[[storage]]
name = "images"
kind = "shared-folder"
path = "/srv/images"
[[vms]]
name = "{VM}"
role = "print-server"
memory = "96 MiB"
cores = 1
disk = "64 MiB"
storage = "images"
network = "people"
address = "10.95.0.51"
protection = "ha"
reports_to = "https://print.example"
"""
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    need_namespaces(tmp_path_factory.mktemp("probe"))
    image = tmp_path_factory.mktemp("image")
    try:
        make_witness(image)
    except GuestImpossible as error:
        pytest.skip(str(error))
    laboratory = Laboratory(tmp_path_factory.mktemp("split") / "cluster")
    laboratory.up(TEXT, print, image=image)
    yield laboratory
    laboratory.down()


@pytest.fixture(autouse=True)
def nothing_ran_twice(lab: Laboratory) -> Iterator[None]:
    """Each test begins with a whole cluster and a VM that counts, and what it did is looked for on the VM's disk."""
    wait_for("the VM to count", lambda: counts(lab), within_s=LONG_S)
    yield
    for host in lab.plan().hosts:
        for verb in ("bmc-obey", "bmc-on", "plug", "on"):
            lab.do(verb, host.name)
    everybody = {host.name for host in lab.plan().hosts}
    wait_for("all hosts to join", lambda: hosts_that_are(lab, "online") == everybody, within_s=LONG_S)
    wait_for("the VM to count", lambda: counts(lab), within_s=LONG_S)
    runs = read(lab)
    assert overlaps(runs) == []
    assert len(runs) <= started(lab), "each run was started by a host"


def read(lab: Laboratory) -> list[Run]:
    return read_runs(lab.folder / "storage" / "images" / f"{VM}.qcow2")


def counts(lab: Laboratory) -> bool:
    """Has the newest run counted at all?"""
    runs = read(lab)
    return bool(runs) and runs[-1].count > 2 and bool(home(lab))


def started(lab: Laboratory) -> int:
    """How often hosts started it, by their own records: libvirt's log of each."""
    logs = (lab.folder / "hosts").glob(f"*/upper/var/log/libvirt/qemu/{VM}.log")
    return sum(log.read_text("utf-8", "replace").count(": starting up libvirt") for log in logs)


def home(lab: Laboratory) -> str:
    try:
        found = [one.host for one in lab.status().resources if one.name == VM and one.state == "started"]
    except NoCluster:
        return ""
    return found[0] if found else ""


def hosts_that_are(lab: Laboratory, state: str) -> set[str]:
    try:
        return {host.name for host in lab.status().hosts if host.state == state}
    except NoCluster:
        return set()


def runs_elsewhere(lab: Laboratory, before: str, runs: int) -> None:
    wait_for("the VM to run elsewhere", lambda: home(lab) not in ("", before), within_s=LONG_S)
    wait_for("the new run to count", lambda: len(read(lab)) > runs and counts(lab), within_s=LONG_S)


def test_a_host_that_lost_one_of_two_links_goes_on_and_one_that_lost_both_is_fenced(lab: Laboratory) -> None:
    before, runs = home(lab), read(lab)
    lab.do("unplug", before, "0")
    other = next(host.name for host in lab.plan().hosts if host.name != before)
    missed = ["sh", "-c", "corosync-cfgtool -s | grep -A4 '^LINK ID 0' | grep -q disconnected"]
    wait_for("corosync to miss the link", lambda: lab.run(other, missed).is_well, within_s=LONG_S)
    wait_for("the VM to go on", lambda: read(lab)[-1].count > runs[-1].count + 10, within_s=LONG_S)
    assert (home(lab), len(read(lab))) == (before, len(runs))
    assert hosts_that_are(lab, "online") == {host.name for host in lab.plan().hosts}
    lab.do("unplug", before, "1")
    runs_elsewhere(lab, before, len(runs))


def test_a_host_that_stands_still_writes_nothing_more_and_cannot_go_on(lab: Laboratory) -> None:
    before, runs = home(lab), len(read(lab))
    lab.do("freeze", before)
    frozen = read(lab)[-1]
    runs_elsewhere(lab, before, runs)
    with pytest.raises(LabError, match=f"{before} is off"):
        lab.do("thaw", before)
    assert read(lab)[runs - 1].count == frozen.count, "it never wrote again"


@thorough
def test_while_fencing_is_refused_nothing_is_started_elsewhere_and_people_are_told(lab: Laboratory) -> None:
    before, runs = home(lab), read(lab)
    lab.do("bmc-refuse", before)
    lab.do("unplug", before)
    wait_for("the engine to miss it", lambda: hosts_that_are(lab, "lost") == {before}, within_s=LONG_S)
    other = next(host.name for host in lab.plan().hosts if host.name != before)
    history = ["crm_mon", "--one-shot", "--fence-history=3", "--output-as=xml"]
    refused = re.compile(
        rf'<fence_event [^>]*status="failed"[^>]*target="{before}"|target="{before}"[^>]*status="failed"'
    )
    wait_for("fencing to fail", lambda: refused.search(lab.run(other, history).output), within_s=LONG_S)
    assert lab.status().level is Level.FAIL, "`everprint cluster status` says so"
    assert len(read(lab)) == len(runs), "the cut-off host's own run is the only one"
    lab.do("bmc-obey", before)
    runs_elsewhere(lab, before, len(runs))


@thorough
def test_a_bmc_that_lost_its_power_with_its_host_lets_nothing_start_until_somebody_looks(lab: Laboratory) -> None:
    before, runs = home(lab), len(read(lab))
    lab.do("bmc-off", before)
    lab.do("off", before)
    wait_for("the engine to miss it", lambda: hosts_that_are(lab, "lost") == {before}, within_s=LONG_S)
    other = next(host.name for host in lab.plan().hosts if host.name != before)
    history = ["crm_mon", "--one-shot", "--fence-history=3", "--output-as=xml"]
    failed = re.compile(
        rf'<fence_event [^>]*target="{before}"[^>]*status="failed"|status="failed"[^>]*target="{before}"'
    )
    wait_for("fencing to fail", lambda: failed.search(lab.run(other, history).output), within_s=LONG_S)
    assert len(read(lab)) == runs
    lab.do("bmc-on", before)
    runs_elsewhere(lab, before, runs)


@thorough
def test_the_engine_of_a_host_is_killed_and_its_vm_with_the_host(lab: Laboratory) -> None:
    before, runs = home(lab), len(read(lab))
    assert lab.run(before, ["pkill", "-KILL", "-x", "corosync|pacemakerd|pacemaker-.*"]).is_well
    runs_elsewhere(lab, before, runs)

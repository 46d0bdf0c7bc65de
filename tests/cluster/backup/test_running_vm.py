"""Backups of a VM that runs: a real QEMU guest under a libvirt of its own, with real restic, from end to end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.tiny_guest import GuestImpossible
from rig.waiting import wait_for
from tests.cluster.backup.guest_world import LEDGER, GuestWorld, files_of
from tests.cluster.hypervisor import Hypervisor

# Short: libvirt puts it into the path of a socket, which has at most 107 octets.
VM = f"vm{os.getpid()}"
GROW = "head -c 2000000 /dev/urandom >/data/{0}; echo {0} >>/data/ledger; echo {1} >/data/lines; sync"


@pytest.fixture(scope="module")
def running_vm() -> Iterator[GuestWorld]:
    folder = Path(tempfile.mkdtemp(prefix="evp-"))
    hypervisor = Hypervisor(folder)
    try:
        hypervisor.wait()
        made = GuestWorld(hypervisor, VM)
        made.start()
        yield made
    except GuestImpossible as error:
        pytest.skip(f"no guest can be made here: {error}")
    finally:
        hypervisor.end()
        shutil.rmtree(folder)


@pytest.fixture
def world(running_vm: GuestWorld) -> GuestWorld:
    """The running VM and an empty target."""
    running_vm.fresh_target()
    if running_vm.agent("guest-ping") is None:  # a test before this one cut its power
        running_vm.power_cut()
        running_vm.start()
    running_vm.in_guest("rm -f /data/one /data/two; head -n 500 /data/ledger >/data/l; mv /data/l /data/ledger; sync")
    running_vm.in_guest("echo 500 >/data/lines; sync")
    return running_vm


def test_points_are_taken_proven_and_brought_back_while_the_vm_runs(world: GuestWorld, tmp_path: Path) -> None:
    first = world.take()
    assert (first["kind"], first["consistency"]) == ("full", "quiesced")
    world.in_guest(GROW.format("one", 501))
    second = world.take()
    assert (second["kind"], second["consistency"]) == ("incremental", "quiesced")
    assert 2_000_000 < int(str(second["octets"])) < 3_500_000, "what was written, and little else"
    assert int(str(second["added"])) < 3_500_000, "the images were stored once"
    assert not world.is_frozen()
    assert world.left_in_scratch() == []
    assert world.checkpoints() == [second["point"]], "older ones cost the guest work"
    world.in_guest(GROW.format("two", 502))

    listed = world.must("list")
    assert str(first["point"]) in listed
    assert f"{VM}-" in listed
    proven = world.must("verify")
    assert f"{second['point']}: good. quiesced; every digest of 2 points is right; the copy was ready after" in proven
    assert "the ledger is right" in proven

    refused = world.everprint("restore", VM, "--in-place")
    assert refused.exit_code == 1
    assert f"{VM} runs on alpha. Its disk is not replaced under it" in refused.output

    into = world.folder / "restored"
    world.must("restore", VM, "--into", str(into))
    found = files_of(into / f"{VM}.qcow2", tmp_path, "ledger", "lines")
    assert found == {"ledger": LEDGER + "one\n", "lines": "501\n"}
    assert f"{into}/{VM}.qcow2" in (into / "domain.xml").read_text()
    again = world.everprint("restore", VM, "--into", str(into))
    assert "is not empty: nothing is ever overwritten" in again.output

    files = world.folder / "files"
    world.must("restore", VM, "--point", str(first["point"]), "--file", "/ledger", "--into", str(files))
    assert (files / "ledger").read_text() == LEDGER


def test_an_interrupted_backup_leaves_no_half_point_and_the_next_goes_on(world: GuestWorld, tmp_path: Path) -> None:
    first = world.take()
    world.in_guest(GROW.format("one", 501))
    (world.folder / "slow").touch()
    marker = world.folder / "slow-now"
    world.folder.chmod(0o777)
    argv = [sys.executable, "-m", "everprint", "cluster", "backup", "take", str(world.file), "--via", str(world.via)]
    killed = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for("the point to be on its way to the target", marker.exists, within_s=120)
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait(30)
        (world.folder / "slow").unlink()
        marker.unlink(missing_ok=True)
    assert len(world.checkpoints()) == 2
    # As if it had been killed a moment sooner.
    world.hypervisor.virsh("domfsfreeze", VM)
    next_one = world.take()
    assert (next_one["kind"], next_one["consistency"]) == ("incremental", "quiesced")
    assert "was thawed" in str(next_one["notes"])
    assert not world.is_frozen()
    assert world.left_in_scratch() == []
    assert world.checkpoints() == [next_one["point"]]
    assert world.must("list").count(f"{VM}-") == 3, "two points, and the name of one as the other's base"
    into = world.folder / "after-interruption"
    world.must("restore", VM, "--into", str(into))
    assert files_of(into / f"{VM}.qcow2", tmp_path, "ledger") == {"ledger": LEDGER + "one\n"}
    assert str(first["point"]) in world.must("list")


def test_a_damaged_block_is_named_and_other_points_stay_good(world: GuestWorld) -> None:
    packs = world.folder / "target" / "data"
    first = world.take()
    before = set(packs.rglob("*"))
    world.in_guest(GROW.format("one", 501))
    second = world.take()
    largest = max(
        (path for path in set(packs.rglob("*")) - before if path.is_file()), key=lambda path: path.stat().st_size
    )
    octets = bytearray(largest.read_bytes())
    octets[len(octets) // 2] ^= 0xFF
    largest.chmod(0o600)
    largest.write_bytes(octets)
    found = world.everprint("verify", "--all", "--no-boot")
    assert found.exit_code == 1
    assert f"{first['point']}: good." in found.output
    assert f"{second['point']}: NOT GOOD. {second['point']}: " in found.output
    assert "/vda.qcow2" in found.output
    refused = world.everprint("restore", VM, "--into", str(world.folder / "from-damage"))
    assert refused.exit_code == 1


def test_what_is_wrong_with_the_target_is_said_before_the_guest_stands_still(world: GuestWorld) -> None:
    password, target = world.folder / "password", world.folder / "target"
    right = password.read_text()
    password.write_text("another\n")
    wrong = world.everprint("take")
    password.write_text(right)
    assert wrong.exit_code == 1
    assert "the password does not open these backups" in wrong.output
    gone = target.rename(world.folder / "elsewhere")
    away = world.everprint("take")
    assert "there are no backups at the target: is it mounted?" in away.output
    assert not target.exists(), "no new repository is made in an empty mount point"
    gone.rename(target)
    text = world.file.read_text()
    world.file.write_text(text.replace('within = "4 min"', 'within = "6 s"'))
    (world.folder / "slow").touch()
    try:
        slow = world.everprint("take")
    finally:
        (world.folder / "slow").unlink()
        world.file.write_text(text)
    assert slow.exit_code == 1
    assert "The point was given up" in slow.output
    assert (world.checkpoints(), world.left_in_scratch(), world.is_frozen()) == ([], [], False)
    assert world.take()["kind"] == "full"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_a_full_target_leaves_no_half_point(world: GuestWorld) -> None:
    target = world.folder / "target"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "small", target], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.decode()}")
    try:
        shutil.copytree(world.folder / "empty-target", target, dirs_exist_ok=True)
        for path in (target, *target.rglob("*")):
            os.chown(path, 65534, 65534)
        full = world.everprint("take")
        assert full.exit_code == 1
        assert "the target is full" in full.output
        assert (world.checkpoints(), world.left_in_scratch()) == ([], [])
        assert "0 points" in world.must("prune", "--dry-run")
    finally:
        subprocess.run(["umount", target], check=True)


def test_after_a_power_cut_without_an_agent_the_next_is_full_and_says_so_loudly(
    world: GuestWorld, tmp_path: Path
) -> None:
    world.take()
    world.in_guest(GROW.format("one", 501))
    world.power_cut()
    world.start(agent=False)
    after = world.take()
    assert (after["kind"], after["consistency"], after["frozen_ms"]) == ("full", "crash-consistent", 0)
    notes = str(after["notes"])
    assert "full: what was written since" in notes
    assert "crash-consistent, as after a power cut" in notes
    world.power_cut()
    refused = world.everprint("take")
    assert "runs on no host that answers" in refused.output
    before = world.disk.read_bytes()
    said = world.must("restore", VM, "--in-place")
    (kept,) = [Path(line.partition(": ")[2]) for line in said.splitlines() if line.startswith("Kept")]
    assert kept.read_bytes() == before
    assert files_of(world.disk, tmp_path, "ledger") == {"ledger": LEDGER + "one\n"}

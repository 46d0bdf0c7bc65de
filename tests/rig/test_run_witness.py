"""The witness finds a run that was doubled and accuses nobody else: real guests, one after the other, or at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from rig.run_witness import (
    BLOCK,
    DISK_OCTETS,
    SLOT_BLOCKS,
    NoWitness,
    Run,
    make_witness,
    overlaps,
    read_runs,
    runs_in,
)
from rig.tiny_guest import GuestImpossible
from rig.waiting import wait_for

LONG_S = 180.0


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("witness")
    try:
        make_witness(folder, "vda")
    except GuestImpossible as error:
        pytest.skip(str(error))
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    path = tmp_path / "disk.raw"
    path.write_bytes(bytes(DISK_OCTETS))
    return path


@contextmanager
def running(image: Path, disk: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A guest on a disk that QEMU does not lock, as on a storage that cannot: whoever comes can write."""
    drive = f"file.driver=file,file.filename={disk},file.locking=off,driver=raw,if=virtio,cache.direct=off"
    argv = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "96", "-nodefaults"]
    argv += ["-display", "none", "-kernel", str(image / "vmlinux"), "-initrd", str(image / "initrd")]
    argv += ["-append", "quiet mitigations=off tsc=unstable", "-drive", drive]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def counted(disk: Path, slot: int) -> int:
    return next((run.count for run in read_runs(disk, "raw") if run.slot == slot), 0)


def test_runs_one_after_the_other_are_no_overlap_and_two_at_once_are_one(image: Path, disk: Path) -> None:
    with running(image, disk):
        wait_for("a run to count", lambda: counted(disk, 0) > 3, within_s=LONG_S)
    first = counted(disk, 0)
    with ExitStack() as stack:
        stack.enter_context(running(image, disk))
        wait_for("a second run to count", lambda: counted(disk, 1) > 3, within_s=LONG_S)
        runs = read_runs(disk, "raw")
        assert [run.before for run in runs] == [0, first]
        assert overlaps(runs) == []
        stack.enter_context(running(image, disk))
        wait_for("a third run beside it to count", lambda: counted(disk, 2) > 3, within_s=LONG_S)
        seen = read_runs(disk, "raw")[2].before
        wait_for("the second run to go on", lambda: counted(disk, 1) > seen, within_s=LONG_S)
    (found,) = overlaps(read_runs(disk, "raw"))
    assert f"had counted to {seen} when" in found


def test_two_that_take_one_slot_are_found() -> None:
    assert overlaps([Run(0, "a", 5, 0, ("a", "b"))]) == ["slot 0 was taken by a and by b"]
    assert overlaps([Run(0, "a", 0, 0, ())]) == [], "ended before its claim"
    assert overlaps([Run(0, "a", 5, 0, ("a",)), Run(1, "b", 9, 5, ("b",))]) == []


def test_a_disk_of_somebody_else_is_said() -> None:
    assert runs_in(bytes(DISK_OCTETS)) == []
    with pytest.raises(NoWitness, match="slot 0 has 'no run'"):
        runs_in(b"no run".ljust(BLOCK * SLOT_BLOCKS, b"\0"))

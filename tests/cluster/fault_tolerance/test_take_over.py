"""Two real QEMU processes in lock-step: what this machine's QEMU does unaided, and what it does once cured."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from everprint.cluster.fault_tolerance.self_test.network import TrialNotPossible, network
from everprint.cluster.fault_tolerance.self_test.trial import TrialFailed, try_take_over
from everprint.cluster.image import cpio
from rig.debian_kernel import MODULES, NoKernel, debian_kernel

QEMU = "qemu-system-x86_64"
# From which release COLO works in emulation without help.
WHOLE = 11
SHIM = Path(__file__).parents[3] / "rig" / "tcg_shim.c"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the trial takes of a VM image: a kernel, and an initrd with its drivers and busybox."""
    if os.geteuid() != 0:
        pytest.skip("only root can make the trial's networks")
    try:
        with network():
            kernel = debian_kernel()
    except (TrialNotPossible, NoKernel) as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("image")
    shutil.copyfile(kernel / "vmlinuz", folder / "vmlinux")
    members = [cpio.folder(path) for path in ("bin", "dev", "lib", "lib/modules", "proc")]
    members += [
        cpio.file("bin/busybox", Path("/bin/busybox").read_bytes(), program=True),
        cpio.link("bin/sh", "busybox"),
    ]
    members += [cpio.file(f"lib/modules/{name}.ko", (kernel / f"modules/{name}.ko").read_bytes()) for name in MODULES]
    members += [cpio.file("lib/modules/qemu", "".join(f"{name}.ko\n" for name in MODULES).encode())]
    (folder / "initrd").write_bytes(cpio.archive(members))
    return folder


def release() -> int:
    said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version (\d+)\.", said)
    assert found
    return int(found[1])


def test_connection_and_disk_live_through_the_loss_of_either_host(image: Path, tmp_path: Path) -> None:
    shim = tmp_path / "shim.so"
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
    cured = ("env", f"LD_PRELOAD={shim}", QEMU) if release() < WHOLE else (QEMU,)
    report = asyncio.run(try_take_over(image, print, qemu=cured))
    assert report.answers > 80 and len(report.checkpoint_ms) > 4
    assert 0 < report.gap_s < 60 and 0 < report.alone_gap_s < 60
    assert not list(Path("/run/netns").glob(f"ft{os.getpid()}*"))


def test_a_qemu_that_cannot_is_found_out(image: Path, tmp_path: Path) -> None:
    # Its secondary ends as it starts. (At which checkpoint one without the cure stands still is chance.)
    wrapper = tmp_path / "qemu"
    ends = 'case "$*" in *-incoming*) echo no twin >&2; exit 1;; esac'
    wrapper.write_text(f'#!/bin/sh\n{ends}\nexec {QEMU} "$@"\n')
    wrapper.chmod(0o755)
    with pytest.raises(TrialFailed, match=r"its protection: .*made no monitor.*host b: no twin"):
        asyncio.run(try_take_over(image, print, qemu=(str(wrapper),)))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "everprint", "cluster", "check", "--ft", "--image", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "build the image" in done.stderr

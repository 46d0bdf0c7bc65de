"""Whether this machine lets the lab's hosts be made. Where it is forbidden (most containers), there is no lab."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

# What the lab's hosts are made of.
PROBE = """
mount -t tmpfs probe /mnt && mkdir /mnt/tree && mkdir -p "$0/upper" "$0/work" &&
mount -t overlay probe -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" /mnt/tree &&
mknod /mnt/tun c 10 200 && ip link add probe type bridge
"""


def need_namespaces(folder: Path) -> None:
    """Skips the tests that would need them."""
    if os.geteuid() != 0:
        pytest.skip("only root can make the lab's namespaces")
    argv = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]
    made = subprocess.run([*argv, "sh", "-c", PROBE, folder], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"this machine does not let even root make the lab's namespaces: {made.stderr.strip()}")

"""How many connections there may be under a limit of open files; each limit in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "soft_afterwards"),
    [
        (5000, 5000, 4096, 5000),
        (1024, 5000, 4096, 4352),
        (1024, 1024, 768, 1024),
        (300, 300, 150, 300),
        (300, 2000, 1744, 2000),
    ],
)
def test_files_stay_free_for_the_work_itself(soft: int, hard: int, connections: int, soft_afterwards: int) -> None:
    script = (
        "import resource\n"
        "from everprint.serving.open_files import connections_that_fit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        "print(connections_that_fit(4096), resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.split() == [str(connections), str(soft_afterwards)]
    assert ("LimitNOFILE" in result.stderr) == (connections < 4096)

"""What a command sets for its process's whole life does not reach the tests after it, which share the process."""

from __future__ import annotations

import os


def test_one_test_leaves_a_umask_as_commands_do() -> None:
    os.umask(0o077)


def test_the_next_one_has_the_runs_own() -> None:
    mine = os.umask(0o022)
    os.umask(mine)
    assert mine & 0o055 == 0, "other users' processes, which tests start, read what is written for them"

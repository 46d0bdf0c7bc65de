"""What holds for all tests: hypothesis judges by results, never by how long an example took on a busy machine; files
that wait run beside files that compute; servers of rig are set up on copies of one migrated database; no test has the
umask of one before it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from rig.migrated import keep_copies

if TYPE_CHECKING:
    from tests.distribution import WaitingBesideComputing

settings.register_profile("everprint", deadline=None)
settings.load_profile("everprint")

_UMASK = os.umask(0o022)
os.umask(_UMASK)


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    """The workers of one run share what the process that starts them keeps."""
    if not hasattr(config, "workerinput"):
        copies = keep_copies()
        copies.__enter__()
        config.add_cleanup(lambda: copies.__exit__(None, None, None))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Commands make what they write private for as long as their process lives. In a test it lives on: other users'
    processes, which later tests start, could not read what is written for them.
    """
    os.umask(_UMASK)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WaitingBesideComputing | None:
    """Called where --dist is given; None leaves it to xdist."""
    from tests.distribution import WaitingBesideComputing

    return WaitingBesideComputing(config, log) if config.getoption("dist") == "loadfile" else None

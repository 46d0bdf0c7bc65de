"""What holds for all tests: hypothesis judges by results, never by how long an example took on a busy machine, and
files that wait run beside files that compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.distribution import WaitingBesideComputing

settings.register_profile("everprint", deadline=None)
settings.load_profile("everprint")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WaitingBesideComputing | None:
    """Called where --dist is given; None leaves it to xdist."""
    from tests.distribution import WaitingBesideComputing

    return WaitingBesideComputing(config, log) if config.getoption("dist") == "loadfile" else None

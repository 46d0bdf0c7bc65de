"""The machine of the database's primary dies while jobs come in: in short what `make failover` does at length."""

from __future__ import annotations

import pytest

from rig.network import can_have_machines
from tests.faults.database_failover import run


@pytest.mark.skipif(not can_have_machines(), reason="network namespaces need root")
@pytest.mark.timeout(600)
def test_the_primary_dies_and_each_job_is_printed_and_paid_once() -> None:
    done = run(20, cut_off_s=0, lost_after_s=10)
    assert not done.wrong, "\n".join([*done.events, *done.wrong])
    assert len(done.accepted) >= 20
    assert done.commits > 0
    assert any("loses its power" in event for event in done.events)

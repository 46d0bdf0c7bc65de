"""What came of a drill's jobs is told by who knows; if nobody answers it is not known, and no loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.meanwhile import Meanwhile
from everprint.cluster.drill.people import Access, Asker, Client
from everprint.cluster.drill.stage import Stage
from rig.ports import free_port


def test_jobs_of_which_nobody_tells_are_not_called_lost(tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    asker = Asker(list, tmp_path, Access(f"http://{nowhere}", token="any"))
    stage = Stage(asker, "alice", [f"ipp://{nowhere}/ipp/print/office"], "", None, is_free=False)
    client = Client(list, tmp_path, "host-1", stage.user, stage.queues, None, 0.1)
    try:
        with pytest.raises(DrillFailed, match=r"what came of 0 accepted jobs is not known.*host-1"):
            Meanwhile(stage, client, "host-1", 1.0, lambda _: None).settled()
    finally:
        client.stop()
        asker.stop()

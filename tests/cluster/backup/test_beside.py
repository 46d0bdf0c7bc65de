"""What was in a place is kept beside it, and nothing that was kept before is written over."""

from __future__ import annotations

import re

from everprint.cluster.backup.beside import name_beside
from everprint.cluster.hosts.port import Answer


def test_what_is_kept_gets_a_name_that_nothing_has() -> None:
    """As of two restores within one second."""
    there: set[str] = set()

    def run(*argv: str) -> Answer:
        assert argv[:2] == ("test", "-e")
        return Answer(0 if argv[2] in there or (len(there) < 2 and not there.add(argv[2])) else 1, "", "")

    name = name_beside(run, "/images/server.qcow2", "restore")
    assert re.fullmatch(r"/images/server\.qcow2\.before-restore-\d{8}T\d{6}Z-3", name)
    assert there == {name.removesuffix("-3"), name.replace("Z-3", "Z-2")}

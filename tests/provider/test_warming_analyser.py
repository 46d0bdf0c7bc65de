"""Jobs wait for an analyser that cannot be started yet, and get theirs once it can."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from everprint.documents.pool import WORKER, AnalyserPool
from everprint.documents.result import Analysis, Confidence
from everprint.provider.warming_analyser import WarmingAnalyser
from tests.documents.corpus import Leaf, make_pdf

# Ends at once for the first two times, as a worker does that finds no memory; then it is one.
FAILS_TWICE = """
import os, pathlib, sys
tries = pathlib.Path(sys.argv[1])
tries.write_text(tries.read_text() + "x")
if len(tries.read_text()) <= 2:
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_worker_that_cannot_be_started_at_first_is_started_later(tmp_path: Path) -> None:
    document = make_pdf(tmp_path / "three.pdf", [Leaf()] * 3)
    tries = tmp_path / "tries"
    tries.write_text("")
    command = (sys.executable, "-c", FAILS_TWICE, str(tries), *WORKER)

    async def both() -> list[Analysis]:
        async with WarmingAnalyser(AnalyserPool(workers=1, command=command), again_s=0.05) as analyser:
            return await asyncio.gather(*(analyser.analyse(document) for _ in range(2)))

    for analysis in asyncio.run(both()):
        assert (analysis.confidence, len(analysis.pages)) == (Confidence.EXACT, 3)
    assert tries.read_text() == "xxx"


def test_it_stops_while_it_still_tries(tmp_path: Path) -> None:
    async def stop_at_once() -> None:
        async with WarmingAnalyser(AnalyserPool(workers=2, command=(str(tmp_path / "none"),))):
            await asyncio.sleep(0)

    asyncio.run(stop_at_once())

"""A cupsd that lost its spool counts from 1 again: what has the number of one of our jobs is somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest

from everprint.contract.job_life import JobState
from everprint.ipp.client import IppClient
from everprint.ipp.message import Attribute, Group, Message, enum, integer, uri
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.cups.cupsd import Cupsd
from everprint.provider.cups.reconcile import Reconciliation
from everprint.provider.cups.sessions import Sessions
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.spool import Spool
from tests.provider.jobs_for_tests import a_job

OURS, ANOTHER = "urn:uuid:00000000-0000-4000-8000-000000000001", "urn:uuid:00000000-0000-4000-8000-000000000002"


class OneJob(Cupsd):
    """Has one job with the number 1, in that state."""

    def __init__(self, state: int) -> None:
        super().__init__(cast(IppClient, None))
        self.asked: list[int] = []
        self._state = state

    async def ask(
        self, operation: int, *attributes: Attribute, others: Iterable[Group] = (), path: str = ""
    ) -> Message:
        self.asked.append(operation)
        job = Group(GroupTag.JOB, (integer("job-id", 1), enum("job-state", self._state), uri("job-uuid", ANOTHER)))
        shown = operation == Operation.GET_JOB_ATTRIBUTES or self._state < 7
        return Message(Status.SUCCESSFUL_OK, 1, (Group(GroupTag.OPERATION, ()), *((job,) if shown else ())))


@pytest.mark.parametrize("state", [4, 5, 9], ids=["held", "processing", "completed"])
def test_a_job_of_ours_is_gone_with_its_cupsd_and_the_other_is_left_alone(tmp_path: Path, state: int) -> None:
    async def main() -> None:
        spool = Spool(tmp_path / "spool", 0)
        journal = Journal(tmp_path / "journal.sqlite3", spool.folder)
        jobs, cupsd = Jobs(journal, spool, 10), OneJob(state)
        waits = a_job(1, state=JobState.AUTHORISED, cups=CupsJob(1, OURS, 1, "", "", held=True))
        ended = a_job(2, state=JobState.CANCELLED, cups=CupsJob(1, OURS + "0", 1, "", ""))
        for job in (waits, ended):
            await jobs.add(job)
        looking = asyncio.create_task(Reconciliation(jobs, Sessions(jobs), cupsd).run())
        async with asyncio.timeout(60):
            while not waits.state.is_final:
                waits = await jobs.until_changed(waits)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        journal.close()
        assert waits.state is JobState.CANCELLED
        assert set(cupsd.asked) <= {Operation.GET_JOBS, Operation.GET_JOB_ATTRIBUTES}

    asyncio.run(main())

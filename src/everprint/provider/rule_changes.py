"""Makes the changes of a job that a rule wants: in grey, on both sides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import msgspec

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import Change, JobChanged
from everprint.contract.rules import Action
from everprint.documents.imposition import FORCE_GREY
from everprint.documents.ticket import SidesKeyword
from everprint.ipp.message import Attribute, Group, keyword
from everprint.ipp.tags import GroupTag
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue
from everprint.provider.tickets import read_ticket

_BOTH_SIDES = (SidesKeyword.TWO_SIDED_LONG_EDGE, SidesKeyword.TWO_SIDED_SHORT_EDGE)


async def change(jobs: Jobs, job: Job, queue: Queue, do: Change) -> Job:
    """Gives the job the options that a rule wants, in one journaled step; it is analysed and decided anew.

    What its printer does not have is not given: whoever decides sees that it was wanted, and is not there. Raises
    Moved if the job is not undecided any more, JournalFailed.
    """
    return await jobs.step(
        job.job_id,
        JobEvent.CHANGED,
        partial(_changed, queue, do),
        JobChanged(reason=do.message),
        only_in={JobState.ANALYSED},
    )


def sent_back(job: Job) -> Job:
    """The job when a rule has it decided anew: nobody released it for that."""
    return replace(job, by_rules=msgspec.structs.replace(job.by_rules, sent_back=job.by_rules.sent_back + 1))


def _changed(queue: Queue, do: Change, job: Job) -> Job:
    forced = [*job.by_rules.forced]
    wanted: list[Attribute] = []
    if do.grey:
        forced.append(Action.GREY.value)
        wanted += _first_of(queue, "print-color-mode", sorted(FORCE_GREY, key=lambda mode: mode != "monochrome"))
    if do.two_sided:
        forced.append(Action.TWO_SIDED.value)
        wanted += _first_of(queue, "sides", _BOTH_SIDES)
    if job.cups is not None:
        wanted = []  # CUPS prints it with the options that it came with
    names = {attribute.name for attribute in wanted}
    attributes = (*(one for one in job.attributes if one.name not in names), *wanted)
    changed = sent_back(job)
    return replace(
        changed,
        attributes=attributes,
        ticket=read_ticket(Group(GroupTag.JOB, attributes), queue.default_ticket),
        findings=None,
        attempt=job.attempt + 1,
        by_rules=msgspec.structs.replace(changed.by_rules, forced=tuple(dict.fromkeys(forced))),
        job_state_message=do.message,
    )


def _first_of(queue: Queue, name: str, values: tuple[str, ...] | list[str]) -> list[Attribute]:
    """The first of the values that the queue's printer, or we before it, can do."""
    supported = queue.shown.get(f"{name}-supported")
    offered = () if supported is None else supported.values
    found = next((value for value in values if value in offered), None)
    return [] if found is None else [keyword(name, str(found))]

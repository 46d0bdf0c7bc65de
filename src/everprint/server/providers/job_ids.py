"""Hands out job-ids in blocks, each to one provider and never again (contract.job_ids).

A counter that only grows says what was given. A database that was restored from a backup has forgotten the blocks
given since: it leaps over more than can have been given meanwhile.
"""

from __future__ import annotations

import uuid

from everprint.contract.job_ids import BLOCK, FIRST_OF_OWN, GIVEN_BEFORE_BLOCKS, JobIdBlock
from everprint.server.database import transact
from everprint.server.providers.models import JobIdBlock as BlockRow
from everprint.server.providers.models import JobIdCounter, Provider

# Two hundred blocks.
_LEAP = 2_000_000
_COUNTER = 1

# A block is never another one's later, so what was once read holds for as long as this database does. The newest one
# of each provider is nearly always the one that is asked about.
_last_seen: dict[uuid.UUID, JobIdBlock] = {}


class NoneLeft(Exception):
    """All numbers that IPP has for this are given."""


def give_block(provider: uuid.UUID, highest: int) -> JobIdBlock:
    """A block for the provider, above `highest` and above all that was ever given.

    Raises NoneLeft.
    """

    def work() -> JobIdBlock:
        counter = _locked_counter()
        first = max(counter.last, min(highest, FIRST_OF_OWN)) + 1
        last = first + BLOCK - 1
        if last >= FIRST_OF_OWN:
            raise NoneLeft("all job-ids are given: print servers number their jobs by themselves")
        counter.last = last
        counter.save(update_fields=["last"])
        BlockRow.objects.create(provider_id=provider, first=first, last=last)
        return JobIdBlock(first, last)

    return transact(work)


def is_given_to(provider: uuid.UUID, job_id: int) -> bool:
    """True if the number is in a block of that provider."""
    seen = _last_seen.get(provider)
    if seen is not None and seen.first <= job_id <= seen.last:
        return True
    found = BlockRow.objects.filter(provider=provider, first__lte=job_id, last__gte=job_id).first()
    if found is None:
        return False
    _last_seen[provider] = JobIdBlock(found.first, found.last)
    return True


def leap_after_restore() -> None:
    """Passes over all that can have been given after the backup was made."""

    def work() -> None:
        counter = _locked_counter()
        counter.last += _LEAP
        counter.save(update_fields=["last"])

    transact(work)


def _locked_counter() -> JobIdCounter:
    if not JobIdCounter.objects.filter(pk=_COUNTER).exists():
        numbered_before = Provider.objects.filter(jobs__isnull=False).exists()
        start = GIVEN_BEFORE_BLOCKS if numbered_before else 0
        JobIdCounter.objects.get_or_create(pk=_COUNTER, defaults={"last": start})
    return JobIdCounter.objects.select_for_update().get(pk=_COUNTER)

"""Blocks of job-ids: each to one provider, and never again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import msgspec
import pytest

from everprint.contract.job_ids import BLOCK, FIRST_OF_OWN, GIVEN_BEFORE_BLOCKS, JobIdBlock
from everprint.contract.messages import JobReceived
from tests.server.conftest import Database
from tests.server.world import PrintServer, new_provider


def give(provider: object, highest: int = 0) -> JobIdBlock:
    from everprint.server.providers.job_ids import give_block

    return give_block(provider.pk, highest)  # type: ignore[attr-defined] # a Provider


def test_blocks_follow_each_other_and_are_above_what_a_provider_has(database: Database) -> None:
    north, south = new_provider("north")[0], new_provider("south")[0]
    assert give(north) == JobIdBlock(1, BLOCK)
    assert give(south) == JobIdBlock(BLOCK + 1, 2 * BLOCK)
    assert give(north, 50_000).first == 50_001
    assert give(south, 2 * BLOCK).first == 50_001 + BLOCK


def test_many_at_once_get_blocks_of_their_own(database: Database) -> None:
    from django.db import connection

    providers = [new_provider(f"site-{number}")[0] for number in range(4)]

    def ask(number: int) -> JobIdBlock:
        try:
            return give(providers[number % 4], number * 1000)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        blocks = sorted(pool.map(ask, range(16)), key=lambda block: block.first)
    assert all(one.last < other.first for one, other in pairwise(blocks))


def test_where_providers_numbered_before_blocks_begin_above(database: Database) -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job))
    assert give(north.provider).first == GIVEN_BEFORE_BLOCKS + 1


def test_a_restored_server_leaps_over_what_it_forgot(database: Database) -> None:
    from everprint.server.providers.job_ids import leap_after_restore

    north = new_provider("north")[0]
    last = give(north).last
    leap_after_restore()
    assert give(north).first > last + 100 * BLOCK


def test_the_end_is_said(database: Database) -> None:
    from everprint.server.providers.job_ids import NoneLeft

    with pytest.raises(NoneLeft):
        give(new_provider("north")[0], FIRST_OF_OWN - BLOCK + 1)


def test_a_number_of_another_block_is_not_taken_and_the_job_is(database: Database) -> None:
    north = PrintServer()
    block = give(north.provider)
    for number, kept in ((block.first, block.first), (block.last, block.last), (block.last + 1, None), (None, None)):
        job = msgspec.structs.replace(north.job(), ipp_job_id=number)
        north.report(job, JobReceived(job=job))
        assert north.seen(job).ipp_job_id == kept

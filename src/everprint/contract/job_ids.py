"""Job-ids (the numbers that IPP clients know jobs by) that are given once in the whole installation.

The server hands them out in blocks, each to one provider and never again; the provider journals a block before it
uses it. A provider that has no block left, or whose server is of an older release, numbers jobs by itself: such a
number holds at that provider only, and nobody else answers for it.
"""

from __future__ import annotations

import msgspec

# How many are in a block.
BLOCK = 10_000
# From here on the numbers are a provider's own, for when it has no block left (IPP's largest is 2**31 - 1).
FIRST_OF_OWN = 1 << 30
# Providers that were there before there were blocks gave themselves the numbers below.
GIVEN_BEFORE_BLOCKS = 10_000_000


class WantJobIds(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/job-ids: a further block, please. A block whose answer is lost is never used."""

    highest: int  # the highest number below FIRST_OF_OWN that this provider ever gave or was given


class JobIdBlock(msgspec.Struct, frozen=True):
    """The numbers from `first` to `last`, both included; all of them are higher than *highest*."""

    first: int
    last: int

"""Job UUIDs: version 7, so that they sort by the time they were made (RFC 9562 section 5.7)."""

from __future__ import annotations

import os
import time

# Random octets fetched in advance: a system call for every job would let go of the interpreter's lock each time.
_POOL_OCTETS = 4096
_pool = bytearray()


def new_job_uuid() -> str:
    """48 bits of milliseconds, then 74 random bits: unique without asking anybody, and not to be guessed."""
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(_random_octets(10))
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 64 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _random_octets(count: int) -> bytes:
    if len(_pool) < count:
        _pool.extend(os.urandom(_POOL_OCTETS))
    taken = bytes(_pool[-count:])
    del _pool[-count:]
    return taken

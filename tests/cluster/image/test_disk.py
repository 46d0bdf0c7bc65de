"""The program that firmware starts: the same in every build."""

from __future__ import annotations

import pytest

from everprint.cluster.image import recipe
from everprint.cluster.image.disk import without_time
from everprint.cluster.image.errors import ImageError

START = 0x80


def program(linked: int, checksum: int) -> bytes:
    """A PE header (Microsoft PE format, sections 2.2 to 2.4) and some octets after it."""
    coff = b"PE\0\0" + b"\x64\x86" + b"\x0c\0" + linked.to_bytes(4, "little") + bytes(12)
    optional = bytes(64) + checksum.to_bytes(4, "little") + bytes(16)
    return (
        b"MZ".ljust(0x3C, b"\0") + START.to_bytes(4, "little").ljust(START - 0x3C, b"\0") + coff + optional + b"code"
    )


def test_two_that_were_linked_at_different_times_become_the_same() -> None:
    one, other = without_time(program(0x6B090F92, 0xB41D88)), without_time(program(0x6B091048, 0xB41E3E))
    assert one == other
    assert one == program(recipe.EPOCH, 0)


@pytest.mark.parametrize("octets", [b"", b"MZ", b"\x7fELF" + bytes(500), program(1, 1)[: START + 90]])
def test_what_is_no_program_is_refused(octets: bytes) -> None:
    with pytest.raises(ImageError, match="EFI"):
        without_time(octets)

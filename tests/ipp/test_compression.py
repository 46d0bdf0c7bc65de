"""gzip and deflate documents: whole ones come out whole, hostile ones are stopped early."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.ipp.compression import Expansion, decompress
from everprint.ipp.errors import CannotDecompress, DocumentTooLarge, IppError


def raw_deflate(octets: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(octets) + stream.flush()


async def chopped(octets: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(octets), size):
        yield octets[start : start + size]


def undo(octets: bytes, compression: str, size: int = 1000, expansion: Expansion | None = None) -> bytes:
    async def main() -> bytes:
        return b"".join([piece async for piece in decompress(chopped(octets, size), compression, expansion)])

    return asyncio.run(main())


WAYS = {
    "none": [bytes],
    "gzip": [gzip.compress],
    "deflate": [zlib.compress, raw_deflate],
}
PAIRS = [(compression, way) for compression, ways in WAYS.items() for way in ways]


@pytest.mark.parametrize(("compression", "way"), PAIRS)
@given(document=st.binary(max_size=5000), size=st.integers(1, 700))
def test_a_document_comes_out_as_it_went_in(compression: str, way, document: bytes, size: int) -> None:  # noqa: ANN001
    assert undo(way(document), compression, size) == document


def test_gzip_members_that_follow_each_other_are_one_document() -> None:
    assert undo(gzip.compress(b"one") + gzip.compress(b"two"), "gzip", 1) == b"onetwo"


@pytest.mark.parametrize("compression", ["gzip", "deflate"])
@given(octets=st.binary(max_size=300), size=st.integers(1, 300))
def test_any_octets_end_in_a_document_or_in_a_named_error(compression: str, octets: bytes, size: int) -> None:
    try:
        undo(octets, compression, size)
    except CannotDecompress as error:
        assert compression in str(error)


@pytest.mark.parametrize(("compression", "way"), PAIRS[1:])
def test_a_document_that_ends_too_early_is_refused(compression: str, way) -> None:  # noqa: ANN001
    whole = way(bytes(range(256)) * 40)
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        with pytest.raises(CannotDecompress):
            undo(whole[:length], compression)


def test_octets_behind_the_end_are_refused() -> None:
    for way in WAYS["deflate"]:
        with pytest.raises(CannotDecompress, match="follows the end"):
            undo(way(b"page") + b"more", "deflate")


def test_a_changed_octet_is_noticed() -> None:
    damaged = bytearray(gzip.compress(bytes(range(256)) * 10))
    damaged[-8] ^= 1  # in the check sum
    with pytest.raises(CannotDecompress, match="gzip"):
        undo(bytes(damaged), "gzip")


@pytest.mark.parametrize(
    ("expansion", "error"),
    [(Expansion(max_octets=10 << 20), DocumentTooLarge), (Expansion(ratio_from_octets=10 << 20), CannotDecompress)],
    ids=["too large", "too dense"],
)
def test_a_bomb_is_stopped_without_being_held(expansion: Expansion, error: type[IppError]) -> None:
    bomb = gzip.compress(bytes(200 << 20))

    async def defuse() -> None:
        async for _ in decompress(chopped(bomb, len(bomb)), "gzip", expansion):
            pass

    tracemalloc.start()
    try:
        with pytest.raises(error):
            asyncio.run(defuse())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_white_pages_are_no_bomb() -> None:
    page = bytes(8 << 20)
    assert undo(gzip.compress(page), "gzip") == page


def test_an_unknown_compression_is_the_callers_error() -> None:
    with pytest.raises(ValueError, match="compress"):
        undo(b"", "compress")

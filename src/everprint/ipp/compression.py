"""The *compression* of a document (RFC 8011 section 5.4.32): gzip and deflate, undone as the octets arrive.

Bounded, because a few kilobytes of zeros can stand for gigabytes: what comes out is limited in all, and in relation
to what went in once it is more than any printer would find odd. One piece that comes out is small, whatever went in.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from everprint.ipp.errors import CannotDecompress, DocumentTooLarge

COMPRESSIONS = ("none", "gzip", "deflate")

_PIECE = 256 << 10
_ZLIB_METHOD = 8  # the low half of the first octet of a zlib stream (RFC 1950)


@dataclass(frozen=True, slots=True)
class Expansion:
    """How far a document may grow."""

    max_octets: int = 4 << 30
    # White raster pages shrink to a few thousandths; zlib itself cannot do better than 1032 to 1.
    max_ratio: float = 500.0
    ratio_from_octets: int = 64 << 20  # below that, no ratio is too large


async def decompress(
    document: AsyncIterable[bytes], compression: str, expansion: Expansion | None = None
) -> AsyncIterator[bytes]:
    """The document without its compression (one of COMPRESSIONS), in pieces.

    Raises CannotDecompress if the octets are not what the compression says, end too early or grow beyond reason,
    DocumentTooLarge beyond `max_octets`, ValueError for another compression; errors of *document* come through.
    """
    if compression not in COMPRESSIONS:
        raise ValueError(f"compression {compression!r} is none of {', '.join(COMPRESSIONS)}")
    if compression == "none":
        async for octets in document:
            yield octets
        return
    inflater = _Inflater(compression, expansion or Expansion())
    async for octets in document:
        # One piece at a time goes out before the next is made: a reader that stops is not run over.
        inflater.put(octets)
        while piece := inflater.take():
            yield piece
    inflater.finish()


class _Inflater:
    """Turns octets in into pieces out; knows how much of both there was."""

    def __init__(self, compression: str, expansion: Expansion) -> None:
        self._compression = compression
        self._expansion = expansion
        self._stream: zlib._Decompress | None = None
        self._waiting = b""
        self._octets_in = 0
        self._octets_out = 0

    def put(self, octets: bytes) -> None:
        self._octets_in += len(octets)
        self._waiting += octets

    def take(self) -> bytes:
        """The next piece; empty if there is none before more is put in."""
        while self._waiting:
            stream = self._stream = self._stream or self._begin(self._waiting[0])
            try:
                piece = stream.decompress(self._waiting, _PIECE)
            except zlib.error as error:
                raise CannotDecompress(
                    f"the document is not sound {self._compression} ({error}) near octet {self._octets_in}"
                ) from None
            self._waiting = stream.unconsumed_tail
            if stream.eof:
                self._end(stream.unused_data)
            if piece:
                self._count(piece)
                return piece
        return b""

    def finish(self) -> None:
        """Nothing more is to come.

        Raises CannotDecompress if that is too early.
        """
        if self._stream is not None or self._octets_in == 0:
            raise CannotDecompress(f"the document ends before its {self._compression} data does")

    def _begin(self, first: int) -> zlib._Decompress:
        if self._compression == "gzip":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        # deflate is RFC 1951 by the standard and RFC 1950 (zlib) by half of the clients.
        wrapped = first & 0x0F == _ZLIB_METHOD
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _end(self, rest: bytes) -> None:
        """After the end of a gzip member another one may follow (RFC 1952 section 2.2); else nothing may."""
        self._stream = None
        self._waiting = rest
        if rest and self._compression == "deflate":
            raise CannotDecompress("something follows the end of the deflate data")

    def _count(self, piece: bytes) -> None:
        limits = self._expansion
        self._octets_out += len(piece)
        if self._octets_out > limits.max_octets:
            raise DocumentTooLarge(limits.max_octets)
        if self._octets_out > limits.ratio_from_octets and self._octets_out > limits.max_ratio * self._octets_in:
            raise CannotDecompress(f"the document grows to more than {limits.max_ratio:g} times its size")

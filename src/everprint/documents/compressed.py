"""Compressed documents, undone before they are looked at: gzip of one or more members, zlib, raw deflate.

Clients compress (RFC 8011 section 5.4.32) and do not always say so. What comes out is bounded in octets, in ratio and
by the room on the disk; it goes to the folder for temporary files, which is cleaned when a worker is killed.
"""

from __future__ import annotations

import mmap
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from everprint.documents.languages import Contents, Part
from everprint.documents.limits import Limits
from everprint.documents.result import Unreadable
from everprint.documents.source import Source

MOST_OCTETS = 1 << 30
"""Of what comes out: what a worker can hold in its map beside its other memory."""
MOST_RATIO, RATIO_FROM_OCTETS = 500, 64 << 20
"""White raster pages shrink to a few thousandths; more than that, once it is large, is a bomb."""
LEAST_ROOM = 256 << 20
"""Octets that stay free on the disk for others."""

_PIECE = 1 << 20
_FIRST_PIECE = 1 << 12  # of a member: there may be very many small ones, and what is read beyond one is read again
_GZIP = b"\x1f\x8b"
_ZLIB_METHOD = 8


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[Contents]:
    """What was compressed, as one document.

    Raises Unreadable for what is damaged or cut off before anything of it, or grows beyond the bounds.
    """
    with tempfile.NamedTemporaryFile(prefix="everprint-inflated-") as file:
        doubts: tuple[str, ...] = ()
        room = shutil.disk_usage(Path(file.name).parent).free - LEAST_ROOM
        with source.mapped() as octets:
            out = 0
            try:
                for piece in _inflated(octets, source.start, source.end):
                    out += len(piece)
                    _check(out, source.octets, room)
                    file.write(piece)
            except _Broken as broken:
                if not out:
                    raise Unreadable(f"the compressed data {broken}") from None
                doubts = (f"the compressed data {broken}: what came out before that is counted",)
        file.flush()
        if not out:
            raise Unreadable("there is nothing in the compressed data")
        yield Contents((Part(Source.whole(Path(file.name))),), (), doubts)


class _Broken(Exception):
    pass


def _check(out: int, packed: int, room: int) -> None:
    if out > MOST_OCTETS:
        raise Unreadable(f"the compressed data grows to more than {MOST_OCTETS >> 20} MiB")
    if out > RATIO_FROM_OCTETS and out > MOST_RATIO * packed:
        raise Unreadable(f"the compressed data grows to more than {MOST_RATIO} times its size")
    if out > room:
        raise Unreadable("the compressed data grows to more than there is room for on the disk")


def _decompressor(first: bytes) -> zlib._Decompress:
    if first == _GZIP:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    wrapped = len(first) == 2 and first[0] & 0x0F == _ZLIB_METHOD and int.from_bytes(first, "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _inflated(octets: mmap.mmap, start: int, end: int) -> Iterator[bytes]:
    """All that comes out, member after member (RFC 1952 section 2.2); zeros after the last one are padding."""
    at = start
    while at < end:
        member = _decompressor(octets[at : min(at + 2, end)])
        many = octets[at : min(at + 2, end)] == _GZIP
        begun, most = at, _FIRST_PIECE
        try:
            while at < end and not member.eof:
                waiting = octets[at : min(at + most, end)]
                at, most = at + len(waiting), min(8 * most, _PIECE)
                while waiting and not member.eof:
                    if piece := member.decompress(waiting, _PIECE):
                        yield piece
                    waiting = member.unconsumed_tail
            while not member.eof and (piece := member.decompress(b"", _PIECE)):
                yield piece
        except zlib.error as error:
            raise _Broken(f"is damaged near octet {begun - start if at == begun else at - start} ({error})") from None
        if not member.eof:
            raise _Broken("is cut off")
        at -= len(member.unused_data)
        if at < end and not (many and octets[at : min(at + 2, end)] == _GZIP):
            rest = octets[at : min(at + _PIECE, end)]
            if rest.strip(b"\0"):
                raise _Broken("is followed by something else")
            return

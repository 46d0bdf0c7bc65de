"""Pictures from strangers: a PNG is taken apart within bounds, and put together anew from its pixels alone.

What a Print Provider sends was drawn from a document that anybody may have made, so it is hostile: only still
pictures of eight bits a channel, grey or in colour, of few pixels are taken, and no octet that is not a pixel is
kept. The format: PNG (ISO/IEC 15948, third edition).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3}  # colour types: grey, and red, green and blue
_MOST_FILTER = 4
_COMPRESSION = 6


class BadPicture(Exception):
    """It is no picture that is taken; the text says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG of our own making."""

    png: bytes
    width: int
    height: int


def remade(octets: bytes, longest_edge: int) -> Picture:
    """The same picture, written by us.

    Raises BadPicture.
    """
    chunks = list(_chunks(octets))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise BadPicture("it does not begin with the header of a PNG")
    width, height, depth, colour_type, *methods = struct.unpack(">IIBBBBB", chunks[0][1])
    if not (0 < width <= longest_edge and 0 < height <= longest_edge):
        raise BadPicture(f"it has {width} by {height} pixels, more than {longest_edge} an edge or none")
    if depth != 8 or colour_type not in _CHANNELS or any(methods):
        raise BadPicture("it is no plain picture of 8 bits a channel, grey or red, green and blue")
    row = 1 + width * _CHANNELS[colour_type]
    pixels = _inflated(b"".join(body for kind, body in chunks if kind == b"IDAT"), row * height)
    if max(pixels[::row]) > _MOST_FILTER:
        raise BadPicture("a row of it has an unknown filter")
    parts = (b"IHDR", chunks[0][1]), (b"IDAT", zlib.compress(pixels, _COMPRESSION)), (b"IEND", b"")
    return Picture(_SIGNATURE + b"".join(_chunk(kind, body) for kind, body in parts), width, height)


def _chunks(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not octets.startswith(_SIGNATURE):
        raise BadPicture("it is no PNG")
    at = len(_SIGNATURE)
    while at < len(octets):
        if at + 8 > len(octets):
            raise BadPicture("it is cut off")
        length, kind = struct.unpack_from(">I4s", octets, at)
        end = at + 8 + length
        if end + 4 > len(octets):
            raise BadPicture("it is cut off")
        body = octets[at + 8 : end]
        if struct.unpack_from(">I", octets, end)[0] != zlib.crc32(kind + body):
            raise BadPicture("it is damaged")
        yield kind, body
        if kind == b"IEND":
            return
        at = end + 4
    raise BadPicture("it is cut off")


def _inflated(octets: bytes, expected: int) -> bytes:
    """Never more than is expected of it, whatever it would become."""
    stream = zlib.decompressobj()
    try:
        pixels = stream.decompress(octets, expected + 1)
    except zlib.error:
        raise BadPicture("its pixels cannot be unpacked") from None
    if len(pixels) != expected:
        raise BadPicture("it has more or fewer pixels than its header says")
    return pixels


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))

"""Writes TIFF and BigTIFF files field by field, made from the specification, not from our reader."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

SUBIFDS = 330


@dataclass
class Frame:
    """One directory with a grey picture of one shade; `fields` are 32-bit, over all else. `subs` hang from it."""

    width: int = 40
    height: int = 60
    shade: int = 0
    tiled: bool = False
    fields: dict[int, int] = field(default_factory=dict)
    subs: Sequence[Frame] = ()


def tiff(frames: Sequence[Frame], *, big: bool = False, order: str = "<", loop_to: int | None = None) -> bytes:
    """`loop_to`: the last directory is followed by that one again, by its number from 0."""
    out = bytearray(16 if big else 8)
    links: list[int] = []  # where the offset of the next directory is to be written
    places: list[int] = []
    for frame in frames:
        place, link = _write(out, frame, big, order)
        places.append(place)
        links.append(link)
    mark = b"II" if order == "<" else b"MM"
    offset = "Q" if big else "I"
    out[: 8 if big else 4] = mark + (struct.pack(f"{order}HHH", 43, 8, 0) if big else struct.pack(f"{order}H", 42))
    struct.pack_into(f"{order}{offset}", out, 8 if big else 4, places[0] if places else 0)
    following = [*places[1:], 0 if loop_to is None else places[loop_to]]
    for link, place in zip(links, following, strict=True):
        struct.pack_into(f"{order}{offset}", out, link, place)
    return bytes(out)


def _write(out: bytearray, frame: Frame, big: bool, order: str) -> tuple[int, int]:
    """Where the directory is, and where the offset of the next one is in it."""
    subs = [_write(out, sub, big, order)[0] for sub in frame.subs]
    data = len(out)
    if frame.tiled:
        across, down = -(-frame.width // 16), -(-frame.height // 16)
        assert across == down == 1, "one tile is enough here"
        out += bytes([frame.shade]) * 256
    else:
        out += bytes([frame.shade]) * (frame.width * frame.height)
    fields = {256: frame.width, 257: frame.height, 258: 8, 259: 1, 262: 1, 277: 1}
    if frame.tiled:
        fields |= {322: 16, 323: 16, 324: data, 325: 256}
    else:
        fields |= {273: data, 278: frame.height, 279: frame.width * frame.height}
    if subs:
        fields[SUBIFDS] = subs[0]
    fields |= frame.fields
    place = len(out)
    out += struct.pack(f"{order}{'Q' if big else 'H'}", len(fields))
    for tag, value in sorted(fields.items()):
        out += struct.pack(f"{order}HHQI4x" if big else f"{order}HHII", tag, 4, 1, value)
    link = len(out)
    out += bytes(8 if big else 4)
    return place, link

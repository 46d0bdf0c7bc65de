"""What a converting worker says over its pipe: pieces of the document, each behind its kind and its length."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from everprint.documents.conversion.task import Conversion

PREFIX_OCTETS = 5
LARGEST_PIECE = 64 << 20


class Kind(IntEnum):
    """What follows."""

    PIECE = 1
    END = 2  # it was all
    FAILED = 3  # why it is not all, in UTF-8
    NO_ROOM = 4  # the same, where it is this machine's fault


class Task(msgspec.Struct, frozen=True):
    """What the worker is asked, once."""

    path: str
    conversion: Conversion


_encoder = msgspec.msgpack.Encoder()
_tasks: msgspec.msgpack.Decoder[Task] = msgspec.msgpack.Decoder(Task)


def encode_task(task: Task) -> bytes:
    """For the worker's input, which ends with it."""
    return _encoder.encode(task)


def decode_task(octets: bytes) -> Task:
    """Raises msgspec.MsgspecError."""
    return _tasks.decode(octets)


def prefix(kind: Kind, octets: int) -> bytes:
    """What stands before so many octets."""
    return bytes([kind]) + octets.to_bytes(4, "big")


def read_prefix(octets: bytes) -> tuple[Kind, int]:
    """Raises ValueError for what no worker says."""
    length = int.from_bytes(octets[1:], "big")
    if length > LARGEST_PIECE:
        raise ValueError(f"a piece of {length} octets")
    return Kind(octets[0]), length

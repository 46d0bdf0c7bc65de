"""What the pool and a worker say to each other over pipes: msgpack, each message after its length in four octets."""

from __future__ import annotations

import msgspec

from everprint.documents.counting import Count
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis

LENGTH_OCTETS = 4
LARGEST_MESSAGE = 128 << 20
"""More than the largest analysis that Limits allow; a longer answer is garbage."""


class Analyse(msgspec.Struct, frozen=True, tag="analyse"):
    """Do everprint.documents.analyse.analyse()."""

    path: str
    claimed_format: str
    limits: Limits


class Draw(msgspec.Struct, frozen=True, tag="draw"):
    """Do everprint.documents.pictures.draw_page()."""

    path: str
    number: int
    dpi: int


class CountPages(msgspec.Struct, frozen=True, tag="count pages"):
    """Do everprint.documents.counting.count_pages()."""

    path: str
    limits: Limits


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker's first word."""


class Analysed(msgspec.Struct, frozen=True, tag="analysed"):
    """The answer to Analyse."""

    analysis: Analysis


class Counted(msgspec.Struct, frozen=True, tag="counted"):
    """The answer to CountPages."""

    count: Count


class Drawn(msgspec.Struct, frozen=True, tag="drawn"):
    """The answer to Draw."""

    png: bytes


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """There is no answer, and why."""

    reason: str


Task = Analyse | CountPages | Draw
Answer = Ready | Analysed | Counted | Drawn | Failed
ANSWERS: dict[type[Task], type[Answer]] = {Analyse: Analysed, CountPages: Counted, Draw: Drawn}
"""What each task is answered with, unless it has Failed."""

_encoder = msgspec.msgpack.Encoder()
_tasks: msgspec.msgpack.Decoder[Task] = msgspec.msgpack.Decoder(Task)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


class Garbage(Exception):
    """The other side does not speak this language."""


def encode(message: Task | Answer) -> bytes:
    """The message with its length before it."""
    body = _encoder.encode(message)
    return len(body).to_bytes(LENGTH_OCTETS, "big") + body


def body_length(prefix: bytes) -> int:
    """How long the message is that follows.

    Raises Garbage if it cannot be.
    """
    length = int.from_bytes(prefix, "big")
    if not 0 < length <= LARGEST_MESSAGE:
        raise Garbage(f"a message of {length} octets")
    return length


def decode_task(body: bytes) -> Task:
    """Raises Garbage."""
    try:
        return _tasks.decode(body)
    except msgspec.MsgspecError as error:
        raise Garbage(str(error)) from None


def decode_answer(body: bytes) -> Answer:
    """Raises Garbage."""
    try:
        return _answers.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Garbage(str(error)) from None

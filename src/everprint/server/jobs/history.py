"""What is kept of a job that is long over, packed into some dozens of octets: pure coding, no database.

A row of its own for each step of each job was a quarter of what a database weighed. A packed history says the same:
columns instead of rows, moments as distances from the one before, and raw DEFLATE (RFC 1951) with a dictionary of
what such histories mostly say. The first octet is the edition of this coding, which is never changed, only followed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec

_EDITION = 1
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UnknownEdition(Exception):
    """A newer release packed this."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the time line (models.JobStep); `actor` is a user's id, `text` is as the database keeps it."""

    at: datetime
    event: str
    state: str
    text: str = ""
    actor: int | None = None
    moved: bool = True
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What a job's row says that nobody looks for: the stored contract messages, and its ticket in words."""

    document: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    noted: dict[str, Any] | None = None
    document_format: str = ""
    sides: str = ""
    media: str | None = None
    print_color_mode: str = ""
    device_job_id: int | None = None  # the printer's number of it
    processing_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All that is packed of one job: `answers` are the server's own, word for word, by attempt."""

    details: Details
    steps: tuple[Step, ...] = ()
    answers: Mapping[int, str] = field(default_factory=dict)


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """As it is coded: the time line by columns, each moment as microseconds after the one before."""

    document: dict[str, Any] | None
    output: dict[str, Any] | None
    noted: dict[str, Any] | None
    ticket: tuple[str, str, str | None, str]
    device_job_id: int | None
    processing_after: int | None  # microseconds after it was submitted
    events: list[str]
    states: list[str]
    texts: list[str]
    moments: list[int]
    late: list[int]  # places of steps that did not move the job
    actors: dict[int, int]  # by place
    sequences: list[int | None]
    attempts: list[int]
    answers: list[str]


_decoder = msgspec.msgpack.Decoder(_Packed)


def pack(history: History, since: datetime) -> bytes:
    """The history of a job that was submitted then."""
    steps, details = history.steps, history.details
    packed = _Packed(
        document=details.document,
        output=details.output,
        noted=details.noted,
        ticket=(details.document_format, details.sides, details.media, details.print_color_mode),
        device_job_id=details.device_job_id,
        processing_after=None if details.processing_at is None else _number(details.processing_at) - _number(since),
        events=[step.event for step in steps],
        states=[step.state for step in steps],
        texts=[step.text for step in steps],
        moments=_distances([_number(since), *(_number(step.at) for step in steps)]),
        late=[place for place, step in enumerate(steps) if not step.moved],
        actors={place: step.actor for place, step in enumerate(steps) if step.actor is not None},
        sequences=_sequence_distances(step.sequence for step in steps),
        attempts=list(history.answers),
        answers=list(history.answers.values()),
    )
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    return bytes([_EDITION]) + deflate.compress(msgspec.msgpack.encode(packed)) + deflate.flush()


def unpack(octets: bytes | memoryview, since: datetime) -> History:
    """The history of a job that was submitted then.

    Raises UnknownEdition.
    """
    octets = bytes(octets)
    if octets[0] != _EDITION:
        raise UnknownEdition(f"a history of edition {octets[0]}: upgrade this server, it knows {_EDITION}")
    inflate = zlib.decompressobj(-15, _DICTIONARY)
    packed = _decoder.decode(inflate.decompress(octets[1:]) + inflate.flush())
    document_format, sides, media, print_color_mode = packed.ticket
    late, sequence, moment = set(packed.late), 0, _number(since)
    steps = []
    for place, (event, state, text, distance, after) in enumerate(
        zip(packed.events, packed.states, packed.texts, packed.moments, packed.sequences, strict=True)
    ):
        moment += distance
        sequence += after or 0
        steps.append(
            Step(
                at=_EPOCH + moment * _MICROSECOND,
                event=event,
                state=state,
                text=text,
                actor=packed.actors.get(place),
                moved=place not in late,
                sequence=None if after is None else sequence,
            )
        )
    after = packed.processing_after
    processing_at = None if after is None else since + after * _MICROSECOND
    details = Details(
        packed.document,
        packed.output,
        packed.noted,
        document_format,
        sides,
        media,
        print_color_mode,
        packed.device_job_id,
        processing_at,
    )
    return History(details, tuple(steps), dict(zip(packed.attempts, packed.answers, strict=True)))


def without_texts(history: History) -> History:
    """The same without what was written on the way and without what its provider noted."""
    return History(
        details=replace(history.details, noted=None),
        steps=tuple(replace(step, text="") for step in history.steps),
        answers=history.answers,
    )


def without_people(history: History) -> History:
    """The same without anything by which it could be told whose it was: no texts, nobody who acted, no answers."""
    left = without_texts(history)
    return History(left.details, tuple(replace(step, actor=None) for step in left.steps))


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _distances(numbers: list[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(numbers)]


def _sequence_distances(sequences: Iterable[int | None]) -> list[int | None]:
    found: list[int | None] = []
    before = 0
    for sequence in sequences:
        found.append(None if sequence is None else sequence - before)
        before = before if sequence is None else sequence
    return found


# What histories mostly say, the likeliest last. Part of edition 1: never change it.
_SIDE = {"media": "iso_a4_210x297mm", "colour": False, "two_sided": True, "impressions": 2}
_RUN = {"first": 1, "last": 2, "width_mm": 210.0, "height_mm": 297.0, "colour": False}
_OUTPUT = {"sides": [_SIDE, {**_SIDE, "colour": True, "two_sided": False, "impressions": 1}], "sheets": 1}
_DICTIONARY = b"".join(
    msgspec.msgpack.encode(part)
    for part in (
        "iso_a3_297x420mm na_letter_8.5x11in application/postscript application/octet-stream image/pwg-raster "
        "image/urf image/jpeg application/vnd.hp-PCL PostScript PCL XL PWG raster two-sided-short-edge monochrome "
        "aborted cancelled cancelled refused expired its pages cannot be counted estimated unknown "
        "without the Application Server; reserved on (without effect: already ordered release ordered by "
        "password-refused delivery-failed redirected resubmitted refunded document-sent",
        {"type": "refuse", "reason": "account-limit-reached", "message": "This job costs"},
        {"type": "hold", "reason": "Waits until its owner releases it.", "keyword": ""},
        {
            "job_state_reasons": ["job-completed-successfully"], "job_state_message": "", "hold": False,
            "is_cancelling": False, "completed_at": "2026-11-27T", "document_until": None,
        },
        ["document-received", "analysed", "held", "released", "authorised", "delivery-begun", "document-sent"],
        ["accepted", "analysed", "held", "analysed", "authorised", "delivering", "printing"],
        {"language": "PDF", "confidence": "exact", "pages": 2, "output": _OUTPUT, "page_runs": [_RUN]},
        {"pages": 2, "output": _OUTPUT, "language": "PDF", "confidence": "exact", "page_runs": [_RUN]},
        _OUTPUT,
        _OUTPUT["sides"],
        None,
        ["application/pdf", "two-sided-long-edge", "iso_a4_210x297mm", "auto"],
        ["application/pdf", "one-sided", None, "auto"],
        ["authorised", "document-received", "analysed", "delivery-begun", "document-sent", "completed"],
        ["authorised", "accepted", "analysed", "delivering", "printing", "completed"],
        ["\u20ac0.20 reserved on ", "", "PDF, 2 pages, exact", "", "the printer's job 1", ""],
        [],
        {},
        [None, 1, 1, 1, 1, 1],
        [1],
        ['{"type":"print","cost":"0.2000","account":"'],
    )
)  # fmt: skip

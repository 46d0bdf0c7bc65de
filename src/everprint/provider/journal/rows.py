"""A job as a row of the journal, and back."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import cast

import msgspec

from everprint.contract.job_life import FINAL, JobState
from everprint.contract.messages import DocumentSummary
from everprint.documents.result import Output
from everprint.documents.ticket import Ticket
from everprint.ipp.codec import decode, encode_attributes
from everprint.ipp.message import Attribute
from everprint.ipp.tags import GroupTag
from everprint.provider.by_rules import NO_RULES, ByRules
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_password import JobPassword
from everprint.provider.on_its_way import OnItsWay

Cell = str | int | bytes | None

_CONSTANT = ("uuid", "user_name", "authenticated", "client_address", "job_id_unique")
_SETTABLE = ("queue", "job_name", "attributes", "ticket")  # by Set-Job-Attributes, or when it is redirected
_CHANGING = (
    "state", "document_format", "document_octets", "document_name", "attempt", "hold_wanted", "findings",
    "device_uri", "device_job_id", "cancelled_by", "in_doubt", "job_state_reasons", "job_state_message",
    "processing_at", "completed_at", "output", "job_password", "cups", "first_queue", "by_rules", "moving",
)  # fmt: skip
COLUMNS = ("job_id", *_CONSTANT, *_SETTABLE, "created_at", *_CHANGING)
_STATE, _CUPS = COLUMNS.index("state"), COLUMNS.index("cups")
_identity = itemgetter(*map(COLUMNS.index, ("job_id", "uuid", "queue")))
_FINAL = frozenset(state.value for state in FINAL)

SELECT = f"SELECT {', '.join(COLUMNS)} FROM jobs"  # noqa: S608 - our names


def insert_jobs(rows: int) -> str:
    """The statement that adds so many new jobs."""
    return f"INSERT INTO jobs ({', '.join(COLUMNS)}) VALUES {_places(rows, len(COLUMNS))}"  # noqa: S608 - our names


def change_jobs(rows: int) -> str:
    """The statement that writes what changed of so many jobs, in their order; all of them are there."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in (*_SETTABLE, *_CHANGING))
    return f"{insert_jobs(rows)} ON CONFLICT (job_id) DO UPDATE SET {changes}"


def insert_events(rows: int) -> str:
    """The statement that adds so many events."""
    return f"INSERT INTO outbox (sequence, at, job_uuid, fact) VALUES {_places(rows, 4)}"  # noqa: S608 - ours


def _places(rows: int, columns: int) -> str:
    return ", ".join([f"({', '.join('?' * columns)})"] * rows)


_encode = msgspec.json.Encoder().encode
_ticket = msgspec.json.Decoder(Ticket)
_findings = msgspec.json.Decoder(DocumentSummary)
_output = msgspec.json.Decoder(Output)
_password = msgspec.json.Decoder(JobPassword)
_cups = msgspec.json.Decoder(CupsJob)
_by_rules = msgspec.json.Decoder(ByRules)
_moving = msgspec.json.Decoder(OnItsWay)
_reasons = msgspec.json.Decoder(tuple[str, ...])


def write_row(job: Job) -> tuple[Cell, ...]:
    """The job's values in the order of COLUMNS."""
    document = job.document
    return (
        job.job_id,
        job.uuid,
        job.owner.user_name,
        int(job.owner.authenticated),
        job.owner.client_address,
        int(job.job_id_unique),
        job.queue,
        job.job_name,
        encode_attributes(job.attributes),
        _encode(job.ticket),
        job.created_at.isoformat(),
        job.state.value,
        document.document_format if document else None,
        document.octets if document else None,
        document.document_name if document else None,
        job.attempt,
        int(job.hold_wanted),
        _encode(job.findings) if job.findings else None,
        job.device_uri,
        job.device_job_id,
        job.cancelled_by,
        int(job.in_doubt),
        _encode(job.job_state_reasons),
        job.job_state_message,
        job.processing_at.isoformat() if job.processing_at else None,
        job.completed_at.isoformat() if job.completed_at else None,
        _encode(job.output) if job.output else None,
        _encode(job.job_password) if job.job_password else None,
        _encode(job.cups) if job.cups else None,
        job.first_queue,
        _encode(job.by_rules) if job.by_rules != NO_RULES else None,
        _encode(job.moving) if job.moving else None,
    )


def read_row(row: tuple[Cell, ...]) -> Job:
    """The job of a row in the order of COLUMNS."""
    cells = _Cells(row)
    return Job(
        job_id=cells.integer("job_id"),
        uuid=cells.text("uuid"),
        queue=cells.text("queue"),
        owner=Owner(cells.text("user_name"), bool(cells.integer("authenticated")), cells.text("client_address")),
        job_name=cells.text("job_name"),
        attributes=decode_attributes(cells.octets("attributes") or b""),
        ticket=_ticket.decode(cells.octets("ticket") or b"{}"),
        created_at=cells.required_moment("created_at"),
        state=JobState(cells.text("state")),
        document=_read_document(cells),
        attempt=cells.integer("attempt"),
        hold_wanted=bool(cells.integer("hold_wanted")),
        findings=_findings.decode(octets) if (octets := cells.octets("findings")) else None,
        device_uri=cells.optional_text("device_uri"),
        device_job_id=cells.optional_integer("device_job_id"),
        cancelled_by=cells.optional_text("cancelled_by"),
        in_doubt=bool(cells.integer("in_doubt")),
        job_state_reasons=_reasons.decode(cells.octets("job_state_reasons") or b"[]"),
        job_state_message=cells.text("job_state_message"),
        processing_at=cells.moment("processing_at"),
        completed_at=cells.moment("completed_at"),
        output=_output.decode(octets) if (octets := cells.octets("output")) else None,
        job_password=_password.decode(octets) if (octets := cells.octets("job_password")) else None,
        cups=_cups.decode(octets) if (octets := cells.octets("cups")) else None,
        first_queue=cells.text("first_queue"),
        job_id_unique=bool(cells.integer("job_id_unique")),
        by_rules=_by_rules.decode(octets) if (octets := cells.octets("by_rules")) else NO_RULES,
        moving=_moving.decode(octets) if (octets := cells.octets("moving")) else None,
    )


class KeptJob:
    """A job's row that nobody has read yet: after a start there are many that nobody asks for again."""

    __slots__ = ("_row", "is_final", "is_of_cups", "job_id", "queue", "uuid")

    def __init__(self, row: tuple[Cell, ...]) -> None:
        self._row = row
        self.job_id, self.uuid, self.queue = cast("tuple[int, str, str]", _identity(row))
        self.is_final = row[_STATE] in _FINAL
        self.is_of_cups = row[_CUPS] is not None

    def read(self) -> Job:
        """All of it."""
        return read_row(self._row)


def decode_attributes(octets: bytes) -> tuple[Attribute, ...]:
    """What encode_attributes() made."""
    header = b"\x02\x00\x00\x00\x00\x00\x00\x01"
    return decode(header + bytes([GroupTag.JOB]) + octets + bytes([GroupTag.END])).job.attributes


def _read_document(cells: _Cells) -> Document | None:
    document_format = cells.optional_text("document_format")
    if document_format is None:
        return None
    return Document(document_format, cells.integer("document_octets"), cells.text("document_name"))


class _Cells:
    """One row's cells by column, each with the type that the schema promises (the tables are STRICT)."""

    def __init__(self, row: tuple[Cell, ...]) -> None:
        self._row = dict(zip(COLUMNS, row, strict=True))

    def optional_text(self, column: str) -> str | None:
        cell = self._row[column]
        assert cell is None or isinstance(cell, str)
        return cell

    def text(self, column: str) -> str:
        cell = self.optional_text(column)
        assert cell is not None
        return cell

    def optional_integer(self, column: str) -> int | None:
        cell = self._row[column]
        assert cell is None or isinstance(cell, int)
        return cell

    def integer(self, column: str) -> int:
        cell = self.optional_integer(column)
        assert cell is not None
        return cell

    def octets(self, column: str) -> bytes | None:
        cell = self._row[column]
        assert cell is None or isinstance(cell, bytes)
        return cell

    def moment(self, column: str) -> datetime | None:
        text = self.optional_text(column)
        return None if text is None else datetime.fromisoformat(text)

    def required_moment(self, column: str) -> datetime:
        return datetime.fromisoformat(self.text(column))

"""The messages on the wire: what goes out comes back; newer fields are skipped; wrong ones are named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    Decision,
    DocumentSummary,
    Event,
    EventBatch,
    JobDescription,
    JobFinished,
    Print,
    PrinterState,
    PrinterStatus,
    RefusalReason,
    Refuse,
)
from everprint.documents.result import Confidence, Output, Sides

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OUTPUT = Output(sheets=2, sides=(Sides("iso_a4_210x297mm", True, False, 2),))


def description() -> JobDescription:
    return JobDescription(
        job_id="0193-x",
        queue="office",
        user_name="anna",
        authenticated=True,
        job_name="Bericht ✓",
        document_format="application/pdf",
        octets=30_000,
        client_address="::1",
        submitted_at=MOMENT,
    )


def test_a_request_survives_the_wire() -> None:
    document = DocumentSummary(language="PDF", confidence=Confidence.EXACT, pages=2, output=OUTPUT)
    request = Authorise(job=description(), document=document)
    assert msgspec.json.decode(msgspec.json.encode(request), type=Authorise) == request


def test_events_of_every_kind_share_a_batch() -> None:
    finished = JobFinished(state=JobState.COMPLETED, output=OUTPUT)
    status = PrinterStatus(queue="office", state=PrinterState.STOPPED, reasons=["media-jam-error"])
    batch = EventBatch(
        events=[
            Event(sequence=1, at=MOMENT, job_id="0193-x", fact=finished),
            Event(sequence=2, at=MOMENT, job_id=None, fact=status),
        ]
    )
    assert msgspec.json.decode(msgspec.json.encode(batch), type=EventBatch) == batch


def test_money_crosses_as_a_decimal_string() -> None:
    octets = msgspec.json.encode(Print(cost=Decimal("0.30"), account="anna"))
    assert b'"cost":"0.30"' in octets
    decision = msgspec.json.decode(octets, type=Decision)
    assert isinstance(decision, Print)
    assert str(decision.cost) == "0.30"


def test_a_field_of_a_newer_version_is_skipped() -> None:
    octets = b'{"type":"refuse","reason":"account-closed","message":"no","appeal":"desk 4"}'
    assert msgspec.json.decode(octets, type=Decision) == Refuse(reason=RefusalReason.ACCOUNT_CLOSED, message="no")


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b'{"type":"refuse","reason":"because","message":"no"}', r"Invalid enum value 'because' - at `\$.reason`"),
        (b'{"type":"dance"}', "Invalid value 'dance'"),
        (b'{"type":"print","cost":"much","account":"a"}', r"\$.cost"),
    ],
)
def test_a_wrong_field_is_named(octets: bytes, complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.json.decode(octets, type=Decision)

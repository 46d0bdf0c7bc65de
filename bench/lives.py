"""Lives of one-page jobs as a provider tells them over the contract."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

from bench.requests import one_page_pdf
from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DecidedOffline,
    DeliveryBegun,
    DocumentSent,
    DocumentSummary,
    JobAnalysed,
    JobDescription,
    JobFact,
    JobFinished,
    JobReceived,
    Print,
)
from everprint.documents.result import Confidence, Output, Sides

ONE_SIDE = Output(sheets=1, sides=(Sides(media="iso_a4_210x297mm", colour=True, two_sided=False, impressions=1),))
COST = Decimal("0.20")  # of that side, where colour costs it (sides.py)
DOCUMENT = DocumentSummary(language="PDF", confidence=Confidence.EXACT, pages=1, output=ONE_SIDE)


def described(queue: str, user: str) -> JobDescription:
    """A new job."""
    return JobDescription(
        job_id=str(uuid.uuid4()),
        queue=queue,
        user_name=user,
        authenticated=False,
        job_name="Minutes",
        document_format="application/pdf",
        octets=len(one_page_pdf()),
        client_address="127.0.0.1",
        submitted_at=datetime.now(UTC),
    )


def life(job: JobDescription) -> tuple[JobFact, ...]:
    """Of a job that the server decided."""
    return (
        JobReceived(job=job),
        JobAnalysed(document=DOCUMENT),
        DeliveryBegun(),
        DocumentSent(device_job_id=1),
        JobFinished(state=JobState.COMPLETED, output=ONE_SIDE),
    )


def offline_life(job: JobDescription) -> tuple[JobFact, ...]:
    """Of a job that its provider let through alone."""
    received, analysed, *rest = life(job)
    return (
        received,
        analysed,
        DecidedOffline(attempt=1, user_name=job.user_name, decision=Print(cost=COST, account=job.user_name)),
        *rest,
    )

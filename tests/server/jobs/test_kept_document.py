"""What analysis found is kept without what is as by default, and read as it was."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.contract.messages import DocumentSummary
from everprint.documents.ticket import Ticket, TicketPart
from tests.server.world import pages, summary

pytestmark = pytest.mark.usefixtures("database_template")


def kept(document: DocumentSummary) -> dict[str, object]:
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.record import note_document

    job = Job()
    note_document(job, document)
    assert job.document is not None
    return dict(job.document)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    copies=st.integers(1, 99),
    reason=st.sampled_from(["", "a guess"]),
    remarks=st.lists(st.sampled_from(["one", "two"])),
    ticket=st.sampled_from([None, Ticket(), replace(Ticket(), copies=3, media="iso_a4_210x297mm")]),
    own=st.sampled_from([None, TicketPart(), TicketPart(copies=2, page_ranges=((1, 2), (4, 4)))]),
    counted=st.booleans(),
)
def test_a_document_is_read_as_it_was_kept(
    copies: int, reason: str, remarks: list[str], ticket: Ticket | None, own: TicketPart | None, counted: bool
) -> None:
    found = summary(pages(copies, 1) if counted else None)
    found = msgspec.structs.replace(found, reason=reason, remarks=remarks, ticket=ticket, settings=own)
    assert msgspec.convert(kept(found), DocumentSummary) == found


def test_what_is_as_by_default_takes_no_room() -> None:
    found = summary(pages(3))
    assert kept(found).keys() == {"language", "confidence", "pages", "output"}
    named = kept(msgspec.structs.replace(found, ticket=Ticket()))
    assert named.keys() == {"language", "confidence", "pages", "output", "ticket"}

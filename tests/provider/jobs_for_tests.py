"""Jobs to keep, and hypothesis strategies that make any of them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from everprint.contract.job_life import JobState
from everprint.contract.messages import DocumentSummary, PageRun
from everprint.documents.result import Confidence, Output, Sides
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.ipp.message import Attribute, collection, enum, integer, keyword, name, range_of_integer
from everprint.ipp.values import IntegerRange
from everprint.provider.by_rules import ByRules
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_password import JobPassword
from everprint.provider.job_uuid import new_job_uuid
from everprint.provider.on_its_way import OnItsWay

NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, UTC)


def a_job(job_id: int = 1, **fields: object) -> Job:
    """An accepted job of one page."""
    given: dict[str, object] = {
        "job_id": job_id,
        "uuid": new_job_uuid(),
        "queue": "office",
        "owner": Owner("anna", True, "192.0.2.1"),
        "job_name": "report",
        "attributes": (keyword("sides", "one-sided"),),
        "ticket": Ticket(),
        "created_at": NOW,
        "state": JobState.ACCEPTED,
        "document": Document("application/pdf", 1234, "report.pdf"),
    }
    return Job(**{**given, **fields})  # type: ignore[arg-type] # fields by name, checked by use


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone
counts = st.integers(0, 2**31 - 1)
sides = st.builds(Sides, media=texts, colour=st.booleans(), two_sided=st.booleans(), impressions=counts)
outputs = st.builds(Output, sheets=counts, sides=st.lists(sides, max_size=3).map(tuple))
page_runs = st.builds(
    PageRun,
    first=counts,
    last=counts,
    width_mm=st.floats(1, 1000),
    height_mm=st.floats(1, 1000),
    media=texts,
    colour=st.booleans(),
    blank=st.booleans(),
)
findings = st.builds(
    DocumentSummary,
    language=texts,
    confidence=st.sampled_from(Confidence),
    pages=counts,
    output=st.none() | outputs,
    page_runs=st.lists(page_runs, max_size=3),
    reason=texts,
    remarks=st.lists(texts, max_size=2),
)
attributes = st.lists(
    st.sampled_from(
        [
            integer("copies", 3),
            enum("finishings", 3, 4),
            keyword("media", "iso_a4_210x297mm"),
            name("output-bin", "Fach ü"),
            range_of_integer("page-ranges", IntegerRange(1, 3), IntegerRange(7, 9)),
            collection("media-col", (keyword("media-type", "stationery"), integer("media-top-margin", 0))),
        ]
    ),
    unique_by=lambda attribute: attribute.name,
).map(tuple)
tickets = st.builds(
    Ticket,
    copies=st.integers(1, 999),
    sides=st.sampled_from(SidesKeyword),
    number_up=st.integers(1, 16),
    page_ranges=st.lists(st.tuples(counts, counts), max_size=3).map(tuple),
    print_color_mode=texts,
    media=st.none() | texts,
    collated=st.booleans(),
)
jobs = st.builds(
    Job,
    job_id=st.integers(1, 2**31 - 1),
    uuid=st.uuids().map(str),
    queue=texts,
    owner=st.builds(Owner, user_name=texts, authenticated=st.booleans(), client_address=texts),
    job_name=texts,
    attributes=attributes,
    ticket=tickets,
    created_at=moments,
    state=st.sampled_from(JobState),
    document=st.none() | st.builds(Document, document_format=texts, octets=counts, document_name=texts),
    attempt=st.integers(1, 1000),
    hold_wanted=st.booleans(),
    findings=st.none() | findings,
    device_uri=st.none() | texts,
    device_job_id=st.none() | counts,
    cancelled_by=st.none() | texts,
    in_doubt=st.booleans(),
    job_password=st.none() | st.builds(JobPassword, texts, st.binary(max_size=16), st.binary(max_size=64), counts),
    job_state_reasons=st.lists(texts, max_size=3).map(tuple),
    job_state_message=texts,
    processing_at=st.none() | moments,
    completed_at=st.none() | moments,
    cups=st.none()
    | st.builds(
        CupsJob,
        job_id=counts,
        job_uuid=texts,
        document=counts,
        options=texts,
        pass_at=texts,
        repeats=counts,
        run=texts,
        held=st.booleans(),
        closed=st.booleans(),
    ),
    output=st.none() | outputs,
    first_queue=texts,
    job_id_unique=st.booleans(),
    by_rules=st.builds(
        ByRules,
        forced=st.sampled_from([(), ("grey",), ("grey", "two-sided")]),
        held_by=counts,
        let_go=st.just(()) | st.tuples(counts),
        sent_back=counts,
    ),
    moving=st.none()
    | st.builds(
        OnItsWay,
        hand_over=texts,
        queue=texts,
        by=texts,
        given_at=moments,
        was=st.sampled_from(JobState),
        reasons=st.lists(texts, max_size=3).map(tuple),
        hold_after=st.booleans(),
    ),
)

__all__ = ["Attribute", "a_job", "jobs"]
